/**
 * The advertisement: what one node tells the other, and its bytes on the wire (docs/protocol.md has the same table).
 *
 * Decides what a well-formed datagram is. Leaves the signature to `authentication.ts`, freshness to `replay-guard.ts` and
 * the meaning to the election. It is longer than other files so that the table, the writer and the reader stand together. Every refusal is a value with a name that can be counted, never an exception.
 *
 *  offset  bytes  field                                 offset  bytes  field
 *       0      4  magic "HAPR"                              75      1  length of the version text, 0–20
 *       4      1  format version, 1                         76      2  advertisement interval, ms, 10–40000
 *       5      1  key id                                    78      4  lease, ms
 *       6      2  length of the datagram with its MAC       82     16  digest of the configuration
 *       8     16  cluster id                                98      8  echo: boot id, zeros when nothing was heard
 *      24      8  node id of the sender                    106      6  echo: sequence
 *      32     16  address of the sender, IPv4 mapped       112      4  echo: age, ms
 *      48      8  boot id                                  116      8  challenge: boot id, zeros when none
 *      56      6  sequence, from 1                         124      6  challenge: sequence
 *      62      6  term                                     130      6  wish: sequence that first said it, 0 when none
 *      68      1  state                                    136      6  refusal: the receiver's wish, 0 when none
 *      69      1  health, 0–255                            142      n  note, UTF-8
 *      70      1  priority, 1–254                            …      m  version text, UTF-8
 *      71      1  length of the refusal's reason, 0–200      …      r  refusal: reason, UTF-8
 *      72      2  flags                                      …     16  HMAC-SHA256 of all bytes before, truncated
 *      74      1  length of the note, 0–200             Numbers are big-endian. At most 578 bytes.
 */
import {readHex, readNumber, writeHex, writeNumber} from './bytes.ts';
import type {NodeState} from './messages.ts';
import {MAX_ADVERT_INTERVAL_MS, MIN_ADVERT_INTERVAL_MS} from './timers.ts';

/** What the election says and reads. Identifiers are lower-case hex, so they print and compare. */
export interface Advertisement {
	/** 8 random bytes, new at each start of the process. */
	readonly bootId: string;
	/** Counts the sender's advertisements of this boot, from 1. */
	readonly sequence: number;
	readonly term: number;
	readonly state: NodeState;
	/** The virtual address is on this node, or may be. */
	readonly holdsAddress: boolean;
	/** A takeover under `term` is under way. */
	readonly claiming: boolean;
	/** The sender, master or just not any more, is handing the address over. */
	readonly draining: boolean;
	readonly maintenance: boolean;
	/** A promise: the sender has no address and claims nothing before it withdrew this and the withdrawal was echoed. */
	readonly yields: boolean;
	/** An operator asks for the address: the sequence of the advertisement that said so first. 0 when nobody asks. */
	readonly wish: number;
	/** Goes with `yields`, `draining` or a wish: an operator overrode the checks. */
	readonly forced: boolean;
	readonly eligible: boolean;
	readonly solo: boolean;
	/** The last word of this boot: no address, and never one again. */
	readonly resigning: boolean;
	/** Sticky pairs: the sender was the last master, no claim has been seen since. */
	readonly incumbent: boolean;
	/** An operator moved the address away from the sender: no preemption in its favour. */
	readonly stepsBack: boolean;
	/** Advertisements of the receiver were lost lately: it may send more of them. */
	readonly missesSome: boolean;
	/** The sender can pass on segments of connections that live at the receiver, and be passed those that live at it. */
	readonly passesOn: boolean;
	/** Connections of the address live on at the sender, or will when it has handed over: who answers for the address passes on. */
	readonly keeps: boolean;
	/** The receiver hands over and keeps; what it passes on is let in here from now on. */
	readonly ajar: boolean;
	readonly health: number;
	readonly priority: number;
	/** 16 bytes as hex, IPv4 mapped into IPv6; only its order matters. */
	readonly address: string;
	readonly advertIntervalMs: number;
	readonly leaseMs: number;
	readonly configDigest: string;
	/** What the sender last heard from the receiver. */
	readonly echo?: Echo | undefined;
	/** Why the receiver's wish came to nothing; repeated until the receiver gives the wish up. */
	readonly refusal?: WishRefusal | undefined;
	readonly note: string;
	readonly version: string;
}

export interface Echo {
	readonly bootId: string;
	readonly sequence: number;
	/** Since it was heard, ms. */
	readonly ageMs: number;
}

/** Which wish of the receiver it answers, for a receiver that `echo` names, and one sentence for its operator. */
export interface WishRefusal {
	readonly wish: number;
	readonly reason: string;
}

/** A boot of the receiver that the sender heard of and wants proven (`replay-guard.ts`). */
export interface Challenge {
	readonly bootId: string;
	readonly sequence: number;
}

/** The whole datagram but its MAC. */
export interface Datagram {
	readonly keyId: number;
	/** 16 bytes as hex: the pair's name, hashed. */
	readonly clusterId: string;
	/** 8 bytes as hex: the node's name, hashed. */
	readonly nodeId: string;
	readonly challenge?: Challenge | undefined;
	readonly advertisement: Advertisement;
}

/** Why bytes are no datagram of ours. Stable names: they are counters in `status`. */
export type Refusal =
	| 'short'
	| 'long'
	| 'magic'
	| 'version'
	| 'length'
	| 'cluster'
	| 'node'
	| 'sequence'
	| 'state'
	| 'flags'
	| 'priority'
	| 'interval'
	| 'utf8'
	| 'reserved';

export type Decoded =
	| {readonly ok: true; readonly datagram: Datagram}
	| {readonly ok: false; readonly refusal: Refusal};

export const MAC_BYTES = 16;
export const MAX_DATAGRAM_BYTES = 578;
export const MAX_NOTE_BYTES = 200;
export const MAX_VERSION_BYTES = 20;
export const MAX_REASON_BYTES = 200;

const HEAD_BYTES = 142;
const MAGIC = [0x48, 0x41, 0x50, 0x52] as const;
const FORMAT_VERSION = 1;
const NO_BOOT = '0000000000000000';
const STATES: readonly NodeState[] = ['initialize', 'backup', 'master', 'fault', 'stopped'];
const FLAGS = [
	'holdsAddress',
	'claiming',
	'draining',
	'maintenance',
	'yields',
	'forced',
	'eligible',
	'solo',
	'resigning',
	'incumbent',
	'stepsBack',
	'missesSome',
	'passesOn',
	'keeps',
	'ajar',
] as const;
const KNOWN_FLAGS = 2 ** FLAGS.length - 1;

/** What the receiver knows beforehand. */
export interface Expectation {
	readonly clusterId: string;
	/** The peer's node id; anything else, our own reflection included, is refused as `node`. */
	readonly nodeId: string;
}

/**
 * Lays a datagram out, the last `MAC_BYTES` left zero for `authentication.ts`.
 *
 * Texts that are too long are cut at a character. Numbers out of range are a bug of ours and throw.
 */
export function encode(datagram: Datagram): Uint8Array {
	const said = datagram.advertisement;
	const note = cutText(said.note, MAX_NOTE_BYTES);
	const version = cutText(said.version, MAX_VERSION_BYTES);
	const reason = cutText(said.refusal?.reason ?? '', MAX_REASON_BYTES);
	const length = HEAD_BYTES + note.length + version.length + reason.length + MAC_BYTES;
	const bytes = new Uint8Array(length);
	bytes.set(MAGIC, 0);
	bytes[4] = FORMAT_VERSION;
	bytes[5] = datagram.keyId;
	writeNumber(bytes, 6, 2, length);
	writeHex(bytes, 8, 16, datagram.clusterId);
	writeHex(bytes, 24, 8, datagram.nodeId);
	writeHex(bytes, 32, 16, said.address);
	writeHex(bytes, 48, 8, said.bootId);
	writeNumber(bytes, 56, 6, said.sequence);
	writeNumber(bytes, 62, 6, said.term);
	bytes[68] = STATES.indexOf(said.state);
	writeNumber(bytes, 69, 1, said.health);
	writeNumber(bytes, 70, 1, said.priority);
	bytes[71] = reason.length;
	let flags = 0;
	for (let bit = 0; bit < FLAGS.length; bit += 1) if (said[FLAGS[bit]!]) flags |= 1 << bit;
	writeNumber(bytes, 72, 2, flags);
	bytes[74] = note.length;
	bytes[75] = version.length;
	writeNumber(bytes, 76, 2, Math.round(said.advertIntervalMs));
	writeNumber(bytes, 78, 4, Math.round(said.leaseMs));
	writeHex(bytes, 82, 16, said.configDigest);
	if (said.echo !== undefined) {
		writeHex(bytes, 98, 8, said.echo.bootId);
		writeNumber(bytes, 106, 6, said.echo.sequence);
		writeNumber(bytes, 112, 4, Math.min(0xffff_ffff, Math.round(said.echo.ageMs)));
	}
	if (datagram.challenge !== undefined) {
		writeHex(bytes, 116, 8, datagram.challenge.bootId);
		writeNumber(bytes, 124, 6, datagram.challenge.sequence);
	}
	writeNumber(bytes, 130, 6, said.wish);
	writeNumber(bytes, 136, 6, said.refusal?.wish ?? 0);
	bytes.set(note, HEAD_BYTES);
	bytes.set(version, HEAD_BYTES + note.length);
	bytes.set(reason, HEAD_BYTES + note.length + version.length);
	return bytes;
}

/**
 * Reads a datagram, or names the first thing that is wrong with it. Cheap checks come first. The MAC is not looked at: call
 * `verify` before believing a word.
 */
export function decode(bytes: Uint8Array, expected: Expectation): Decoded {
	const refusal = findRefusal(bytes, expected);
	if (refusal !== undefined) return {ok: false, refusal};
	const noteEnd = HEAD_BYTES + bytes[74]!;
	const note = readText(bytes, HEAD_BYTES, noteEnd);
	const versionEnd = noteEnd + bytes[75]!;
	const version = readText(bytes, noteEnd, versionEnd);
	const reason = readText(bytes, versionEnd, versionEnd + bytes[71]!);
	if (note === undefined || version === undefined || reason === undefined) return {ok: false, refusal: 'utf8'};
	const echoBoot = readHex(bytes, 98, 8);
	const challengeBoot = readHex(bytes, 116, 8);
	const refusedWish = readNumber(bytes, 136, 6);
	const flags = readNumber(bytes, 72, 2);
	const advertisement: Advertisement = {
		bootId: readHex(bytes, 48, 8),
		sequence: readNumber(bytes, 56, 6),
		term: readNumber(bytes, 62, 6),
		state: STATES[bytes[68]!]!,
		holdsAddress: (flags & 1) !== 0,
		claiming: (flags & 2) !== 0,
		draining: (flags & 4) !== 0,
		maintenance: (flags & 8) !== 0,
		yields: (flags & 16) !== 0,
		forced: (flags & 32) !== 0,
		eligible: (flags & 64) !== 0,
		solo: (flags & 128) !== 0,
		resigning: (flags & 256) !== 0,
		incumbent: (flags & 512) !== 0,
		stepsBack: (flags & 1024) !== 0,
		missesSome: (flags & 2048) !== 0,
		passesOn: (flags & 4096) !== 0,
		keeps: (flags & 8192) !== 0,
		ajar: (flags & 16384) !== 0,
		wish: readNumber(bytes, 130, 6),
		health: bytes[69]!,
		priority: bytes[70]!,
		address: readHex(bytes, 32, 16),
		advertIntervalMs: readNumber(bytes, 76, 2),
		leaseMs: readNumber(bytes, 78, 4),
		configDigest: readHex(bytes, 82, 16),
		echo:
			echoBoot === NO_BOOT
				? undefined
				: {bootId: echoBoot, sequence: readNumber(bytes, 106, 6), ageMs: readNumber(bytes, 112, 4)},
		refusal: refusedWish === 0 ? undefined : {wish: refusedWish, reason},
		note,
		version,
	};
	const challenge =
		challengeBoot === NO_BOOT ? undefined : {bootId: challengeBoot, sequence: readNumber(bytes, 124, 6)};
	const {clusterId, nodeId} = expected;
	return {ok: true, datagram: {keyId: bytes[5]!, clusterId, nodeId, challenge, advertisement}};
}

/** Everything but the texts. Two readings of the same bytes must not be possible: lengths are exact, spare bytes are zero. */
function findRefusal(bytes: Uint8Array, expected: Expectation): Refusal | undefined {
	if (bytes.length < HEAD_BYTES + MAC_BYTES) return 'short';
	if (bytes.length > MAX_DATAGRAM_BYTES) return 'long';
	for (let index = 0; index < MAGIC.length; index += 1) if (bytes[index] !== MAGIC[index]) return 'magic';
	if (bytes[4] !== FORMAT_VERSION) return 'version';
	if (readNumber(bytes, 6, 2) !== bytes.length) return 'length';
	const [reasonBytes, noteBytes, versionBytes] = [bytes[71]!, bytes[74]!, bytes[75]!];
	if (noteBytes > MAX_NOTE_BYTES || versionBytes > MAX_VERSION_BYTES || reasonBytes > MAX_REASON_BYTES) return 'length';
	if (HEAD_BYTES + noteBytes + versionBytes + reasonBytes + MAC_BYTES !== bytes.length) return 'length';
	if (readHex(bytes, 8, 16) !== expected.clusterId) return 'cluster';
	if (readHex(bytes, 24, 8) !== expected.nodeId) return 'node';
	if (readHex(bytes, 48, 8) === NO_BOOT || readNumber(bytes, 56, 6) === 0) return 'sequence';
	if (bytes[68]! >= STATES.length) return 'state';
	if (readNumber(bytes, 72, 2) > KNOWN_FLAGS) return 'flags';
	if (bytes[70] === 0 || bytes[70] === 255) return 'priority';
	const advertIntervalMs = readNumber(bytes, 76, 2);
	if (advertIntervalMs < MIN_ADVERT_INTERVAL_MS || advertIntervalMs > MAX_ADVERT_INTERVAL_MS) return 'interval';
	return hasStrayBytes(bytes) ? 'reserved' : undefined;
}

/** What is absent is zeros throughout: an echo or a challenge without a boot, a refusal without a wish. */
function hasStrayBytes(bytes: Uint8Array): boolean {
	const echo = readHex(bytes, 98, 8) === NO_BOOT && readNumber(bytes, 106, 6) + readNumber(bytes, 112, 4) > 0;
	const challenge = readHex(bytes, 116, 8) === NO_BOOT && readNumber(bytes, 124, 6) > 0;
	return echo || challenge || (readNumber(bytes, 136, 6) === 0 && bytes[71]! > 0);
}

const strictUtf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});
const utf8 = new TextEncoder();

/** Most texts are empty or ASCII; the decoder is the slow path and the only one that can refuse. */
function readText(bytes: Uint8Array, from: number, to: number): string | undefined {
	if (from === to) return '';
	try {
		return strictUtf8.decode(bytes.subarray(from, to));
	} catch {
		return undefined;
	}
}

function cutText(text: string, maxBytes: number): Uint8Array {
	if (text === '') return NO_BYTES;
	const bytes = utf8.encode(text);
	if (bytes.length <= maxBytes) return bytes;
	let end = maxBytes;
	while ((bytes[end]! & 0xc0) === 0x80) end -= 1;
	return bytes.subarray(0, end);
}

const NO_BYTES = new Uint8Array(0);
