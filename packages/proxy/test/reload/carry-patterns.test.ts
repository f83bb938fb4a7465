/** Maps of the master as its standby comes to have them; everything is cloned as on a channel. */
import type {PatternList as Declared} from '@hapair/config';
import test from 'ava';
import fc from 'fast-check';
import {applyChange} from '../../src/patterns/changes.ts';
import {Lookups} from '../../src/patterns/lookups.ts';
import {PatternList} from '../../src/patterns/pattern-list.ts';
import {findChanges, LARGE_LIST, PatternCollector, PatternReport} from '../../src/reload/carry-patterns.ts';

type Entry = readonly [string, string];

const declared = (entries: readonly Entry[], file = 'hosts.map'): Declared => ({
	id: 0,
	file,
	isMap: true,
	isAcl: false,
	description: '',
	uses: [{match: 'str', ignoreCase: false, output: 'str', of: 'map'}],
	entries: entries.map(([key, value]) => ({key, value})),
});
const entriesOf = (list: PatternList | undefined): Entry[] =>
	(list?.entries() ?? []).map(({key, value}): Entry => [key, value]);

const entries = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constantFrom('1', '2')), {maxLength: 8});

test('a list becomes the wanted one, whatever it was, and a second time nothing is to be changed', t => {
	fc.assert(
		fc.property(entries, entries, (before, after) => {
			const list = new PatternList(declared(before));
			for (const change of findChanges(0, list, after)) applyChange(change, [list], new Map());
			t.deepEqual(entriesOf(list), after);
			t.deepEqual(findChanges(0, list, after), []);
		}),
	);
});

test('few changes are made of a small difference', t => {
	const before = Array.from({length: 100}, (_, at): Entry => [`k${at}`, 'v']);
	const after: Entry[] = [...before.filter(([key]) => key !== 'k7'), ['new', 'v']];
	const changes = findChanges(0, new PatternList(declared(before)), after);
	t.deepEqual(changes, [
		{kind: 'remove', list: 0, wanted: 8},
		{kind: 'add', list: 0, key: 'new', value: 'v'},
	]);
});

function makePair(entriesOfFile: readonly Entry[], entriesOfOther = entriesOfFile) {
	const master = new Lookups({patternLists: [declared(entriesOfFile, '/etc/a/hosts.map')]});
	const standby = new Lookups({patternLists: [declared(entriesOfOther, '/etc/b/hosts.map')]});
	const report = new PatternReport(master);
	const collector = new PatternCollector(standby);
	const tell = (anew = false, withLarge = anew): number => {
		const told = [...report.next(anew, withLarge)];
		for (const patterns of told) collector.take(structuredClone(patterns));
		return told.length;
	};
	return {master, standby, tell, list: () => entriesOf(standby.lists[0])};
}

test('what is changed on the master the standby has, told once; what the file says too', t => {
	const {master, standby, tell, list} = makePair([['a', '1']]);
	t.is(tell(true), 1);
	t.is(tell(), 0);
	t.true(standby.isPristine);
	master.change(() => [
		{kind: 'add', list: 0, key: 'b', value: '2'},
		{kind: 'set', list: 0, wanted: 'a', value: '3'},
	]);
	t.is(tell(), 1);
	t.deepEqual(list(), [
		['a', '3'],
		['b', '2'],
	]);
	t.is(tell(), 0);
	master.change(() => [{kind: 'clear', list: 0}]);
	tell();
	t.deepEqual(list(), []);
	const [restarted] = [new PatternReport(new Lookups({patternLists: [declared([['a', '1']])]}))];
	const collector = new PatternCollector(standby);
	for (const patterns of restarted.next(true, true)) collector.take(patterns);
	t.deepEqual(list(), [['a', '1']], 'a master that was reloaded has what its file says, and so has the standby');
});

test('where the files differ each node keeps its own', t => {
	const {master, tell, list} = makePair([['a', '1']], [['a', '2']]);
	master.change(() => [{kind: 'add', list: 0, key: 'b', value: '2'}]);
	tell(true);
	t.deepEqual(list(), [['a', '2']]);
});

test('a large list is told in parts, and now and then only', t => {
	const {master, tell, list} = makePair([]);
	const many = Array.from(
		{length: LARGE_LIST + 1},
		(_, at) => ({kind: 'add', list: 0, key: `k${at}`, value: ''}) as const,
	);
	master.change(() => many);
	t.is(tell(false, false), 0);
	t.is(tell(false, true), 2);
	t.is(list().length, LARGE_LIST + 1);
});
