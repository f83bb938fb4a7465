/** Every A row of the keyword table is named by a proof in the head of a scenario. */
import {readFileSync} from 'node:fs';
import test from 'ava';
import {readScenarios} from './play-scenario.ts';
import {countOccurrences} from './scenario-head.ts';

/** Rows that no scenario can show, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
	'quotes are literal':
		'the runner hands its sockets over as "fd@$" and a name, which is expanded within quotes only, so its files are never read as 1.4 quotes them; packages/config/test/lexer.test.ts shows it',
};

interface Row {
	/** `group|keyword` where another row has the same keyword, else the keyword alone. */
	readonly name: string;
	readonly weight: string;
}

function readRows(): readonly Row[] {
	const cells = readFileSync(new URL('../keywords/rows.tsv', import.meta.url), 'utf8')
		.trimEnd()
		.split('\n')
		.map(line => line.split('\t'));
	const times = Map.groupBy(cells, ([, keyword = '']) => keyword);
	return cells.map(([group = '', keyword = '', weight = '']) => ({
		name: times.get(keyword)?.length === 1 ? keyword : `${group}|${keyword}`,
		weight,
	}));
}

const rows = readRows();
const scenarios = readScenarios();
const proven = new Set([...scenarios.values()].flatMap(({proofs}) => proofs.flatMap(proof => proof.rows)));

test('Each A row stands in the head of a scenario, or in the list of those that none can show', t => {
	const important = rows.filter(({weight}) => weight === 'A').map(({name}) => name);
	t.is(important.length, 131);
	t.deepEqual(
		important.filter(name => !proven.has(name) && ELSEWHERE[name] === undefined),
		[],
	);
});

test('The list of rows that none can show is short, of the table, and not contradicted', t => {
	const names = new Set(rows.map(({name}) => name));
	t.true(Object.keys(ELSEWHERE).length <= 3);
	t.deepEqual(
		Object.keys(ELSEWHERE).filter(name => proven.has(name) || !names.has(name)),
		[],
	);
});

test('Heads name rows of the table only', t => {
	const names = new Set(rows.map(({name}) => name));
	t.deepEqual(
		[...proven].filter(name => !names.has(name)),
		[],
	);
});

for (const [name, scenario] of scenarios) {
	test(`${name} says what it is and what it proves, in a form that can be read`, t => {
		t.regex(scenario.title, /\w/);
		// What came after 1.4 is in no row of the table.
		t.true(scenario.proofs.length > 0 || /^# Shows: \w/m.test(scenario.text));
		t.deepEqual(scenario.unread, []);
		for (const proof of scenario.proofs)
			t.is(countOccurrences(scenario, proof), 1, `how often ${proof.before} stands in the scenario`);
	});
}
