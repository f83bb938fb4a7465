import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {createRandom} from '../../packages/heartbeat/test/simulation/random.ts';
import {makeInput} from '../../scripts/fuzz/mutate.ts';
import {readOptions} from '../../scripts/fuzz/options.ts';
import {minimise, playSeed, replayCommand, SLOW_MS} from '../../scripts/fuzz/play.ts';
import {agree, cuttings, type FuzzTarget} from '../../scripts/fuzz/target.ts';
import {targets} from '../../scripts/fuzz/targets.ts';

const script = fileURLToPath(new URL('../../scripts/fuzz.ts', import.meta.url));
/** A clock that stands still: in a test a busy machine must not make an input slow. */
const frozen = () => 0;

for (const target of targets) {
	test(`Odd inputs do no harm: ${target.name}`, t => {
		for (let seed = 1; seed <= 2000; seed++) {
			const failure = playSeed(target, seed, frozen);
			if (failure !== undefined)
				t.fail(`${replayCommand(failure)}\n${failure.message}\n${JSON.stringify(failure.input)}`);
		}
		t.pass();
	});
}

function planted(check: (input: string) => void): FuzzTarget {
	return {name: 'planted', corpus: ['abc; def'], words: ['; ;', 'xyz'], maxBytes: 500, check};
}

test('A fault is found and its input made as small as it gets', t => {
	const target = planted(input => {
		if (/; ;.*xyz/s.test(input)) throw new Error('two words were too much');
	});
	const failures = Array.from({length: 3000}, (_, seed) => playSeed(target, seed, frozen)).filter(f => f !== undefined);
	t.true(failures.length > 0);
	for (const {input, message} of failures) {
		t.is(input, '; ;xyz');
		t.regex(message, /^two words were too much/);
	}
	t.deepEqual(playSeed(target, failures[0]!.seed, frozen)?.input, failures[0]!.input);
});

test('An input that takes too long is a fault', t => {
	let nowMs = 0;
	const target = planted(input => {
		nowMs += input.includes('xyz') ? SLOW_MS + 1 : 1;
	});
	const failure = Array.from({length: 200}, (_, seed) => playSeed(target, seed, () => nowMs)).find(
		f => f !== undefined,
	);
	t.regex(failure?.message ?? '', /bytes took 1001 ms/);
	t.is(failure?.input, 'xyz');
});

test('Inputs follow from the seed, differ from seed to seed and stay within their bound', t => {
	for (const target of targets) {
		const make = (seed: number) => makeInput(target, createRandom(seed));
		t.is(make(5), make(5));
		const inputs = Array.from({length: 200}, (_, seed) => make(seed));
		t.true(new Set(inputs).size > 120, target.name);
		t.true(
			inputs.every(input => input.length <= target.maxBytes),
			target.name,
		);
	}
});

test('Cuttings put together are the input, and disagreement is a fault', t => {
	for (const input of ['', 'a', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20)]) {
		for (const pieces of cuttings(input)) t.is(pieces.join(''), input);
	}
	t.is(agree('it', [1, 1, 1]), 1);
	t.throws(() => agree('it', [{a: 1}, {a: 2}]), {message: /it depends on how the input is cut/});
});

test('Making smaller keeps the fault', t => {
	t.is(
		minimise('aaaaXbbbbbbbbYcccc', text => text.includes('X') && text.includes('Y')),
		'XY',
	);
	t.is(
		minimise('abc', text => text === 'abc'),
		'abc',
	);
});

test('Options are checked', t => {
	t.deepEqual(readOptions(['--minutes', '2', '--seed', '7', '--only', 'chunks']), {
		minutes: 2,
		seed: 7,
		only: 'chunks',
		replay: undefined,
	});
	for (const argv of [
		['--minutes', '0'],
		['--minutes', ''],
		['--seed', '-1'],
		['--only', 'x'],
		['--replay', '1'],
		['--nonsense'],
	]) {
		t.true('complaint' in readOptions(argv), argv.join(' '));
	}
});

test('The script plays a target for a while, and one seed again', t => {
	const run = (...argv: readonly string[]) => {
		const {status, stdout} = spawnSync(process.execPath, [script, ...argv], {encoding: 'utf8'});
		return {status, stdout};
	};
	const ended = run('--minutes', '0.01', '--seed', '3', '--only', 'log');
	t.is(ended.status, 0);
	t.regex(ended.stdout, /^from seed 3 on\nok {5}log: [1-9]\d+ inputs\n$/);
	t.deepEqual(run('--only', 'log', '--replay', '9'), {status: 0, stdout: 'ok     log: 1 inputs\n'});
	t.is(run('--only', 'nothing').status, 64);
});
