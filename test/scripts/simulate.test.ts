import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {replayCommand} from '../../packages/heartbeat/test/simulation/run.ts';
import {playBlock} from '../../scripts/simulate/block.ts';
import {exitCodeOf, readOptions} from '../../scripts/simulate/options.ts';
import {formatProgress, formatReport, mergeResult, newTotals} from '../../scripts/simulate/report.ts';

const script = fileURLToPath(new URL('../../scripts/simulate.ts', import.meta.url));

interface Ended {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs the script; Ctrl-C comes when what was printed so far asks for it. */
function simulate(argv: readonly string[], interruptWhen?: (stdout: string) => boolean): Promise<Ended> {
	const child = spawn(process.execPath, [script, ...argv], {stdio: ['ignore', 'pipe', 'pipe']});
	let [stdout, stderr] = ['', ''];
	child.stdout.on('data', chunk => {
		stdout += chunk;
		if (interruptWhen?.(stdout)) child.kill('SIGINT');
	});
	child.stderr.on('data', chunk => {
		stderr += chunk;
	});
	return new Promise(resolve => child.once('close', code => resolve({code, stdout, stderr})));
}

test('A run over several threads plays every schedule once and says what was seen', async t => {
	const {code, stdout, stderr} = await simulate(['--schedules', '600', '--seed-base', '100', '--jobs', '2']);
	t.is(code, 0, stderr);
	const alone = playBlock({seed: 100, length: 600});
	t.regex(stdout, /^600 schedules in \S+ s: nothing was violated$/m);
	t.regex(stdout, new RegExp(`^ *${alone.counts.get('handovers')} {2}planned handovers$`, 'm'));
	t.regex(stdout, new RegExp(`^ *${alone.counts.get('event solo')} {2}solo$`, 'm'));
});

test('A seed is replayed with every effect in words, as the failure report says', async t => {
	t.is(replayCommand(42), 'npm run simulate -- --replay 42 --verbose');
	const {code, stdout} = await simulate(['--replay', '42', '--verbose']);
	t.is(code, 0);
	t.regex(stdout, /lb1 → #1 initialize term 0/);
	t.regex(stdout, /"type":"transition"/);
	t.regex(stdout, /^1 schedules in/m);
});

test('Ctrl-C tells what was done so far', async t => {
	const argv = ['--schedules', '1000000', '--jobs', '1'];
	const {code, stdout} = await simulate(argv, text => text.includes('1 thread'));
	t.is(code, 130);
	t.regex(stdout, /^interrupted$/m);
	t.regex(stdout, /^\d+ schedules in \S+ s: nothing was violated$/m);
});

test('Help and wrong usage', async t => {
	const helped = await simulate(['--help']);
	t.is(helped.code, 0);
	t.regex(helped.stdout, /Exit codes: 0 nothing was violated, 1 safety/);
	const wrong = await simulate(['--schedules', 'many']);
	t.is(wrong.code, 64);
	t.regex(wrong.stderr, /--schedules takes a whole number from 1 to 1000000000, not "many"/);
});

test('Options: what is wrong is named', t => {
	t.like(readOptions([]), {schedules: 100_000, seedBase: 1, replay: undefined, verbose: false});
	t.like(readOptions(['--replay', '7', '--verbose']), {replay: 7, verbose: true});
	for (const argv of [['--jobs', '0'], ['--seed-base', '4294967296'], ['--replay', '1.5'], ['--what'], ['stray']]) {
		t.true('complaint' in readOptions(argv), argv.join(' '));
	}
});

test('Exit codes: safety before a crash, a crash before liveness', t => {
	const of = (...kinds: readonly ('safety' | 'liveness' | 'crash')[]): number =>
		exitCodeOf(kinds.map(kind => ({kind})));
	t.is(of(), 0);
	t.is(of('liveness', 'safety', 'crash'), 1);
	t.is(of('liveness'), 2);
	t.is(of('liveness', 'crash'), 3);
});

test('The report names each failure with the command that plays it again', t => {
	const totals = newTotals();
	const failures = [{seed: 5, kind: 'safety', message: 'two nodes answer for the address'}] as const;
	mergeResult(totals, {schedules: 250, failures, counts: new Map([['claims', 3]])});
	mergeResult(totals, {
		schedules: 250,
		failures: [],
		counts: new Map([
			['claims', 4],
			['new thing', 1],
		]),
	});
	const text = formatReport(totals, 2000);
	t.regex(
		text,
		/^seed 5: safety: two nodes answer for the address\n {4}again: npm run simulate -- --replay 5 --verbose$/m,
	);
	t.regex(text, /^ +7 {2}claims of the address$/m);
	t.regex(text, /^ +1 {2}new thing$/m);
	t.regex(text, /500 schedules in 2\.0 s: FAILED: 1 safety/);
	t.is(formatProgress(newTotals(), 1000, 100), '0 of 1000 schedules');
	t.is(formatProgress(totals, 1000, 2000), '500 of 1000 schedules, 1 failed, 250 a second, 2 s to go');
});
