import test from 'ava';
import {TapReader} from '../../scripts/tap.ts';

function read(text: string): TapReader {
	const reader = new TapReader();
	for (const line of text.split('\n')) reader.readLine(line);
	return reader;
}

test('Passed, failed and skipped tests are told apart', t => {
	const reader = read(
		'TAP version 13\nok 1 - a › works\nnot ok 2 - b\nok 3 - c # SKIP\nnot ok 4 - d # TODO\n\n1..4\n# tests 3\n# pass 1',
	);
	t.deepEqual(
		reader.results.map(({kind, title}) => [kind, title]),
		[
			['passed', 'a › works'],
			['failed', 'b'],
			['skipped', 'c'],
			['skipped', 'd'],
		],
	);
	t.true(reader.complete);
});

test('Logs and details belong to the test before them, totals to none', t => {
	const reader = read(
		"ok 1 - a\n#   12 ms\nnot ok 2 - b\n  ---\n    name: Error\n    message: ''\n  ...\n1..2\n# fail 1",
	);
	t.deepEqual(reader.results[0]?.details, ['12 ms']);
	t.deepEqual(reader.results[1]?.details, ['name: Error', "message: ''"]);
});

test('A run that broke off has no plan line', t => {
	t.false(read('TAP version 13\nok 1 - a').complete);
});
