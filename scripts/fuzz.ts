/**
 * `npm run fuzz`: odd and broken inputs for everything that reads bytes of strangers.
 *
 * Decides how time is dealt out and what the exit code says. Each target plays in a thread of its own with a bounded heap; when the
 * thread stands still at one seed, that seed hangs. Targets and checks are in `fuzz/`.
 */
import {Worker} from 'node:worker_threads';
import {type FuzzOptions, help, readOptions, seedLimit} from './fuzz/options.ts';
import {type FuzzFailure, replayCommand} from './fuzz/play.ts';
import {targets} from './fuzz/targets.ts';
import type {ThreadReport, ThreadTask} from './fuzz/thread.ts';

/** A seed that does not end within this hangs; making a slow input smaller takes a while. */
const HANG_MS = 60_000;
const WATCH_MS = 250;
const HEAP_MB = 512;

async function main(): Promise<number> {
	const options = readOptions(process.argv.slice(2));
	if ('help' in options) {
		process.stdout.write(help);
		return 0;
	}
	if ('complaint' in options) {
		process.stderr.write(`fuzz: ${options.complaint}; see --help\n`);
		return 64;
	}
	process.on('SIGINT', () => process.exit(130));
	const names = options.only === undefined ? targets.map(({name}) => name) : [options.only];
	const seed = options.replay ?? options.seed ?? Math.floor(Math.random() * seedLimit);
	if (options.replay === undefined) process.stdout.write(`from seed ${seed} on\n`);
	let isClean = true;
	for (const name of names) {
		const {inputs, failures} = await fuzzTarget(name, seed, options, names.length);
		process.stdout.write(`${failures.length === 0 ? 'ok    ' : 'FAILED'} ${name}: ${inputs} inputs\n`);
		for (const failure of failures) process.stdout.write(describe(failure));
		if (failures.length > 0) isClean = false;
	}
	return isClean ? 0 : 1;
}

function fuzzTarget(target: string, seed: number, options: FuzzOptions, shares: number): Promise<ThreadReport> {
	const progress = new SharedArrayBuffer(8);
	const isReplay = options.replay !== undefined;
	const task: ThreadTask = {
		target,
		seed,
		inputs: isReplay ? 1 : Number.POSITIVE_INFINITY,
		durationMs: isReplay ? Number.POSITIVE_INFINITY : (options.minutes * 60_000) / shares,
		progress,
	};
	const worker = new Worker(new URL('fuzz/thread.ts', import.meta.url), {
		workerData: task,
		resourceLimits: {maxOldGenerationSizeMb: HEAP_MB},
	});
	return watch(worker, target, new Uint32Array(progress));
}

/** Resolves with the thread's report, or with the seed at which it stopped. */
function watch(worker: Worker, target: string, progress: Uint32Array): Promise<ThreadReport> {
	return new Promise(resolve => {
		let last = -1;
		let movedMs = performance.now();
		const stop = (message: string) => {
			const failure = {target, seed: progress[0] ?? 0, message, input: '(not made smaller)'};
			finish({inputs: progress[1] ?? 0, failures: [failure]});
			void worker.terminate();
		};
		const timer = setInterval(() => {
			if (progress[1] !== last) movedMs = performance.now();
			last = progress[1] ?? 0;
			if (performance.now() - movedMs > HANG_MS) stop(`did not end within ${HANG_MS / 1000} s`);
		}, WATCH_MS);
		const finish = (report: ThreadReport) => {
			clearInterval(timer);
			resolve(report);
		};
		worker.once('message', finish);
		worker.once('error', error => stop(`the thread ended: ${error instanceof Error ? error.message : String(error)}`));
	});
}

function describe(failure: FuzzFailure): string {
	const message = failure.message.split('\n').slice(0, 8).join('\n    ');
	return `  seed ${failure.seed}: ${message}\n    input: ${JSON.stringify(failure.input)}\n    again: ${replayCommand(failure)}\n`;
}

// Whoever reads may stop reading, as `head` does.
process.stdout.on('error', () => process.exit(1));
process.exitCode = await main();
