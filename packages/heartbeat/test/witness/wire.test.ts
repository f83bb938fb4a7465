/** Datagrams of the witness: one reading, whatever comes. */
import test from 'ava';
import fc from 'fast-check';
import {decodeAnswer, decodeQuestion, encodeAnswer, encodeQuestion, WITNESS_BYTES} from '../../src/index.ts';

const hex = (bytes: number) =>
	fc.uint8Array({minLength: bytes, maxLength: bytes}).map(all => Buffer.from(all).toString('hex'));
const common = {
	keyId: fc.nat(255),
	clusterId: hex(16),
	nodeId: hex(8),
	bootId: hex(8),
	token: hex(8),
	number: fc.integer({min: 1, max: 2 ** 48 - 1}),
	term: fc.integer({min: 0, max: 2 ** 48 - 1}),
};

test('A question is read as it was written', t => {
	const questions = fc.record({
		...common,
		kind: fc.constantFrom('hello', 'ask', 'giveBack'),
		wantMs: fc.nat(0xffff_ffff),
	});
	fc.assert(
		fc.property(questions, question => {
			t.deepEqual(decodeQuestion(encodeQuestion(question)), question);
			t.is(decodeAnswer(encodeQuestion(question)), undefined);
		}),
	);
});

test('An answer is read as it was written', t => {
	const verdict = fc.constantFrom('token', 'granted', 'held', 'staleTerm', 'returned');
	fc.assert(
		fc.property(fc.record({...common, verdict, leftMs: fc.nat(0xffff_ffff), holder: hex(8)}), answer => {
			t.deepEqual(decodeAnswer(encodeAnswer(answer)), answer);
			t.is(decodeQuestion(encodeAnswer(answer)), undefined);
		}),
	);
});

test('Any bytes are read in one way or in none', t => {
	fc.assert(
		fc.property(fc.uint8Array({minLength: 0, maxLength: WITNESS_BYTES + 8}), bytes => {
			t.is(decodeQuestion(bytes), undefined);
			t.is(decodeAnswer(bytes), undefined);
		}),
	);
	const question = encodeQuestion({
		keyId: 1,
		clusterId: '0'.repeat(32),
		nodeId: '1'.repeat(16),
		bootId: '2'.repeat(16),
		token: '3'.repeat(16),
		number: 1,
		term: 1,
		kind: 'ask',
		wantMs: 5,
	});
	for (const [offset, value] of [
		[0, 0],
		[4, 2],
		[6, 3],
		[7, 1],
		[64, 1],
	] as const) {
		const changed = question.slice();
		changed[offset] = value;
		t.is(decodeQuestion(changed), undefined, `offset ${offset}`);
	}
	t.is(decodeQuestion(question.subarray(1)), undefined);
});
