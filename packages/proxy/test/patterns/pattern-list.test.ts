/** Lists of patterns: what each way of looking up finds, and that an index follows every change. */
import type {PatternList as Declared, PatternMatch} from '@hapair/config';
import test from 'ava';
import {PatternList} from '../../src/patterns/pattern-list.ts';

function make(match: PatternMatch, keys: readonly string[], ignoreCase = false): PatternList {
	const declared: Declared = {
		id: 0,
		file: 'f',
		isMap: true,
		isAcl: false,
		description: '',
		uses: [{match, ignoreCase, output: 'str', of: 'map'}],
		entries: keys.map((key, place) => ({key, value: `v${place}`})),
	};
	return new PatternList(declared);
}

const find = (list: PatternList, match: PatternMatch, text: string | number, ignoreCase = false) =>
	list.find(match, ignoreCase, text)?.entry.key;

test('trees find the most specific entry, lists the first', t => {
	t.is(find(make('str', ['/a', '/b']), 'str', '/b'), '/b');
	t.is(find(make('str', ['/A'], true), 'str', '/a', true), '/A');
	t.is(find(make('beg', ['/', '/ab', '/a']), 'beg', '/abc'), '/ab');
	t.is(find(make('beg', ['/a', '/AB'], true), 'beg', '/abc', true), '/a');
	t.is(find(make('end', ['c', 'bc']), 'end', '/abc'), 'c');
	t.is(find(make('sub', ['b', 'ab']), 'sub', 'ab'), 'b');
	t.is(find(make('dir', ['x', 'b']), 'dir', '/a/b/c'), 'b');
	t.is(find(make('dom', ['com']), 'dom', 'www.example.com'), 'com');
	t.is(find(make('reg', ['^/z', '^/a']), 'reg', '/abc'), '^/a');
	t.is(find(make('int', ['0:3', '3', '9:']), 'int', 3), '0:3');
	t.is(find(make('int', ['0:3', '9:']), 'int', 12), '9:');
	t.is(find(make('len', ['3']), 'len', 'abc'), '3');
	t.is(find(make('ip', ['10.0.0.0/8', '10.1.0.0/16', '::/0', '2001:db8::/32']), 'ip', '10.1.2.3'), '10.1.0.0/16');
	t.is(find(make('ip', ['10.0.0.0/8', '2001:db8::/32']), 'ip', '2001:db8::1'), '2001:db8::/32');
	t.is(find(make('ip', ['10.0.0.0/8']), 'ip', '11.0.0.1'), undefined);
	t.is(find(make('ip', ['0.0.0.0/0']), 'ip', '11.0.0.1'), '0.0.0.0/0');
	t.is(find(make('ip', ['10.0.0.0/8']), 'ip', 'nothing'), undefined);
});

test('groups of a regular expression come with what was found', t => {
	t.deepEqual([...(make('regm', ['^/(a)(b)?']).find('regm', false, '/ac')?.groups ?? [])], ['/a', 'a', undefined]);
});

test('every index follows what is added, changed and removed', t => {
	for (const [match, key, asked] of [
		['str', '/new', '/new'],
		['beg', '/new', '/newer'],
		['sub', 'new', '/newer'],
		['ip', '10.0.0.0/8', '10.1.1.1'],
	] as const) {
		const list = make(match, []);
		t.is(find(list, match, asked), undefined);
		list.add(key, 'one');
		list.add(key, 'two');
		t.is(list.find(match, false, asked)?.entry.value, 'one', match);
		list.set(key, 'three');
		t.is(list.find(match, false, asked)?.entry.value, 'three');
		list.remove(key);
		t.is(find(list, match, asked), undefined);
		t.is(list.size, 0);
	}
});

test('an entry of two with one key can be removed by its number', t => {
	const list = make('str', ['/a', '/a']);
	const [first] = list.entries()!;
	list.remove(first!.ref);
	t.is(list.find('str', false, '/a')?.entry.value, 'v1');
	list.remove(99);
	t.is(list.size, 1);
});

test('a prepared version counts when it is committed, and takes those before it along', t => {
	const list = make('str', ['/old']);
	t.deepEqual([list.prepare(), list.prepare()], [1, 2]);
	list.add('/one', '', 1);
	list.add('/two', '', 2);
	list.add('/lost', '', 9);
	t.is(find(list, 'str', '/two'), undefined);
	t.deepEqual(
		list.entries(2)?.map(({key}) => key),
		['/two'],
	);
	t.is(list.entries(9), undefined);
	list.commit(2);
	t.is(find(list, 'str', '/old'), undefined);
	t.is(find(list, 'str', '/two'), '/two');
	t.is(list.entries(1), undefined);
	list.clear();
	t.is(find(list, 'str', '/two'), undefined);
});

test('a snapshot makes another list the same, numbers and prepared versions included', t => {
	const list = make('str', ['/a', '/b']);
	t.is(list.snapshot(), undefined);
	list.remove('/a');
	list.prepare();
	list.add('/p', '', 1);
	const other = make('str', ['/a', '/b']);
	other.restore(list.snapshot()!);
	for (const one of [list, other]) {
		one.add('/c', 'x');
		one.commit(1);
	}
	t.deepEqual(other.entries(), list.entries());
	t.is(find(other, 'str', '/p'), '/p');
});
