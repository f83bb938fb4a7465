import test from 'ava';
import {cursorOver} from './helpers/parse.ts';

test('words are taken from left to right', t => {
	const {cursor, remarks} = cursorOver('a b c d');
	t.is(cursor.peek()?.text, 'a');
	t.is(cursor.next()?.text, 'a');
	t.is(cursor.previous()?.text, 'a');
	t.false(cursor.accept('c'));
	t.true(cursor.accept('b'));
	t.deepEqual(
		cursor.rest().map(word => word.text),
		['c', 'd'],
	);
	t.is(cursor.next(), undefined);
	t.is(cursor.peek(), undefined);
	t.is(cursor.previous()?.text, 'd');
	cursor.finish();
	t.deepEqual(remarks(), []);
});

test('what is missing is missed at the last word', t => {
	const {cursor, remarks} = cursorOver(' maxconn');
	cursor.next();
	t.is(cursor.require('the number', 'such as 5'), undefined);
	t.deepEqual(remarks(), ['error 1:2 the number is missing at the end of this line (such as 5)']);
});

test('what is left over is one error at its first word', t => {
	const {cursor, remarks} = cursorOver('a b c');
	cursor.next();
	cursor.finish('only a');
	cursor.finish();
	t.deepEqual(remarks(), ["error 1:3 'b' is one word too many here (only a)"]);
});

test('a part of a word is pointed at, unless quotes hide where it is', t => {
	const {cursor} = cursorOver('10.0.0.1:99999 "10.0.0.1":99999');
	t.like(cursor.partPlace(cursor.next()!, 9, 5), {column: 10, length: 5});
	t.like(cursor.partPlace(cursor.next()!, 9, 5), {column: 16, length: 16});
});

test('a line without words has a place too', t => {
	const {cursor} = cursorOver('');
	t.deepEqual(cursor.endPlace(), {file: 'test.cfg', line: 1, column: 1, length: 1});
	t.deepEqual(cursor.startPlace(), {file: 'test.cfg', line: 1, column: 1, length: 1});
});
