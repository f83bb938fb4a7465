/**
 * `takeover …` lines: what makes the network deliver the virtual addresses to their master, besides the master's own word.
 *
 * Decides which options a driver has and what each may hold; the table below is all there is to know of a provider here. Leaves
 * questions between lines to `validate-takeover.ts`, files and programs to the daemon, the providers to the drivers.
 */
import {addressFamily, isLoopback} from '../addresses.ts';
import {
	AWS_METADATA_URL,
	BIRD_CONTROL,
	DIGITALOCEAN_API,
	DRIVER_EXEC_TIMEOUT_MAX_MS,
	DRIVER_EXEC_TIMEOUT_MS,
	DRIVER_EXEC_USER,
	HETZNER_CLOUD_API,
} from '../defaults.ts';
import type {PairDraft} from '../drafts.ts';
import {PAIR, type PairKeyword, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {Position, ProviderDriver, TakeoverDriver} from '../model.ts';
import {readDurationMs, readName, readText} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';
import {readArgv} from './hooks.ts';
import {readAbsolutePath} from './pair.ts';

/** `member`: a node and its machine at the provider, once for each node. `target`: what moves, any number. The rest once. */
type OptionKind = 'path' | 'url' | 'text' | 'member' | 'target';

interface Option {
	readonly kind: OptionKind;
	readonly required?: boolean;
	/** What the last word must look like, and an example. */
	readonly pattern?: RegExp;
	readonly example?: string;
}

type Options = Readonly<Record<string, Option>>;

const NUMBER = {pattern: /^[1-9]\d{0,18}$/, example: '4711'};
const UUID = {
	pattern: /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i,
	example: '2f245a7b-796b-4f26-9cf9-9e82d248fda7',
};

const HETZNER_CLOUD: Options = {
	'token-file': {kind: 'path', required: true},
	server: {kind: 'member', ...NUMBER},
	'floating-ip': {kind: 'target', pattern: /^(?:[1-9]\d{0,18}|[0-9a-fA-F.:]+)$/, example: '203.0.113.7 or its id'},
	api: {kind: 'url'},
};

const DIGITALOCEAN: Options = {
	'token-file': {kind: 'path', required: true},
	droplet: {kind: 'member', ...NUMBER},
	'reserved-ip': {kind: 'target', pattern: /^[0-9.]+$/, example: '203.0.113.7'},
	api: {kind: 'url'},
};

const OPENSTACK: Options = {
	'auth-url': {kind: 'url', required: true},
	credential: {kind: 'text', required: true, ...UUID},
	'secret-file': {kind: 'path', required: true},
	port: {kind: 'member', ...UUID},
	'floating-ip': {kind: 'target', ...UUID},
	region: {kind: 'text', pattern: /^[\w.-]{1,64}$/, example: 'RegionOne'},
	'network-url': {kind: 'url'},
};

const AWS: Options = {
	region: {kind: 'text', required: true, pattern: /^[a-z]{2,}(?:-[a-z]+)+-\d+$/, example: 'eu-central-1'},
	'network-interface': {kind: 'member', pattern: /^eni-[0-9a-f]{8,17}$/, example: 'eni-0123456789abcdef0'},
	allocation: {kind: 'target', pattern: /^eipalloc-[0-9a-f]{8,17}$/, example: 'eipalloc-0123456789abcdef0'},
	'credentials-file': {kind: 'path'},
	api: {kind: 'url'},
	metadata: {kind: 'url'},
};

const BGP: Options = {file: {kind: 'path', required: true}, control: {kind: 'path'}};

/** What the words of a line said. */
interface Said {
	readonly values: ReadonlyMap<string, string>;
	readonly members: readonly {readonly node: string; readonly id: string}[];
	readonly targets: readonly string[];
}

function readOptions(cursor: LineCursor, options: Options): Said | undefined {
	const values = new Map<string, string>();
	const members: {node: string; id: string}[] = [];
	const targets: string[] = [];
	let complete = true;
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		const name = word.text;
		const option = Object.hasOwn(options, name) ? options[name] : undefined;
		if (option === undefined) {
			const names = Object.keys(options);
			cursor.error(
				word,
				`'${name}' is not an option of this driver`,
				didYouMean(name, names) ?? `one of ${names.join(', ')}`,
			);
			cursor.rest();
			return undefined;
		}
		const node = option.kind === 'member' ? readName(cursor, `the node after '${name}'`)?.text : '';
		const value = node === undefined ? undefined : readValue(cursor, name, option);
		if (node === undefined || value === undefined) complete = false;
		else if (option.kind === 'member') members.push({node, id: value});
		else if (option.kind === 'target') targets.push(value);
		else if (values.has(name)) {
			cursor.error(word, `'${name}' stands here twice`, 'leave one of them out');
			complete = false;
		} else values.set(name, value);
	}
	const missing = Object.entries(options).find(([name, {required}]) => required === true && !values.has(name))?.[0];
	if (!complete) return undefined;
	if (missing === undefined) return {values, members, targets};
	cursor.error(cursor.line.words[1], `this driver needs '${missing}'`, `add ${missing} ${formOf(options[missing]!)}`);
	return undefined;
}

function formOf({kind, example}: Option): string {
	if (kind === 'path') return 'PATH';
	return kind === 'url' ? 'URL' : (example ?? 'VALUE');
}

function readValue(cursor: LineCursor, name: string, option: Option): string | undefined {
	if (option.kind === 'path') return readAbsolutePath(cursor, `the value of '${name}'`);
	if (option.kind === 'url') return readServiceUrl(cursor, name);
	const value = readText(cursor, `the value of '${name}'`, option.example);
	if (value === undefined || option.pattern?.test(value) !== false) return value;
	cursor.error(cursor.previous(), `${name}: '${value}' does not look like one`, `such as ${option.example}`);
	return undefined;
}

/** A base address without its last slash. A token must not travel in the clear, but a test's provider is on this machine. */
function readServiceUrl(cursor: LineCursor, name: string): string | undefined {
	const text = readText(cursor, `the value of '${name}'`, 'such as https://api.example.com/v1');
	if (text === undefined) return undefined;
	const url = URL.canParse(text) ? new URL(text) : undefined;
	const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
	const isLocal = addressFamily(host) !== undefined && (isLoopback(host) || isLinkLocal(host));
	const isPlain = url !== undefined && url.username === '' && url.search === '' && url.hash === '';
	if (isPlain && (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal))) return text.replace(/\/+$/, '');
	cursor.error(
		cursor.previous(),
		`${name}: '${text}' is not an https URL`,
		'such as https://api.example.com/v1; http only to this machine and to link-local addresses',
	);
	return undefined;
}

function isLinkLocal(address: string): boolean {
	return address.startsWith('169.254.') || /^fe80:|^fd00:ec2:/i.test(address);
}

function readProvider(
	options: Options,
	build: (said: Said, get: (name: string) => string, position: Position) => TakeoverDriver,
): PairKeyword['read'] {
	return ({draft, cursor}) => {
		const place = cursor.place(cursor.line.words[1]);
		const {file, line, column} = place;
		const said = readOptions(cursor, options);
		const driver = said && build(said, name => said.values.get(name) ?? '', {file, line, column});
		draft.drivers.push({place, ...(driver === undefined ? {} : {driver})});
	};
}

/** Only what was said: an absent option is an absent member. */
function optional<Key extends string>({values}: Said, key: Key, name: string): {readonly [K in Key]?: string} {
	const value = values.get(name);
	return (value === undefined ? {} : {[key]: value}) as {readonly [K in Key]?: string};
}

function readExec({draft, cursor}: Statement<PairDraft>): void {
	const place = cursor.place(cursor.line.words[1]);
	const {file, line, column} = place;
	let user: string | undefined = DRIVER_EXEC_USER;
	let timeoutMs: number | undefined = DRIVER_EXEC_TIMEOUT_MS;
	for (let word = cursor.peek(); word?.text === 'user' || word?.text === 'timeout'; word = cursor.peek()) {
		cursor.next();
		if (word.text === 'user') user = readName(cursor, 'the user')?.text;
		else timeoutMs = readDurationMs(cursor, 'timeout', {minMs: 100, maxMs: DRIVER_EXEC_TIMEOUT_MAX_MS});
	}
	const argv = readArgv(cursor);
	const driver =
		argv === undefined || user === undefined || timeoutMs === undefined
			? undefined
			: ({kind: 'exec', argv, user, timeoutMs, position: {file, line, column}} as const);
	draft.drivers.push({place, ...(driver === undefined ? {} : {driver})});
}

function row(kind: string, args: string, summary: string, read: PairKeyword['read']): PairKeyword {
	const syntax = `takeover ${kind}${args === '' ? '' : ` ${args}`}`;
	return {scope: 'pair', name: `takeover ${kind}`, sections: PAIR, syntax, summary, read};
}

function base(said: Said): Pick<ProviderDriver, 'members' | 'targets'> {
	return {members: said.members, targets: said.targets};
}

export const takeoverKeywords: readonly PairKeyword[] = [
	row('ip', '', 'The master announces its addresses to the network by itself; every pair does that.', ({cursor}) => {
		cursor.finish('the addresses are said with virtual-ip');
	}),
	row(
		'exec',
		'[user NAME] [timeout TIME] PATH ARGS…',
		'A program moves the addresses: it is called with `read`, `assign` or `release`.',
		readExec,
	),
	row(
		'hetzner-cloud',
		'token-file PATH server NODE ID server NODE ID [floating-ip ADDRESS|ID]… [api URL]',
		'Floating IPs of Hetzner Cloud.',
		readProvider(HETZNER_CLOUD, (said, get, position) => ({
			kind: 'hetzner-cloud',
			...base(said),
			tokenFile: get('token-file'),
			api: get('api') || HETZNER_CLOUD_API,
			position,
		})),
	),
	row(
		'digitalocean',
		'token-file PATH droplet NODE ID droplet NODE ID [reserved-ip ADDRESS]… [api URL]',
		'Reserved IPs of DigitalOcean.',
		readProvider(DIGITALOCEAN, (said, get, position) => ({
			kind: 'digitalocean',
			...base(said),
			tokenFile: get('token-file'),
			api: get('api') || DIGITALOCEAN_API,
			position,
		})),
	),
	row(
		'openstack',
		'auth-url URL credential ID secret-file PATH port NODE ID port NODE ID [floating-ip ID]… [region NAME] [network-url URL]',
		'Allowed address pairs of two ports, or floating IPs of OpenStack.',
		readProvider(OPENSTACK, (said, get, position) => ({
			kind: 'openstack',
			...base(said),
			authUrl: get('auth-url'),
			credential: get('credential'),
			secretFile: get('secret-file'),
			...optional(said, 'region', 'region'),
			...optional(said, 'networkUrl', 'network-url'),
			position,
		})),
	),
	row(
		'aws',
		'region NAME network-interface NODE ID network-interface NODE ID [allocation ID]… [credentials-file PATH] [api URL] [metadata URL]',
		'Secondary private addresses, or elastic IPs of AWS.',
		readProvider(AWS, (said, get, position) => ({
			kind: 'aws',
			...base(said),
			region: get('region'),
			...optional(said, 'credentialsFile', 'credentials-file'),
			api: get('api') || `https://ec2.${get('region')}.amazonaws.com`,
			metadata: get('metadata') || AWS_METADATA_URL,
			position,
		})),
	),
	row(
		'bgp',
		'file PATH [control PATH]',
		'BIRD 2 announces the addresses as host routes.',
		readProvider(BGP, (_, get, position) => ({
			kind: 'bgp',
			file: get('file'),
			control: get('control') || BIRD_CONTROL,
			position,
		})),
	),
];
