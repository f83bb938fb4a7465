/**
 * What the witness remembers and answers, for one pair (pure).
 *
 * Decides who has its consent: the first who asks, until that ends or is given back, and then who asks with a higher
 * term. A promise outlives the witness: `record` is on disk before an answer leaves, and after a restart the node in
 * it keeps its place for as long as it can have been promised. Leaves sockets and disk to `server.ts`.
 */
import {NO_ID, type WitnessAnswer, type WitnessQuestion} from './wire.ts';

/** Longest consent at a time. A node that is gone for good can keep its peer waiting this long, after a cut only. */
const LONGEST_CONSENT_MS = 60_000;
/** Boots of a node whose newest question is remembered, so that a recording of one says nothing. */
const REMEMBERED_BOOTS = 64;

/** What must be on disk. */
export interface LedgerRecord {
	/** Highest term that was ever consented to. */
	readonly term: number;
	/** Node id of who was granted that term; `NO_ID` before the first. */
	readonly holder: string;
	/** Upper bound of what the holder was promised at a time, ms; 0 when it has given it back. */
	readonly promisedMs: number;
}

export interface Ledger {
	/** Random, new at each start of the witness: questions recorded in an earlier life are refused by it. */
	readonly token: string;
	readonly record: LedgerRecord;
	readonly untilMs: number;
	/** Newest number by `node id + boot id`, oldest first. */
	readonly heard: ReadonlyMap<string, number>;
}

export const EMPTY_RECORD: LedgerRecord = {term: 0, holder: NO_ID, promisedMs: 0};

/** After a start. What was promised before may still be in force. */
export function openLedger(record: LedgerRecord, token: string, nowMs: number): Ledger {
	return {token, record, untilMs: nowMs + record.promisedMs, heard: new Map()};
}

export interface Answered {
	readonly ledger: Ledger;
	/** Nothing for a question that was answered before, or is a recording. */
	readonly answer: WitnessAnswer | undefined;
}

/** Answers an authentic question. When `ledger.record` has changed it must be on disk before the answer leaves. */
export function answerQuestion(ledger: Ledger, question: WitnessQuestion, nowMs: number): Answered {
	if (question.kind === 'hello' || question.token !== ledger.token) {
		return {ledger, answer: compose(ledger, question, 'token', nowMs)};
	}
	const key = question.nodeId + question.bootId;
	if (question.number <= (ledger.heard.get(key) ?? 0)) return {ledger, answer: undefined};
	const next = {...ledger, heard: remember(ledger.heard, key, question.number)};
	return question.kind === 'giveBack' ? takeBack(next, question, nowMs) : decide(next, question, nowMs);
}

function decide(ledger: Ledger, question: WitnessQuestion, nowMs: number): Answered {
	const {record} = ledger;
	const isHolder = record.holder === question.nodeId;
	if (!isHolder && nowMs < ledger.untilMs) return {ledger, answer: compose(ledger, question, 'held', nowMs)};
	// A term belongs to one node for ever: two masters of one term could not tell who is the later.
	if (question.term < record.term || (question.term === record.term && !isHolder && record.holder !== NO_ID))
		return {ledger, answer: compose(ledger, question, 'staleTerm', nowMs)};
	const wantMs = Math.min(question.wantMs, LONGEST_CONSENT_MS);
	const promisedMs = isHolder ? Math.max(record.promisedMs, roundUp(wantMs)) : roundUp(wantMs);
	const granted = {
		...ledger,
		record: {term: question.term, holder: question.nodeId, promisedMs},
		untilMs: isHolder ? Math.max(ledger.untilMs, nowMs + wantMs) : nowMs + wantMs,
	};
	return {ledger: granted, answer: compose(granted, question, 'granted', nowMs)};
}

function takeBack(ledger: Ledger, question: WitnessQuestion, nowMs: number): Answered {
	const next =
		ledger.record.holder === question.nodeId
			? {...ledger, record: {...ledger.record, promisedMs: 0}, untilMs: nowMs}
			: ledger;
	return {ledger: next, answer: compose(next, question, 'returned', nowMs)};
}

/** Powers of two: a consent that grows is written a few times, not at each renewal. */
function roundUp(ms: number): number {
	return Math.min(LONGEST_CONSENT_MS, 2 ** Math.ceil(Math.log2(Math.max(1, ms))));
}

function remember(heard: ReadonlyMap<string, number>, key: string, number: number): ReadonlyMap<string, number> {
	const next = new Map(heard);
	next.delete(key);
	next.set(key, number);
	if (next.size > 2 * REMEMBERED_BOOTS) next.delete(next.keys().next().value!);
	return next;
}

function compose(
	ledger: Ledger,
	question: WitnessQuestion,
	verdict: WitnessAnswer['verdict'],
	nowMs: number,
): WitnessAnswer {
	const {keyId, clusterId, nodeId, bootId, number} = question;
	const leftMs = Math.max(0, Math.ceil(ledger.untilMs - nowMs));
	const {term, holder} = ledger.record;
	return {keyId, clusterId, nodeId, bootId, number, token: ledger.token, verdict, term, leftMs, holder};
}
