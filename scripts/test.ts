/**
 * `npm test`: types, style, then unit tests with the simulation beside real daemons in network namespaces.
 *
 * Decides what runs, what may be left out and what the exit code says. The last line is `N passed, N failed`. Root on
 * Linux leaves nothing out: a skipped test is a failure there. Whatever happens, Ctrl-C too, no process or namespace stays.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {existsSync, globSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {sweepLabs} from '../test/lab/lab.ts';
import {maybeFindTool, tryTool} from '../test/lab/tools.ts';
import {TapReader, type TapResult} from './tap.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** A test file or a group of them is a process: with what the first ones compiled, the next cost 1.0 s of a core instead of 1.5. */
const compileCache = `${root}/node_modules/.cache/hapair-tests`;
/**
 * Tests with real daemons mostly wait, and what they wait for has to come in time; unit tests only work. So both run at once, and the unit tests
 * take what is left of the processors: 11 minutes on two cores instead of 14.
 */
const politely = ['nice', '-n', '5'];
/** Files that share a process declare titles which begin with the test file's; what AVA puts before them is the shared file's. */
const sharedProcess = /^((?:not )?ok \d+ - )test › together › \S+ › /;
const stageDeadlineMs = 14 * 60_000;
const totals = {passed: 0, failed: 0, skipped: 0};
/** Test files with titles that failed, to be run again alone. */
const suspects = new Map<string, string[]>();
/** Skips that a machine with root on Linux must not have. */
let forbiddenSkips = 0;
const running = new Set<ChildProcess>();

/** Runs a program in a process group of its own, line by line; resolves with its exit code. */
function run(argv: readonly string[], onLine: (line: string) => void): Promise<number> {
	const [file = '', ...rest] = argv;
	const env = {...process.env, FORCE_COLOR: '0', NODE_NO_WARNINGS: '1', NODE_COMPILE_CACHE: compileCache};
	const child = spawn(file, rest, {cwd: root, detached: true, env, stdio: ['ignore', 'pipe', 'pipe']});
	running.add(child);
	const timer = setTimeout(() => {
		onLine(`not ok 0 - ${file} did not end within ${stageDeadlineMs / 60_000} minutes`);
		killGroup(child);
	}, stageDeadlineMs);
	for (const stream of [child.stdout, child.stderr]) {
		let rest = '';
		stream.setEncoding('utf8');
		stream.on('data', (chunk: string) => {
			const lines = (rest + chunk).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) onLine(line);
		});
		stream.on('end', () => rest !== '' && onLine(rest));
	}

	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', code => {
			clearTimeout(timer);
			running.delete(child);
			resolve(code ?? 1);
		});
	});
}

/** Whoever is not root on Linux may lack what some tests need. */
function noteSkips(count: number): void {
	if (process.platform === 'linux' && process.getuid?.() === 0) forbiddenSkips += count;
}

function killGroup(child: ChildProcess | undefined): void {
	try {
		if (child?.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
	} catch {
		// Gone already.
	}
}

/** A check that is one test: it passes when the program exits with 0. */
async function runCheck(title: string, argv: readonly string[]): Promise<void> {
	const output: string[] = [];
	const code = await run(argv, line => output.push(line));
	if (code === 0) {
		totals.passed++;
		console.log(`ok      ${title}`);
	} else {
		totals.failed++;
		console.log(`FAILED  ${title}\n${output.join('\n')}`);
	}
}

/** Runs AVA; `each` prints every test with its figures, else only what did not pass. */
async function runAva(
	title: string,
	argv: readonly string[],
	each: boolean,
	before: readonly string[] = [],
): Promise<void> {
	const reader = new TapReader();
	const strays: string[] = [];
	const beginMs = performance.now();
	let printed: TapResult | undefined;
	const print = (result: TapResult | undefined) => {
		if (result === undefined || (!each && result.kind === 'passed')) return;
		console.log(`${{passed: 'ok', failed: 'FAILED', skipped: 'SKIPPED'}[result.kind].padEnd(7)} ${result.title}`);
		for (const line of result.details) console.log(`          ${line}`);
	};
	const code = await run([...before, 'ava', '--tap', ...argv], line => {
		const result = reader.readLine(line.replace(sharedProcess, '$1'));
		if (reader.results.length === 0) strays.push(line);
		if (result !== undefined || reader.complete) {
			print(printed);
			printed = result;
		}
	});
	print(printed);
	totals.passed += reader.count('passed');
	const failed = reader.results.filter(({kind}) => kind === 'failed');
	for (const {title: name} of failed) {
		const file = findTestFile(name, argv);
		if (file === undefined) totals.failed++;
		else suspects.set(file, [...(suspects.get(file) ?? []), name]);
	}
	totals.skipped += reader.count('skipped');
	noteSkips(reader.count('skipped'));
	if (code !== 0 && reader.count('failed') === 0) {
		totals.failed++;
		console.log(`FAILED  ${title}: AVA ended with code ${code}${reader.complete ? '' : ' before the last test'}`);
		console.log([...strays, ...(reader.results.at(-1)?.details ?? [])].slice(-40).join('\n'));
	}

	const seconds = ((performance.now() - beginMs) / 1000).toFixed(1);
	console.log(`        ${title}: ${reader.count('passed')} of ${reader.results.length} passed in ${seconds} s`);
}

/** The file of a test by its title, `packages › cli › test › history › cause › …`; titles of namespace tests begin below their folder. */
function findTestFile(title: string, argv: readonly string[]): string | undefined {
	const parts = title.split(' › ');
	const folder = argv.includes('test/pair/ava.config.js') ? 'test/pair/' : '';
	for (let count = parts.length - 1; count > 0; count--) {
		const path = `${folder}${parts.slice(0, count).join('/')}.test.ts`;
		if (existsSync(`${root}/${path}`)) return path;
	}
	return undefined;
}

/** What failed beside others is run once more, alone: a machine that had no time is told from a fault, and both are printed. */
async function runSuspects(): Promise<void> {
	for (const [file, titles] of suspects) {
		const config = file.startsWith('test/pair/') ? ['--config', 'test/pair/ava.config.js'] : [];
		const reader = new TapReader();
		const output: string[] = [];
		const code = await run(['ava', '--tap', ...config, file], line => {
			output.push(line);
			reader.readLine(line);
		});
		const failed = code === 0 ? 0 : Math.max(1, reader.count('failed'));
		totals.failed += failed;
		totals.passed += Math.max(0, titles.length - failed);
		console.log(
			failed === 0 ? `ok      alone, after a failure beside others: ${file}` : `FAILED  again, alone: ${file}`,
		);
		if (failed > 0) console.log(output.slice(-80).join('\n'));
	}
}

/** Why real daemons cannot run in namespaces here, or `undefined` when they can. */
function whyNoNamespaces(): string | undefined {
	if (process.platform !== 'linux') return `this is ${process.platform}, not Linux`;
	if (process.getuid?.() !== 0) return 'not root: only root may make network namespaces here (sudo npm test)';
	const missing = ['ip', 'nft', 'arping', 'setpriv'].filter(tool => maybeFindTool(tool) === undefined);
	if (missing.length > 0) return `missing programs: ${missing.join(', ')}`;
	const name = `hapair-probe-${process.pid}-a`;
	const made = tryTool('ip', ['netns', 'add', name]);
	tryTool('ip', ['netns', 'del', name]);
	return made.status === 0 ? undefined : `ip netns add: ${made.stderr.trim()}`;
}

async function runNamespaceTests(): Promise<void> {
	const why = whyNoNamespaces();
	if (why === undefined) {
		await runAva('pair in namespaces', ['--config', 'test/pair/ava.config.js'], true);
		return;
	}

	for (const file of globSync('test/pair/**/*.test.ts', {cwd: root}).sort()) {
		for (const [, title] of readFileSync(`${root}/${file}`, 'utf8').matchAll(
			/^test(?:\.serial)?\(\s*['"`](.*)['"`],/gm,
		)) {
			totals.skipped++;
			noteSkips(1);
			console.log(`SKIPPED ${title} (${why})`);
		}
	}
}

function cleanUp(): void {
	for (const child of running) killGroup(child);
	sweepLabs();
}

for (const [signal, number] of [
	['SIGINT', 2],
	['SIGTERM', 15],
	['SIGHUP', 1],
] as const) {
	process.on(signal, () => {
		cleanUp();
		process.exit(128 + number);
	});
}

try {
	const patterns = process.argv.slice(2);
	if (patterns.length === 0) {
		await runCheck('types', ['tsc', '-p', '.']);
		await runCheck('types of the dashboard', ['tsc', '-p', 'packages/dashboard']);
		await runCheck('style', ['biome', 'check', '.']);
		await Promise.all([
			runAva('unit tests', ['--config', 'test/together/ava.config.js'], false, politely),
			runNamespaceTests(),
		]);
		await runSuspects();
	} else {
		const real = patterns.some(pattern => pattern.includes('test/pair'));
		await runAva('chosen tests', real ? ['--config', 'test/pair/ava.config.js', ...patterns] : patterns, true);
		for (const titles of suspects.values()) totals.failed += titles.length;
	}
} catch (error) {
	totals.failed++;
	console.log(`FAILED  the test runner: ${error instanceof Error ? error.stack : error}`);
} finally {
	cleanUp();
}

if (forbiddenSkips > 0) console.log(`${forbiddenSkips} skipped that could have run here: that is a failure`);
process.exitCode = totals.failed > 0 || forbiddenSkips > 0 || totals.passed === 0 ? 1 : 0;
console.log(
	`${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`,
);
