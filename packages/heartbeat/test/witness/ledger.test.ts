/** The witness's judgement, question by question. */
import test from 'ava';
import {answerQuestion, EMPTY_RECORD, type Ledger, openLedger, type WitnessQuestion} from '../../src/index.ts';

const A = '00000000000000a1';
const B = '00000000000000b1';
const token = '1111111111111111';
let number = 0;

function question(nodeId: string, changes: Partial<WitnessQuestion> = {}): WitnessQuestion {
	number += 1;
	const common = {keyId: 7, clusterId: '0'.repeat(32), nodeId, bootId: `${nodeId.slice(8)}00000000`, token};
	return {...common, number, kind: 'ask', term: 1, wantMs: 1000, ...changes};
}

/** Asks and expects an answer. */
function ask(ledger: Ledger, asked: WitnessQuestion, nowMs: number) {
	const {ledger: next, answer} = answerQuestion(ledger, asked, nowMs);
	if (answer === undefined) throw new Error('no answer');
	return {ledger: next, ...answer};
}

test('The first who asks has the consent, the other waits until it ends', t => {
	const first = ask(openLedger(EMPTY_RECORD, token, 0), question(A), 0);
	t.is(first.verdict, 'granted');
	t.is(first.leftMs, 1000);
	const early = ask(first.ledger, question(B, {term: 2}), 999);
	t.is(early.verdict, 'held');
	t.is(early.holder, A);
	t.is(early.leftMs, 1);
	t.is(ask(early.ledger, question(B, {term: 2}), 1000).verdict, 'granted');
});

test('The holder renews, and a shorter wish does not cut what it was promised', t => {
	const first = ask(openLedger(EMPTY_RECORD, token, 0), question(A), 0);
	const second = ask(first.ledger, question(A, {wantMs: 10}), 500);
	t.is(second.verdict, 'granted');
	t.is(second.ledger.untilMs, 1000);
});

test('Given back, it is free at once, and the term stays with who had it', t => {
	const had = ask(openLedger(EMPTY_RECORD, token, 0), question(A, {term: 4}), 0);
	const back = ask(had.ledger, question(A, {kind: 'giveBack'}), 10);
	t.is(back.verdict, 'returned');
	const stale = ask(back.ledger, question(B, {term: 4}), 11);
	t.is(stale.verdict, 'staleTerm');
	t.is(stale.term, 4);
	t.is(ask(stale.ledger, question(B, {term: 5}), 12).verdict, 'granted');
});

test('Who does not have it gives nothing back', t => {
	const had = ask(openLedger(EMPTY_RECORD, token, 0), question(A), 0);
	const back = ask(had.ledger, question(B, {kind: 'giveBack'}), 10);
	t.is(ask(back.ledger, question(B, {term: 2}), 11).verdict, 'held');
});

test('After a restart a promise stands as long as it can have been made for', t => {
	const had = ask(openLedger(EMPTY_RECORD, token, 0), question(A, {wantMs: 3000}), 0);
	const again = openLedger(had.ledger.record, token, 50_000);
	t.is(ask(again, question(B, {term: 9}), 52_999).verdict, 'held');
	t.is(ask(again, question(A, {term: 1}), 52_999).verdict, 'granted');
	t.is(ask(again, question(B, {term: 9}), 50_000 + 4096).verdict, 'granted');
});

test('After a restart nobody waits for what was given back', t => {
	const had = ask(openLedger(EMPTY_RECORD, token, 0), question(A), 0);
	const back = ask(had.ledger, question(A, {kind: 'giveBack'}), 10);
	t.is(ask(openLedger(back.ledger.record, token, 0), question(B, {term: 2}), 0).verdict, 'granted');
});

test('A question of another life of the witness is told the token and changes nothing', t => {
	const ledger = openLedger(EMPTY_RECORD, token, 0);
	const told = ask(ledger, question(A, {token: '2222222222222222'}), 0);
	t.is(told.verdict, 'token');
	t.is(told.token, token);
	t.is(told.ledger, ledger);
});

test('A recording says nothing: not of this boot, not of an earlier one', t => {
	const recorded = question(A);
	const first = ask(openLedger(EMPTY_RECORD, token, 0), recorded, 0);
	const back = ask(first.ledger, question(A, {kind: 'giveBack'}), 10);
	const replayed = answerQuestion(back.ledger, recorded, 20);
	t.is(replayed.answer, undefined);
	t.is(replayed.ledger, back.ledger);
	const newBoot = ask(back.ledger, question(A, {bootId: 'ffffffffffffffff', number: 1}), 30);
	t.is(newBoot.verdict, 'granted');
	t.is(answerQuestion(newBoot.ledger, recorded, 40).answer, undefined);
});

test('Nobody is promised more than a minute', t => {
	const granted = ask(openLedger(EMPTY_RECORD, token, 0), question(A, {wantMs: 4_000_000_000}), 0);
	t.is(granted.leftMs, 60_000);
	t.is(granted.ledger.record.promisedMs, 60_000);
});

test('What is on the disk grows in powers of two, so that a renewal seldom writes', t => {
	let ledger = openLedger(EMPTY_RECORD, token, 0);
	const records = new Set<unknown>();
	for (let second = 1; second <= 120; second += 1) {
		const granted = ask(ledger, question(A, {wantMs: second * 1000}), second * 1000);
		ledger = granted.ledger;
		records.add(ledger.record.promisedMs);
	}
	t.is(records.size, 7);
});
