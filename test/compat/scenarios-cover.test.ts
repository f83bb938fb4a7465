/** Every A row of the keyword table is proven by a scenario that holds for hapair and for haproxy alike. */
import {globSync, readFileSync} from 'node:fs';
import test from 'ava';

const directory = new URL('.', import.meta.url).pathname;

/** Rows that no scenario can show, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
	'quotes are literal':
		'the runner hands its sockets over as "fd@$" and a name, which is expanded within quotes only, so its files are never read as 1.4 quotes them; packages/config/test/lexer.test.ts shows it',
};

interface Row {
	readonly keyword: string;
	readonly weight: string;
}

function readRows(): readonly Row[] {
	const text = readFileSync(`${directory}../keywords/rows.tsv`, 'utf8');
	return text
		.split('\n')
		.map(line => line.split('\t'))
		.filter(cells => cells.length >= 3)
		.map(([, keyword = '', weight = '']) => ({keyword, weight}));
}

/** What the scenarios' heads name behind `# Proves:`, over as many lines as it takes. */
function readProven(): ReadonlySet<string> {
	const proven = new Set<string>();
	for (const file of globSync(`${directory}scenarios/*.vtc`)) {
		const [, first = ''] = /^# Proves: (.*(?:\n# .*)*)/m.exec(readFileSync(file, 'utf8')) ?? [];
		for (const keyword of first.replaceAll(/\n# /g, ' ').split(/,\s*/)) proven.add(keyword.trim());
	}
	return proven;
}

test('Each A row stands in the head of a scenario', t => {
	const proven = readProven();
	const rows = readRows().filter(({weight}) => weight === 'A');
	t.true(rows.length >= 130);
	const missing = rows.filter(({keyword}) => !proven.has(keyword) && ELSEWHERE[keyword] === undefined);
	t.deepEqual(
		missing.map(({keyword}) => keyword),
		[],
	);
});

test('No scenario claims what another place has to show', t => {
	const proven = readProven();
	t.deepEqual(
		Object.keys(ELSEWHERE).filter(keyword => proven.has(keyword)),
		[],
	);
});
