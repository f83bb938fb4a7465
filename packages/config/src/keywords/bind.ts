/**
 * `bind` lines, and the addresses that 1.4 allowed on `listen` and `frontend` lines.
 *
 * Decides which sockets a frontend opens: lists, port ranges, IPv6, unix paths, inherited descriptors. HAProxy manual, `bind`.
 */
import {isInterfaceName} from '../addresses.ts';
import {MAX_BINDS} from '../defaults.ts';
import type {Mutable, ProxyDraft} from '../drafts.ts';
import {FL, notSupported, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {Bind, SocketAddress} from '../model.ts';
import {readInteger, readText} from '../readers.ts';
import {checkHost, foreignAddressKind, splitHostPort, UNIX_PATH_MAX_BYTES, unixPath} from '../socket-addresses.ts';
import {didYouMean} from '../suggestions.ts';
import {byteLength} from '../text.ts';
import {readSocketOwner} from './socket-owner.ts';

interface BoundAddress {
	readonly address: SocketAddress;
	readonly text: string;
}

/** `ADDR:PORT[-PORT]`, comma separated. Undefined after an error. */
export function readBindAddresses(
	cursor: LineCursor,
	word: Word,
	unixPrefix = '',
): readonly BoundAddress[] | undefined {
	const addresses: BoundAddress[] = [];
	let offset = 0;
	for (const text of word.text.split(',')) {
		const part = readOneAddress(cursor, word, text, offset, unixPrefix);
		if (part === undefined) return undefined;
		addresses.push(...part);
		offset += text.length + 1;
	}
	return addresses;
}

function readOneAddress(
	cursor: LineCursor,
	word: Word,
	text: string,
	offset: number,
	unixPrefix: string,
): readonly BoundAddress[] | undefined {
	const refuse = (message: string, hint: string, at = 0, length = text.length) => {
		cursor.reporter.error(cursor.partPlace(word, offset + at, length), message, hint);
		return undefined;
	};
	if (text === '') return refuse('an address is empty', 'write ADDRESS:PORT, as in *:80', 0, 1);
	const named = unixPath(text);
	if (named !== undefined) {
		const path = unixPrefix + named;
		if (byteLength(path) > UNIX_PATH_MAX_BYTES)
			return refuse('the path is too long', `at most ${UNIX_PATH_MAX_BYTES} bytes`);
		if (!path.startsWith('/')) return refuse(`'${path}' is not an absolute path`, 'write unix@/run/name.sock');
		return [{address: {kind: 'unix', path}, text}];
	}
	if (text.startsWith('fd@')) {
		if (!/^fd@\d{1,6}$/.test(text))
			return refuse(`'${text.slice(3)}' is not a descriptor number`, `write fd@N or "fd@\${NAME}"`);
		return [{address: {kind: 'fd', fd: Number(text.slice(3))}, text}];
	}
	const foreign = foreignAddressKind(text);
	if (foreign !== undefined) return refuse(notSupported(`'${foreign}@'`), 'write ADDRESS:PORT, unix@PATH or fd@N');
	const {host, port, portOffset} = splitHostPort(text);
	if (port === undefined || port === '') return refuse(`'${text}' has no port`, `write ${text.replace(/:$/, '')}:80`);
	const literal = host === '' || host === '*' ? '0.0.0.0' : host;
	const problem = checkHost(literal);
	if (problem !== undefined) return refuse(problem.message, problem.hint, 0, portOffset - 1);
	const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(port);
	const first = Number(range?.[1]);
	const last = Number(range?.[2] ?? range?.[1]);
	if (range === null || first < 1 || last > 65_535) {
		return refuse(
			`'${port}' is not a port`,
			'a number from 1 to 65535, or a range such as 8000-8009',
			portOffset,
			port.length,
		);
	}
	if (last < first)
		return refuse(`the range ${port} runs backwards`, `write ${last}-${first}`, portOffset, port.length);
	if (last - first >= MAX_BINDS)
		return refuse(`the range ${port} is too long`, `at most ${MAX_BINDS} ports`, portOffset, port.length);
	const prefix = text.slice(0, portOffset);
	return Array.from({length: last - first + 1}, (_, index) => ({
		address: {kind: 'ip', host: literal, port: first + index},
		text: `${prefix}${first + index}`,
	}));
}

type BindOptions = Partial<Mutable<Bind>>;

/** Bind options with a value that change nothing here, and why. */
const INEFFECTIVE: Readonly<Record<string, {readonly values: number; readonly reason: string}>> = {
	'defer-accept': {
		values: 0,
		reason: 'the kernel hands connections over at once; `timeout http-request` bounds the wait',
	},
	mss: {values: 1, reason: 'the segment size is left to the kernel'},
	tfo: {values: 0, reason: 'TCP Fast Open is left to the kernel'},
	nice: {values: 1, reason: 'all connections have the same priority'},
	process: {values: 1, reason: 'there is one process; its threads share every address'},
	thread: {values: 1, reason: 'all threads share every address'},
	shards: {values: 1, reason: 'every thread already has its own socket'},
	maxconn: {values: 1, reason: "the frontend's `maxconn` limits all its addresses together"},
	backlog: {values: 1, reason: "the frontend's `backlog` line holds for all its addresses"},
	user: {values: 1, reason: 'the socket belongs to the user of the proxy process'},
	group: {values: 1, reason: 'the socket belongs to the group of the proxy process'},
	uid: {values: 1, reason: 'the socket belongs to the user of the proxy process'},
	gid: {values: 1, reason: 'the socket belongs to the group of the proxy process'},
	level: {values: 1, reason: 'it is meant for `stats socket`'},
};
const LATER =
	'ssl crt crt-list ca-file ciphers ciphersuites alpn verify no-sslv3 no-tlsv10 no-tlsv11 accept-netscaler-cip proto namespace expose-fd severity-output tcp-ut strict-sni curves ecdhe npn ssl-min-ver ssl-max-ver'.split(
		' ',
	);
const KNOWN = [
	'name',
	'accept-proxy',
	'id',
	'interface',
	'mode',
	'transparent',
	'v6only',
	'v4v6',
	...Object.keys(INEFFECTIVE),
];

function readBindOptions(cursor: LineCursor): BindOptions {
	const options: BindOptions = {};
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		const {text} = word;
		const ineffective = Object.hasOwn(INEFFECTIVE, text) ? INEFFECTIVE[text] : undefined;
		if (text === 'transparent') options.transparent = true;
		else if (text === 'accept-proxy') options.acceptProxy = true;
		else if (text === 'v6only') options.v6only = true;
		else if (text === 'v4v6') options.v6only = false;
		else if (text === 'name') {
			const name = readText(cursor, 'the name');
			if (name !== undefined) options.name = name;
		} else if (text === 'id') {
			const id = readInteger(cursor, 'id', 1, 2_147_483_647);
			if (id !== undefined) options.id = id;
		} else if (text === 'interface') readInterface(cursor, options);
		else if (text === 'mode') readSocketOwner(cursor, text, options);
		else if (ineffective !== undefined) {
			for (let value = 0; value < ineffective.values; value += 1) cursor.require(`the value of '${text}'`);
			cursor.reporter.notice(cursor.place(word), `'${text}' has no effect: ${ineffective.reason}`);
		} else {
			const known = LATER.includes(text);
			const message = known ? notSupported(`bind option '${text}'`) : `'${text}' is not a bind option`;
			cursor.error(word, message, known ? undefined : didYouMean(text, KNOWN));
			// What follows may be its value: to read it as an option would only make noise.
			cursor.rest();
		}
	}
	return options;
}

function readInterface(cursor: LineCursor, options: BindOptions): void {
	const name = cursor.require('the interface', 'such as interface eth0');
	if (name === undefined) return;
	if (isInterfaceName(name.text)) {
		options.interface = name.text;
		const message = `'interface' has no effect here: connections to this address are taken from every interface`;
		cursor.reporter.warn(cursor.place(name), message, `bind the address of ${name.text} instead`);
	} else cursor.error(name, `'${name.text}' is not an interface name`, 'such as eth0; at most 15 characters');
}

/** Adds the sockets of one address word and its options to a frontend. */
export function addBinds(draft: ProxyDraft, cursor: LineCursor, word: Word): void {
	const {unix} = draft.budget;
	const addresses = readBindAddresses(cursor, word, unix?.prefix);
	const {v6only = false, transparent = false, ...options} = readBindOptions(cursor);
	if (addresses === undefined) {
		draft.bindRefused = true;
		return;
	}
	draft.budget.binds += addresses.length;
	if (draft.budget.binds > MAX_BINDS) {
		draft.bindRefused = true;
		cursor.error(word, `there are more than ${MAX_BINDS} addresses in all`, 'use fewer or shorter port ranges');
		return;
	}
	const {file, line, column} = cursor.place(word);
	const position = {file, line, column};
	for (const {address, text} of addresses) {
		const common = address.kind === 'unix' && unix?.mode !== undefined ? {mode: unix.mode} : {};
		draft.binds.push({address, text, v6only, transparent, position, ...common, ...options});
	}
}

function readBind({draft, cursor}: Statement<ProxyDraft>): void {
	const word = cursor.require('the address', 'bind ADDRESS:PORT, as in bind *:80');
	if (word === undefined) draft.bindRefused = true;
	else addBinds(draft, cursor, word);
}

export const bindKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'bind',
		sections: FL,
		syntax:
			'bind [ADDRESS]:PORT[-PORT][,…] | unix@PATH | fd@N  [name TEXT] [id N] [interface IF] [transparent] [accept-proxy] [v6only|v4v6] [mode OCTAL]',
		summary: 'Where the frontend listens.',
		read: readBind,
	},
];
