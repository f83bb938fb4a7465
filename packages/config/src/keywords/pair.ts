/**
 * The `pair` section: nodes, addresses, timing, keys, policy.
 *
 * Decides one value a line. Leaves tracks to `tracks.ts`, takeover and hooks to `hooks.ts`, questions between lines to
 * `validate-pair`.
 */
import {
	addressBytes,
	addressFamily,
	clearHostBits,
	type Family,
	formatAddress,
	isInterfaceName,
	isUnicast,
	parsePrefixBits,
	sameAddress,
} from '../addresses.ts';
import {
	ADVERTISE_MAX_MS,
	ADVERTISE_MIN_MS,
	ADVERTISE_PROFILES_MS,
	KEEP_HISTORY_MAX_DAYS,
	NODE_PRIORITY,
	NODE_PRIORITY_MAX,
	PREEMPT_DELAY_MAX_MS,
	START_DELAY_MAX_MS,
	WITNESS_PORT,
} from '../defaults.ts';
import type {PairDraft} from '../drafts.ts';
import {PAIR, type PairKeyword, type Statement} from '../keyword.ts';
import type {Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {VirtualAddress} from '../model.ts';
import {checkDurationMs, readChoice, readDurationMs, readInteger, readName, readText} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';

/** A literal unicast address; undefined after an error. */
export function readUnicast(cursor: LineCursor, what: string): string | undefined {
	const word = cursor.require(what, 'a literal address, such as 10.0.0.11');
	if (word === undefined) return undefined;
	if (addressFamily(word.text) === undefined) {
		cursor.error(word, `${what}: '${word.text}' is not an address`, 'a literal address; names are not resolved here');
	} else if (!isUnicast(word.text)) {
		cursor.error(word, `${what}: '${word.text}' cannot belong to one machine`, 'a unicast address, such as 10.0.0.11');
	} else return word.text;
	return undefined;
}

function readNode({draft, cursor}: Statement<PairDraft>): void {
	const name = readName(cursor, 'the name of the node');
	if (name === undefined) return;
	const place = cursor.place(name);
	const {file, line, column} = place;
	const position = {file, line, column};
	const address = readUnicast(cursor, `the address of node '${name.text}'`);
	let priority: number | undefined = NODE_PRIORITY;
	const option = cursor.next();
	if (option?.text === 'priority') priority = readInteger(cursor, 'priority', 1, NODE_PRIORITY_MAX);
	else if (option !== undefined) {
		const hint = didYouMean(option.text, ['priority']) ?? 'node NAME ADDRESS [priority N]';
		cursor.error(option, `'${option.text}' is not an option of node`, hint);
		cursor.rest();
	}
	cursor.finish('node NAME ADDRESS [priority N]');
	if (address === undefined || priority === undefined) draft.nodes.push({place});
	else draft.nodes.push({place, node: {name: name.text, address, priority, position}});
}

function readVirtualIp({draft, cursor}: Statement<PairDraft>): void {
	const virtual = readVirtualAddress(cursor);
	if (virtual === undefined) draft.virtualAddressRefused = true;
	else draft.virtualAddresses.push(virtual);
}

const VIP_FORM = 'virtual-ip ADDRESS/LENGTH dev INTERFACE';

function readVirtualAddress(cursor: LineCursor): VirtualAddress | undefined {
	const word = cursor.require('the virtual address', VIP_FORM);
	const parsed = word === undefined ? undefined : readPrefix(cursor, word);
	if (word === undefined || parsed === undefined) return undefined;
	const dev = cursor.require("'dev'", VIP_FORM);
	if (dev === undefined) return undefined;
	if (dev.text !== 'dev') {
		cursor.error(dev, `'${dev.text}' is not 'dev'`, VIP_FORM);
		return undefined;
	}
	const name = readInterface(cursor);
	if (name === undefined) return undefined;
	cursor.finish(VIP_FORM);
	const {file, line, column} = cursor.place(word);
	return {...parsed, interface: name, position: {file, line, column}};
}

function readPrefix(
	cursor: LineCursor,
	word: Word,
): Pick<VirtualAddress, 'address' | 'prefixLength' | 'family'> | undefined {
	const slash = word.text.indexOf('/');
	const address = slash < 0 ? word.text : word.text.slice(0, slash);
	const family = addressFamily(address);
	if (family === undefined) {
		cursor.error(word, `the virtual address '${address}' is not an address`, VIP_FORM);
		return undefined;
	}
	if (slash < 0) {
		const length = family === 4 ? 24 : 64;
		cursor.error(
			word,
			`the virtual address '${address}' has no prefix length`,
			`write ${address}/${length}, as on the interface`,
		);
		return undefined;
	}
	const text = word.text.slice(slash + 1);
	const prefixLength = /^\d+$/.test(text) ? parsePrefixBits(text, family) : undefined;
	if (prefixLength === undefined || prefixLength < 1) {
		const place = cursor.partPlace(word, slash + 1, text.length);
		cursor.reporter.error(place, `'${text}' is not a prefix length`, `a number from 1 to ${family === 4 ? 32 : 128}`);
		return undefined;
	}
	const problem = isUnicast(address) ? subnetProblem(address, prefixLength, family) : 'cannot belong to one machine';
	if (problem === undefined) return {address, prefixLength, family};
	cursor.error(
		word,
		`the virtual address ${address}/${prefixLength} ${problem}`,
		'choose a free address of the subnet',
	);
	return undefined;
}

/** The first and, for IPv4, the last address of a subnet are nobody's; /31, /32, /127 and /128 have none such. */
function subnetProblem(address: string, bits: number, family: Family): string | undefined {
	const bytes = addressBytes(address)!;
	if (bits >= bytes.length * 8 - 1) return undefined;
	if (sameAddress(formatAddress(clearHostBits(bytes, bits)), address)) return 'is the address of the subnet itself';
	const inverted = bytes.map(byte => 255 - byte);
	const broadcast = family === 4 && clearHostBits(inverted, bits).every((byte, index) => byte === inverted[index]);
	return broadcast ? 'is the broadcast address of the subnet' : undefined;
}

/** An interface name that no tool can misread; undefined after an error. */
export function readInterface(cursor: LineCursor): string | undefined {
	const word = cursor.require('the interface', 'such as eth0');
	if (word === undefined || isInterfaceName(word.text)) return word?.text;
	cursor.error(word, `'${word.text}' is not an interface name`, 'such as eth0; at most 15 letters, digits and - _ .');
	return undefined;
}

function readAdvertise({draft, cursor}: Statement<PairDraft>): void {
	const profiles = Object.keys(ADVERTISE_PROFILES_MS);
	const word = cursor.require('the interval', `a time such as 200ms, or ${profiles.join(', ')}`);
	if (word === undefined) return;
	if (Object.hasOwn(ADVERTISE_PROFILES_MS, word.text)) draft.advertIntervalMs = ADVERTISE_PROFILES_MS[word.text]!;
	else if (/^\d/.test(word.text)) {
		const ms = checkDurationMs(cursor, word, 'advertise', {minMs: ADVERTISE_MIN_MS, maxMs: ADVERTISE_MAX_MS});
		if (ms !== undefined) draft.advertIntervalMs = ms;
	} else {
		const hint = didYouMean(word.text, profiles) ?? `a time such as 200ms, or ${profiles.join(', ')}`;
		cursor.error(word, `advertise: '${word.text}' is neither a time nor a profile`, hint);
	}
	cursor.finish();
}

/** `secret file PATH`, also after a webhook, where it may be a token: an absolute path; undefined after an error. */
export function readSecretFile(cursor: LineCursor, name = 'secret'): string | undefined {
	const word = cursor.require("'file'", `${name} file PATH`);
	if (word === undefined) return undefined;
	if (word.text !== 'file') {
		cursor.error(
			word,
			`'${word.text}' is not 'file'`,
			`${name} file PATH: ${name === 'secret' ? 'key' : name}s stand in files, never in the configuration`,
		);
		return undefined;
	}
	return readAbsolutePath(cursor, name === 'secret' ? 'the key file' : `the ${name} file`);
}

/** A path from the root, or one that `default-path` makes so; undefined after an error. */
export function readAbsolutePath(cursor: LineCursor, what: string): string | undefined {
	const name = readText(cursor, what, 'a path from the root');
	const path = name === undefined ? undefined : (cursor.line.resolve?.(name) ?? name);
	if (path === undefined || path.startsWith('/')) return path;
	cursor.error(cursor.previous(), `${what} '${path}' is not an absolute path`, 'begin it with /');
	return undefined;
}

function readPreempt({draft, cursor}: Statement<PairDraft>): void {
	const mode = readChoice(cursor, 'preempt', ['off', 'on', 'after']);
	if (mode === undefined) return;
	if (mode === 'after') {
		const delayMs = readDurationMs(cursor, 'preempt after', {maxMs: PREEMPT_DELAY_MAX_MS});
		if (delayMs !== undefined) draft.preempt = {mode, delayMs};
	} else draft.preempt = {mode};
	cursor.finish();
}

function readStartDelay({draft, cursor}: Statement<PairDraft>): void {
	const ms = readDurationMs(cursor, 'start-delay', {maxMs: START_DELAY_MAX_MS});
	if (ms !== undefined) draft.startDelayMs = ms;
	cursor.finish();
}

function readPath({draft, cursor}: Statement<PairDraft>): void {
	const place = cursor.startPlace();
	const first = readUnicast(cursor, "the first node's address");
	if (first === undefined) return;
	const second = readUnicast(cursor, "the second node's address");
	if (second === undefined) return;
	draft.paths.push({addresses: [first, second], place});
	cursor.finish('path ADDRESS ADDRESS, in the order of the node lines');
}

function pair(name: string, args: string, summary: string, read: PairKeyword['read']): PairKeyword {
	return {scope: 'pair', name, sections: PAIR, syntax: `${name} ${args}`, summary, read};
}

const WITNESS_FORM = 'witness ADDRESS[:PORT], such as 10.0.0.13 or [2001:db8::13]:3695';

function readWitness({draft, cursor}: Statement<PairDraft>): void {
	const word = cursor.require('the address of the witness', WITNESS_FORM);
	cursor.finish(WITNESS_FORM);
	if (word === undefined) return;
	const parts = /^(?:\[([^\]]*)\]|([^:]*)|([^[]*:[^[]*:[^[]*))(?::(\d{1,5}))?$/.exec(word.text);
	const host = parts?.[1] ?? parts?.[2] ?? parts?.[3] ?? '';
	const port = parts?.[4] === undefined ? WITNESS_PORT : Number(parts[4]);
	if (addressFamily(host) === undefined || !isUnicast(host)) {
		cursor.error(word, `the witness '${word.text}' is not an address of one machine`, WITNESS_FORM);
	} else if (port < 1 || port > 65_535) cursor.error(word, `${port} is not a port`, WITNESS_FORM);
	else if (draft.witness !== undefined)
		cursor.error(word, 'a pair has one witness, and this is a second', 'take one out');
	else draft.witness = {host, port, place: cursor.place(word)};
}

function readPeerChannel({draft, cursor}: Statement<PairDraft>): void {
	if (cursor.peek()?.text === 'off') {
		cursor.next();
		draft.channelPort = 'off';
	} else {
		const port = readInteger(cursor, 'peer-channel', 1, 65_535);
		if (port !== undefined) draft.channelPort = port;
	}
	cursor.finish();
}

export const pairKeywords: readonly PairKeyword[] = [
	pair('node', 'NAME ADDRESS [priority N]', 'One of the two machines and where the other reaches it.', readNode),
	pair('virtual-ip', 'ADDRESS/LENGTH dev INTERFACE', 'An address that the pair shares.', readVirtualIp),
	pair('advertise', 'TIME|calm|default|fast', 'Time between advertisements.', readAdvertise),
	pair('secret', 'file PATH', 'A file with a key; the first signs, all are accepted.', ({draft, cursor}) => {
		const path = readSecretFile(cursor);
		if (path === undefined) draft.secretRefused = true;
		else if (draft.secretFiles.includes(path)) cursor.error(cursor.previous(), `the key file '${path}' is named twice`);
		else draft.secretFiles.push(path);
		cursor.finish();
	}),
	pair('path', 'ADDRESS ADDRESS', 'A further way for advertisements: one address of each node.', readPath),
	pair('port', 'N', 'UDP port of the advertisements.', ({draft, cursor}) => {
		const port = readInteger(cursor, 'port', 1, 65_535);
		if (port !== undefined) draft.port = port;
		cursor.finish();
	}),
	pair('peer-channel', 'PORT|off', "TCP port for what the nodes' daemons tell each other.", readPeerChannel),
	pair('preempt', 'off|on|after TIME', 'Whether a preferred node takes the address back.', readPreempt),
	pair('on isolation', 'claim|hold', 'What a node does when its peer is silent on every path.', ({draft, cursor}) => {
		const policy = readChoice(cursor, 'on isolation', ['claim', 'hold']);
		if (policy !== undefined) {
			draft.onIsolation = policy;
			draft.onIsolationPlace = cursor.startPlace();
		}
		cursor.finish();
	}),
	pair(
		'second-chance',
		'on|off',
		'Whether open connections live on at the old master after a planned failover; on, where both kernels can do it.',
		({draft, cursor}) => {
			const place = cursor.startPlace();
			const choice = readChoice(cursor, 'second-chance', ['on', 'off']);
			if (choice !== undefined) draft.secondChance = {on: choice === 'on', place};
			cursor.finish();
		},
	),
	pair('witness', 'ADDRESS[:PORT]', 'A third machine, asked when the nodes lose each other.', readWitness),
	pair('start-delay', 'TIME', 'No claim before this long after the start.', readStartDelay),
	pair('keep-history', 'DAYS', 'How long lines of the history are kept.', ({draft, cursor}) => {
		const days = readInteger(cursor, 'keep-history', 1, KEEP_HISTORY_MAX_DAYS);
		if (days !== undefined) draft.historyDays = days;
		cursor.finish();
	}),
	pair('start delay', 'TIME', 'The same as start-delay.', readStartDelay),
];
