/**
 * `npm run simulate`: the election against many seeded schedules of trouble, on all cores.
 *
 * Decides how seeds are dealt out (blocks, to whichever thread is free) and what the exit code says. The schedules and the
 * invariants are in packages/heartbeat/test/simulation, the words in `simulate/`. Ctrl-C tells what was done so far.
 */
import {Worker} from 'node:worker_threads';
import {type Failure, runSeed} from '../packages/heartbeat/test/simulation/run.ts';
import type {Block, BlockResult} from './simulate/block.ts';
import {exitCodeOf, help, readOptions, type SimulateOptions} from './simulate/options.ts';
import {formatProgress, formatReport, mergeResult, newTotals} from './simulate/report.ts';

const blockLength = 250;
const progressEveryMs = 500;
/** Beyond these a broken rule only repeats itself. */
const failuresWanted = 20;

const totals = newTotals();
let intervals: number | undefined;
const startedMs = performance.now();

async function main(): Promise<number> {
	const options = readOptions(process.argv.slice(2));
	if ('help' in options) {
		process.stdout.write(help);
		return 0;
	}
	if ('complaint' in options) {
		process.stderr.write(`simulate: ${options.complaint}; see --help\n`);
		return 64;
	}
	intervals = options.intervals;
	if (options.replay !== undefined) return replay(options.replay, options.verbose);
	process.on('SIGINT', () => {
		process.stdout.write(`${clearLine()}interrupted\n${report()}`);
		process.exit(totals.failures.length > 0 ? exitCodeOf(totals.failures) : 130);
	});
	const progress = setInterval(() => showProgress(options), progressEveryMs);
	await runAll(options);
	clearInterval(progress);
	process.stdout.write(clearLine() + report());
	return exitCodeOf(totals.failures);
}

/** Plays one seed, with every effect in words when asked. */
function replay(seed: number, verbose: boolean): number {
	const log: string[] = [];
	const counts = new Map<string, number>();
	const failure = runSeed(seed, {log, counts, intervals});
	mergeResult(totals, {schedules: 1, failures: failure ? [failure] : [], counts});
	if (verbose) process.stdout.write(`${log.join('\n')}\n`);
	process.stdout.write(report());
	return exitCodeOf(totals.failures);
}

/** Deals blocks of seeds to the threads until all are played or enough has failed. */
async function runAll(options: SimulateOptions): Promise<void> {
	const {seedBase, schedules, verbose} = options;
	let dealt = 0;
	const nextBlock = (): Block | undefined => {
		if (dealt >= schedules || totals.failures.length >= failuresWanted) return undefined;
		const length = Math.min(blockLength, schedules - dealt);
		dealt += length;
		return {seed: seedBase + dealt - length, length, intervals: options.intervals};
	};
	const tell = (failure: Failure): void => {
		if (verbose) process.stdout.write(`${clearLine()}seed ${failure.seed}: ${failure.kind}: ${failure.message}\n`);
	};
	const jobs = Math.min(options.jobs, Math.ceil(schedules / blockLength));
	process.stdout.write(
		`${schedules} schedules from seed ${seedBase} on, ${jobs} ${jobs === 1 ? 'thread' : 'threads'}\n`,
	);
	await Promise.all(Array.from({length: jobs}, () => work(nextBlock, tell)));
}

/** One thread, until there are no more blocks. */
function work(nextBlock: () => Block | undefined, tell: (failure: Failure) => void): Promise<void> {
	const worker = new Worker(new URL('simulate/block.ts', import.meta.url));
	return new Promise((resolve, reject) => {
		const deal = (): void => {
			const block = nextBlock();
			if (block) worker.postMessage(block);
			else void worker.terminate().then(() => resolve());
		};
		worker.on('message', (result: BlockResult) => {
			mergeResult(totals, result);
			result.failures.forEach(tell);
			deal();
		});
		worker.once('error', reject);
		deal();
	});
}

function report(): string {
	return formatReport(totals, performance.now() - startedMs, intervals);
}

function showProgress({schedules}: SimulateOptions): void {
	if (!process.stdout.isTTY) return;
	process.stdout.write(clearLine() + formatProgress(totals, schedules, performance.now() - startedMs));
}

function clearLine(): string {
	return process.stdout.isTTY ? '\r\x1b[2K' : '';
}

// Whoever reads may stop reading, as `head` does.
process.stdout.on('error', () => process.exit(exitCodeOf(totals.failures)));
try {
	process.exitCode = await main();
} catch (error) {
	process.stderr.write(`simulate: ${error instanceof Error ? error.stack : String(error)}\n`);
	process.exitCode = 3;
}
