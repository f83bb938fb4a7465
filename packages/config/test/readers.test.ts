import test from 'ava';
import {isName, readChoice, readDurationMs, readInteger, readName, readText} from '../src/readers.ts';
import {cursorOver} from './helpers/parse.ts';

function read<Value>(text: string, reader: (cursor: ReturnType<typeof cursorOver>['cursor']) => Value) {
	const {cursor, remarks} = cursorOver(text);
	return {value: reader(cursor), remarks: remarks()};
}

test('a whole number in its range', t => {
	const integer = (text: string) => read(text, cursor => readInteger(cursor, 'weight', 0, 256));
	t.deepEqual(integer('0'), {value: 0, remarks: []});
	t.deepEqual(integer('256'), {value: 256, remarks: []});
	t.deepEqual(integer('257').remarks, ['error 1:1 weight: 257 is out of range (a number from 0 to 256)']);
	t.deepEqual(integer('-1').remarks, ['error 1:1 weight: -1 is out of range (a number from 0 to 256)']);
	for (const text of ['ten', '1.5', '0x10', '1e2', '+1', '99999999999999999999', '""']) {
		t.regex(integer(text).remarks.join(), /^error 1:1 weight: '.*' is not a whole number/, text);
	}
	t.deepEqual(integer('').remarks, [
		"error 1:1 the value of 'weight' is missing at the end of this line (a number from 0 to 256)",
	]);
});

test('a time in its range, in the unit of its keyword', t => {
	t.is(read('5', cursor => readDurationMs(cursor, 'maxidle', {defaultUnit: 's'})).value, 5000);
	t.is(read('2147483647', cursor => readDurationMs(cursor, 'the timeout')).value, 2_147_483_647);
	t.deepEqual(read('2147483648', cursor => readDurationMs(cursor, 'the timeout')).remarks, [
		'error 1:1 the timeout: 2147483648 is out of range (from 0ms to 2147483647ms)',
	]);
	t.deepEqual(read('5', cursor => readDurationMs(cursor, 'every', {minMs: 100, maxMs: 1000})).remarks, [
		'error 1:1 every: 5 is out of range (from 100ms to 1s)',
	]);
	t.deepEqual(read('5x', cursor => readDurationMs(cursor, 'maxidle', {defaultUnit: 's'})).remarks, [
		"error 1:1 maxidle: '5x' is not a time (digits and one of us, ms, s, m, h, d; without a unit it is seconds)",
	]);
	t.deepEqual(read('', cursor => readDurationMs(cursor, 'the timeout')).remarks, [
		'error 1:1 the timeout is missing at the end of this line (a time such as 5000, 5s or 1m)',
	]);
});

test('a name has letters, digits and four signs, at most 128 of them', t => {
	t.true(isName('Web_1.a:b-c'));
	t.true(isName('x'.repeat(128)));
	for (const name of ['', 'a b', 'a/b', 'é', 'x'.repeat(129)]) t.false(isName(name), name);
});

test('a refused name is told and still returned', t => {
	const {value, remarks} = read('a/b', cursor => readName(cursor, 'the name of the ACL'));
	t.is(value?.text, 'a/b');
	t.deepEqual(remarks, [
		"error 1:1 the name of the ACL: 'a/b' holds a forbidden character (letters, digits and '-', '_', '.', ':' only)",
	]);
	t.regex(
		read('x'.repeat(129), cursor => readName(cursor, 'the name')).remarks.join(),
		/is longer than 128 characters/,
	);
});

test('one of a few words, or the one that was meant, or all of them', t => {
	const choice = (text: string) => read(text, cursor => readChoice(cursor, 'mode', ['http', 'tcp']));
	t.is(choice('tcp').value, 'tcp');
	t.deepEqual(choice('htpp').remarks, ["error 1:1 mode: 'htpp' is not known (did you mean 'http'?)"]);
	t.deepEqual(choice('x').remarks, ["error 1:1 mode: 'x' is not known (one of http, tcp)"]);
	t.deepEqual(choice('').remarks, [
		"error 1:1 the value of 'mode' is missing at the end of this line (one of http, tcp)",
	]);
});

test('a text is neither empty nor does it hold control characters', t => {
	const text = (line: string) => read(line, cursor => readText(cursor, 'the path'));
	t.is(text('"a b é"').value, 'a b é');
	t.deepEqual(text('""').remarks, ['error 1:1 the path is empty']);
	t.deepEqual(text('a\\nb').remarks, ['error 1:1 the path holds a control character']);
	t.deepEqual(text('a\\x7f').remarks, ['error 1:1 the path holds a control character']);
});
