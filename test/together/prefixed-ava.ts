/**
 * `ava` for test files that share a process: titles begin with the file's, and the tests of a file begin when those of the one before it have ended.
 *
 * Decides nothing of what a test may do: it gets AVA's own `t`.
 */
import ava, {type ExecutionContext} from 'ava';

type Body = (t: ExecutionContext, ...args: unknown[]) => unknown;
type Macro = {readonly exec: Body; readonly title?: (given: string | undefined, ...args: unknown[]) => string};
type Declare = (title: string, body: (t: ExecutionContext) => Promise<unknown>) => void;

interface TestFile {
	readonly prefix: string;
	readonly before: TestFile | undefined;
	/** Each resolves when a test has ended, well or not. */
	readonly ends: Promise<void>[];
	turn?: Promise<unknown>;
}

let current: TestFile | undefined;

/** The tests that are declared from now on are of this file. @param path below the root, with slashes */
export function declareFor(path: string): void {
	const prefix = `${path.replace(/\.test\.ts$/, '').replaceAll('/', ' › ')} › `;
	current = {prefix, before: current, ends: []};
}

/** Resolves when every test of the files before has ended; asked for when all tests of all files are declared. */
function turnOf(file: TestFile): Promise<unknown> {
	const {before} = file;
	file.turn ??=
		before === undefined
			? Promise.resolve()
			: turnOf(before)
					.then(() => Promise.all(before.ends))
					// What has passed can be told before the next file works.
					.then(() => new Promise(resolve => setImmediate(resolve)));
	return file.turn;
}

function declare(by: Declare, parts: readonly unknown[]): void {
	const file = current;
	if (file === undefined) throw new Error('A test is declared outside of any file');
	const given = typeof parts[0] === 'string' ? parts[0] : undefined;
	const [body, ...args] = (given === undefined ? parts : parts.slice(1)) as [Body | Macro, ...unknown[]];
	const run = typeof body === 'function' ? body : body.exec;
	const title = typeof body === 'function' ? given : (body.title?.(given, ...args) ?? given);
	const {promise, resolve} = Promise.withResolvers<void>();
	if (by !== ava.skip) file.ends.push(promise);
	by(`${file.prefix}${title}`, async t => {
		await turnOf(file);
		t.teardown(resolve);
		return await run(t, ...args);
	});
}

const test = (...parts: unknown[]): void => declare(ava, parts);
test.skip = (...parts: unknown[]): void => declare(ava.skip, parts);
test.failing = (...parts: unknown[]): void => declare(ava.failing, parts);
test.macro = (macro: Body | Macro): Macro => (typeof macro === 'function' ? {exec: macro} : macro);

export default test;
