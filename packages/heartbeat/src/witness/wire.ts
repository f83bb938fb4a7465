/**
 * Datagrams between a node and the witness (docs/protocol.md has the same table; pure).
 *
 * Decides what is well formed, both ways. Leaves the signature to `authentication.ts`, which knows where the key id and the
 * MAC stand, and the meaning to `ledger.ts` and `election/consent.ts`. Question and answer have one layout, so no answer is longer than
 * its question: the witness cannot be used to amplify.
 *
 *  offset  bytes  field                                offset  bytes  field
 *       0      4  magic "HAPW"                             40      8  token of the witness's life, zeros when unknown
 *       4      1  format version, 1                        48      6  number of the question, from 1
 *       5      1  key id                                   54      6  term
 *       6      1  kind                                     60      4  milliseconds: wanted, or left
 *       7      1  zero                                     64      8  node id of the holder, zeros when none
 *       8     16  cluster id                               72     16  HMAC-SHA256, truncated
 *      24      8  node id of the asker
 *      32      8  boot id of the asker
 */
import {MAC_BYTES} from '../advertisement.ts';
import {readHex, readNumber, writeHex, writeNumber} from '../bytes.ts';

const MAGIC = 'HAPW';
const FORMAT_VERSION = 1;
export const WITNESS_BYTES = 72 + MAC_BYTES;
export const NO_ID = '0000000000000000';

/** `hello` asks for the token only; `ask` for consent; `giveBack` ends it. */
const QUESTIONS = ['hello', 'ask', 'giveBack'] as const;
/** `token`: ask again with this token. `held`: the other node has it. `staleTerm`: ask with a higher term. */
const ANSWERS = ['token', 'granted', 'held', 'staleTerm', 'returned'] as const;
const ANSWER_BIT = 0x80;

export type QuestionKind = (typeof QUESTIONS)[number];
export type Verdict = (typeof ANSWERS)[number];

interface Common {
	readonly keyId: number;
	readonly clusterId: string;
	readonly nodeId: string;
	readonly bootId: string;
	readonly token: string;
	readonly number: number;
	readonly term: number;
}

export interface WitnessQuestion extends Common {
	readonly kind: QuestionKind;
	/** How long the consent is wanted for, ms. */
	readonly wantMs: number;
}

export interface WitnessAnswer extends Common {
	readonly verdict: Verdict;
	/** How long the holder's consent lasts yet, ms. */
	readonly leftMs: number;
	readonly holder: string;
}

/** Lays a question out; `sign` fills in the MAC. */
export function encodeQuestion(question: WitnessQuestion): Uint8Array {
	return encode(question, QUESTIONS.indexOf(question.kind), question.wantMs, NO_ID);
}

/** Lays an answer out; `sign` fills in the MAC. */
export function encodeAnswer(answer: WitnessAnswer): Uint8Array {
	return encode(answer, ANSWER_BIT | ANSWERS.indexOf(answer.verdict), answer.leftMs, answer.holder);
}

/** Nothing when the bytes are no question. Its MAC has not been looked at. */
export function decodeQuestion(bytes: Uint8Array): WitnessQuestion | undefined {
	const kind = isWellFormed(bytes) ? QUESTIONS[bytes[6]!] : undefined;
	if (kind === undefined || readHex(bytes, 64, 8) !== NO_ID) return undefined;
	return {...readCommon(bytes), kind, wantMs: readNumber(bytes, 60, 4)};
}

/** Nothing when the bytes are no answer. Its MAC has not been looked at. */
export function decodeAnswer(bytes: Uint8Array): WitnessAnswer | undefined {
	const verdict = isWellFormed(bytes) && bytes[6]! >= ANSWER_BIT ? ANSWERS[bytes[6]! - ANSWER_BIT] : undefined;
	if (verdict === undefined) return undefined;
	return {...readCommon(bytes), verdict, leftMs: readNumber(bytes, 60, 4), holder: readHex(bytes, 64, 8)};
}

function encode(common: Common, kind: number, durationMs: number, holder: string): Uint8Array {
	const bytes = new Uint8Array(WITNESS_BYTES);
	for (let index = 0; index < MAGIC.length; index += 1) bytes[index] = MAGIC.charCodeAt(index);
	bytes[4] = FORMAT_VERSION;
	bytes[5] = common.keyId;
	bytes[6] = kind;
	writeHex(bytes, 8, 16, common.clusterId);
	writeHex(bytes, 24, 8, common.nodeId);
	writeHex(bytes, 32, 8, common.bootId);
	writeHex(bytes, 40, 8, common.token);
	writeNumber(bytes, 48, 6, common.number);
	writeNumber(bytes, 54, 6, common.term);
	writeNumber(bytes, 60, 4, Math.round(durationMs));
	writeHex(bytes, 64, 8, holder);
	return bytes;
}

function isWellFormed(bytes: Uint8Array): boolean {
	if (bytes.length !== WITNESS_BYTES) return false;
	for (let index = 0; index < MAGIC.length; index += 1) if (bytes[index] !== MAGIC.charCodeAt(index)) return false;
	return bytes[4] === FORMAT_VERSION && bytes[7] === 0 && readNumber(bytes, 48, 6) > 0;
}

function readCommon(bytes: Uint8Array): Common {
	return {
		keyId: bytes[5]!,
		clusterId: readHex(bytes, 8, 16),
		nodeId: readHex(bytes, 24, 8),
		bootId: readHex(bytes, 32, 8),
		token: readHex(bytes, 40, 8),
		number: readNumber(bytes, 48, 6),
		term: readNumber(bytes, 54, 6),
	};
}
