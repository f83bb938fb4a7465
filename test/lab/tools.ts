/**
 * Finds system tools and runs them.
 *
 * Decides where tools are looked for: only the system's own directories, never PATH, because `node_modules/.bin`
 * holds an unrelated program called `nft`. Leaves what is run to the callers.
 */
import {type SpawnSyncReturns, spawnSync} from 'node:child_process';
import {findTool as maybeFindTool} from '../../packages/cli/src/processes/find-tool.ts';

const toolDeadlineMs = 10_000;

/** The absolute path of a system tool, or `undefined` when this machine has none. */
export {maybeFindTool};

/** The absolute path of a system tool; throws a sentence that names the missing tool. */
export function findTool(name: string): string {
	const path = maybeFindTool(name);
	if (path === undefined) throw new Error(`The program ${name} is not installed in the system's directories`);
	return path;
}

/** Runs a tool to its end and returns what it printed; throws with its own words when it fails. */
export function runTool(name: string, argv: readonly string[], input = ''): string {
	const result = tryTool(name, argv, input);
	if (result.status !== 0) {
		const words = result.stderr.trim() || result.error?.message || `exit code ${result.status ?? result.signal}`;
		throw new Error(`${name} ${argv.join(' ')}: ${words}`);
	}

	return result.stdout;
}

/** Runs a tool to its end, whatever comes of it. */
export function tryTool(name: string, argv: readonly string[], input = ''): SpawnSyncReturns<string> {
	return spawnSync(findTool(name), [...argv], {
		encoding: 'utf8',
		input,
		timeout: toolDeadlineMs,
		killSignal: 'SIGKILL',
	});
}
