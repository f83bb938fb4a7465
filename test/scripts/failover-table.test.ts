import test from 'ava';
import {formatTable, type Result} from '../../scripts/failover/table.ts';

const outage = (gapMs: number, failed = 0, doubles = 0, moves = 1) => ({gapMs, requests: 500, failed, doubles, moves});
const results: readonly Result[] = [
	{program: 'hapair', event: 'power cut', outages: [outage(620), outage(590), outage(700)], spoilt: 0},
	{program: 'keepalived', event: 'power cut', outages: [outage(640, 2, 40), outage(660, 4, 50)], spoilt: 1},
	{program: 'hapair', event: 'planned', outages: [], spoilt: 3},
];

test('One line an event: medians with their range, both programs side by side', t => {
	t.deepEqual(formatTable(results).split('\n'), [
		'           hapair                                              keepalived + haproxy',
		'event      ms (min–max)   failed  two answered  moves  rounds  ms (min–max)          failed  two answered  moves  rounds',
		'power cut  620 (590–700)  0       0 ms          1      3       650 (640–660)         3       450 ms        1      2 of 3',
		'planned    not measured                                0 of 3  –',
		'',
	]);
});

test('A program that was not measured has no columns', t => {
	const [head] = formatTable(results.filter(({program}) => program === 'hapair')).split('\n');
	t.is(head?.trim(), 'hapair');
});

test('Costs stand below the table', t => {
	const idle = {...outage(20), cost: {cpuPercent: 3.14, residentMiB: 63.6}};
	const text = formatTable([{program: 'hapair', event: 'nothing, 60 s', outages: [idle], spoilt: 0}]);
	t.true(text.endsWith('\nnothing, 60 s: what elects in hapair takes 3.1 % of a core and 64 MiB\n'));
});
