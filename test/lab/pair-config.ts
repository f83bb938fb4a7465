/**
 * The configuration that a lab runs: the founding article's file, a third web server and a pair section.
 *
 * The article's lines stay as they are, except that `user` and `group` name accounts that this machine has, or are left
 * out where no other account can be taken (inside a user namespace).
 */
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {addressOf, bindOf, type Family, virtualAddresses} from './families.ts';
import {addresses} from './network.ts';

const articlePath = fileURLToPath(new URL('../../deploy/examples/article.cfg', import.meta.url));

export interface PairOptions {
	readonly secretFile: string;
	/** What follows `advertise`: `200ms`, `fast`, … */
	readonly advertise?: string;
	/** Further lines of the pair section. */
	readonly lines?: readonly string[];
	/** A witness runs beside the client. */
	readonly witness?: boolean;
	/** Further lines of the `global` section. */
	readonly globalLines?: readonly string[];
	/** `check inter` of all servers, milliseconds; the article's 2000 unless given. */
	readonly interMs?: number;
	readonly name?: string;
	/** Each daemon has a program of its own, for `hapair upgrade`. */
	readonly upgrades?: boolean;
	/** IPv4 unless given. */
	readonly family?: Family;
	/** Further lines at the end of the proxies' part. */
	readonly proxyLines?: readonly string[];
}

/** The whole text for both nodes. */
export function pairConfig(options: PairOptions): string {
	const article = moveTo(options.family ?? 'ipv4', readFileSync(articlePath, 'utf8'));
	const third = `server web3 ${addressOf(options.family ?? 'ipv4', 'web3')}:80 check cookie web3 inter 2000 rise 2 fall 3`;
	const global = ['global', ...(options.globalLines ?? [])].join('\n');
	const more = (options.proxyLines ?? []).map(line => `${line}\n`).join('');
	const text = `${adaptAccounts(article).trimEnd()}\n${third}\n${more}`
		.replace(/^global$/m, global)
		.replaceAll('inter 2000', `inter ${options.interMs ?? 2000}`);
	return `${text}${pairSection(options).join('\n')}\n`;
}

/** The article knows IPv4 only. */
function moveTo(family: Family, article: string): string {
	const servers = (['web1', 'web2'] as const).reduce((text, role) => {
		return text.replaceAll(`${addresses[role]}:80`, `${addressOf(family, role)}:80`);
	}, article);
	return servers.replace('bind *:80', `bind ${bindOf(family)}`);
}

function pairSection(options: PairOptions): string[] {
	const family = options.family ?? 'ipv4';
	return [
		`pair ${options.name ?? 'lab'}`,
		`    node lb1 ${addressOf(family, 'lb1')} priority 150`,
		`    node lb2 ${addressOf(family, 'lb2')} priority 100`,
		...virtualAddresses(family).map(address => `    virtual-ip ${address} dev eth0`),
		`    advertise ${options.advertise ?? '200ms'}`,
		`    secret file ${options.secretFile}`,
		'    start-delay 1s',
		...(options.witness === true ? [`    witness ${addressOf(family, 'client')}`] : []),
		...(options.lines ?? []).map(line => `    ${line}`),
	];
}

function adaptAccounts(text: string): string {
	// Only one account exists inside a user namespace: the one that made it.
	const oneAccount = !/^\s*0\s+0\s+4294967295$/m.test(readFileSync('/proc/self/uid_map', 'utf8'));
	const lines = text.split('\n').flatMap(line => {
		const [keyword, account] = line.trim().split(/\s+/);
		if (keyword !== 'user' && keyword !== 'group') return [line];
		if (oneAccount) return [];
		return hasAccount(keyword, account ?? '') ? [line] : [`${keyword} ${keyword === 'user' ? 'nobody' : 'nogroup'}`];
	});
	return lines.join('\n');
}

function hasAccount(kind: 'user' | 'group', name: string): boolean {
	const table = readFileSync(kind === 'user' ? '/etc/passwd' : '/etc/group', 'utf8');
	return table.split('\n').some(line => line.startsWith(`${name}:`));
}
