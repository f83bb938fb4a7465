/** Balance algorithms, cookies and stick tables: which server answers a client, and what the cookie looks like. */
import {waitFor} from '../lab/wait.ts';
import {type Asked, ask, forwarded, headerOf, serverOf} from './client.ts';
import type {Case, Group, Run} from './harness.ts';
import {web} from './web-case.ts';

const TWO = `
listen NAME
    bind 127.0.0.1:PORT
    LINE
    server s1 127.0.0.1:S1 cookie a
    server s2 127.0.0.1:S2 cookie b
`;
/** The servers that answer these requests, one after the other. */
const order =
	(...asked: readonly Asked[]) =>
	async ({port}: Run) => {
		const names: string[] = [];
		for (const one of asked) names.push(serverOf(await ask(port, one)));
		return names.join(' ');
	};
const times = (count: number, asked: Asked = {}) => Array.from({length: count}, () => asked);
/** `same` when all of one kind reach one server and not all kinds the same, `mixed` otherwise. */
const sticks =
	(kinds: readonly Asked[]) =>
	async ({port}: Run) => {
		const all = new Set<string>();
		for (const kind of kinds) {
			const seen = new Set<string>();
			for (const one of times(3, kind)) seen.add(serverOf(await ask(port, one)));
			if (seen.size > 1) return 'mixed';
			for (const name of seen) all.add(name);
		}
		return all.size > 1 ? 'same' : 'one';
	};
const paths = 'abcdefgh'.split('').map(letter => ({path: `/${letter}`}));
const queries = 'abcdefgh'.split('').map(letter => ({path: `/?id=${letter}`}));
const hosts = 'abcdefgh'.split('').map(letter => ({headers: [`X-Key: ${letter}`]}));
const clients = [1, 2, 3, 4, 5, 6, 7, 8].map(number => ({from: `127.0.0.${number}`}));
const WEIGHTED = TWO.replace('cookie a', 'cookie a weight 2');
/** Who answers twice while a first request is under way on s1. */
const beside = async (run: Run) => {
	const first = ask(run.port, {path: '/never', withinMs: 3000});
	await waitFor('a session on s1', async () => (await run.cell(run.name, 's1', 'scur')) === '1');
	const names = await order({}, {})(run);
	await first;
	return names;
};
const balance: Case[] = [
	web('balance algorithm|balance leastconn', 'balance leastconn', beside, 's2 s2', 's2 s1', 'balance roundrobin', TWO),
	web(
		'balance algorithm|balance roundrobin, proxy|balance',
		'balance roundrobin',
		sticks(clients),
		'mixed',
		'same',
		'balance source',
		TWO,
	),
	web(
		'balance algorithm|balance static-rr',
		'balance static-rr',
		order(...times(6)),
		/^(?=(?:.*s1){4})(?=(?:.*s2){2})/,
		/^(s1 s1 s1 s1 s1 s1|s2 s2 s2 s2 s2 s2)$/,
		'balance source',
		WEIGHTED,
	),
	web('balance algorithm|balance source', 'balance source', sticks(clients), 'same', 'mixed', '', TWO),
	web('balance algorithm|balance uri', 'balance uri', sticks(paths), 'same', 'mixed', '', TWO),
	web('balance algorithm|balance url_param', 'balance url_param id', sticks(queries), 'same', 'mixed', '', TWO),
	web('balance algorithm|balance hdr(<name>)', 'balance hdr(x-key)', sticks(hosts), 'same', 'mixed', '', TWO),
];

const cookieOf = async ({port}: Run, asked: Asked = {}) => headerOf(await ask(port, asked), 'set-cookie');
const WITH = {headers: ['Cookie: X=b']};
const I = 'cookie X insert';
const cookies: Case[] = [
	web('proxy|cookie', 'cookie X', order(WITH, WITH, WITH), 's2 s2 s2', 's1 s2 s1', '', TWO),
	web('cookie option|cookie ... insert', I, run => cookieOf(run), 'X=a; path=/', '-', 'cookie X', TWO),
	web(
		'cookie option|cookie ... rewrite',
		'cookie X rewrite',
		run => cookieOf(run, {path: '/cookie/X=old'}),
		/^X=[ab]/,
		'X=old',
		'cookie X',
		TWO,
	),
	web(
		'cookie option|cookie ... prefix',
		'cookie X prefix',
		run => cookieOf(run, {path: '/cookie/X=old'}),
		/^X=[ab]~old/,
		'X=old',
		'cookie X',
		TWO,
	),
	web(
		'cookie option|cookie ... indirect',
		`${I} indirect`,
		async ({port}) => forwarded(await ask(port, WITH), 'cookie'),
		'-',
		'X=b',
		I,
		TWO,
	),
	web(
		'cookie option|cookie ... nocache',
		`${I} nocache`,
		async ({port}) => headerOf(await ask(port, {path: '/head/ETag/x'}), 'cache-control'),
		'private',
		'-',
		I,
		TWO,
	),
	web('cookie option|cookie ... postonly', `${I} postonly`, run => cookieOf(run), '-', 'X=a; path=/', I, TWO),
	web(
		'cookie option|cookie ... httponly',
		`${I} httponly`,
		run => cookieOf(run),
		'X=a; path=/; HttpOnly',
		'X=a; path=/',
		I,
		TWO,
	),
	web(
		'cookie option|cookie ... secure',
		`${I} secure`,
		run => cookieOf(run),
		'X=a; path=/; Secure',
		'X=a; path=/',
		I,
		TWO,
	),
	web(
		'cookie option|cookie ... domain',
		`${I} domain .x.org`,
		run => cookieOf(run),
		/domain=\.x\.org/,
		'X=a; path=/',
		I,
		TWO,
	),
	web(
		'server option|cookie',
		'server s3 127.0.0.1:S3 cookie z',
		order({headers: ['Cookie: X=z']}, {headers: ['Cookie: X=z']}),
		's3 s3',
		/^s1 s2$/,
		'server s3 127.0.0.1:S3 cookie y backup',
		`${TWO.replace('LINE', 'cookie X')}    LINE\n`,
	),
	web(
		'proxy|ignore-persist',
		'ignore-persist if { path /i }',
		order(...times(3, {...WITH, path: '/i'})),
		's1 s2 s1',
		's2 s2 s2',
		'',
		TWO.replace('LINE', 'cookie X\n LINE'),
	),
	web(
		'proxy|force-persist',
		'force-persist if { path /f }',
		order({headers: ['Cookie: X=z'], path: '/f'}),
		's3',
		/^s[12]$/,
		'',
		`${TWO.replace('LINE', 'cookie X\n option redispatch\n LINE')}    server s3 127.0.0.1:S3 cookie z disabled\n`,
	),
];

const TABLE = 'stick-table type ip size 100';
const STICKY = TWO.replace('LINE', `${TABLE}\n    LINE`);
const stick: Case[] = [
	web(
		'syntax|size suffix',
		'stick-table type ip size 1k',
		({command, name}) => command(`show table ${name}`),
		/size:1024/,
		/size:1000/,
		'stick-table type ip size 1000',
		TWO,
	),
	web(
		'proxy|stick on, stick pattern fetch|src',
		'stick on src',
		order(...times(3)),
		's1 s1 s1',
		's1 s2 s1',
		'',
		STICKY,
	),
	web(
		'proxy|stick-table, proxy|stick-table type ip',
		`${TABLE}\n stick on src`,
		async ({command, name, port}) => {
			await ask(port);
			return (await command(`show table ${name}`)).replaceAll('\n', ' ');
		},
		/type: ip, size:100, used:1 .*key=127\.0\.0\.1/,
		/^(?!.*key=)/,
		'',
		TWO,
	),
	web(
		'proxy|stick match',
		'stick match src',
		order(...times(3, {path: '/s'}), ...times(3)),
		's1 s1 s1 s1 s1 s1',
		's1 s2 s1 s2 s1 s2',
		'',
		STICKY.replace('LINE', 'stick store-request src\n    LINE'),
	),
	web(
		'proxy|stick store-request',
		'stick store-request src',
		order(...times(3)),
		's1 s1 s1',
		's1 s2 s1',
		'',
		STICKY.replace('LINE', 'stick match src\n    LINE'),
	),
	web(
		'stick pattern fetch|hdr(<name>)',
		'stick on hdr(x-ip)',
		order(...times(2, {headers: ['X-IP: 192.0.2.1']}), ...times(2, {headers: ['X-IP: 192.0.2.2']})),
		's1 s1 s2 s2',
		's1 s2 s1 s2',
		'',
		STICKY,
	),
];

export const persistenceGroup: Group = {name: 'persistence', cases: [...balance, ...cookies, ...stick]};
