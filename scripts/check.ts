/**
 * `npm run check`: types and style, nothing else. Exit 1 when either complains.
 */
import {spawnSync} from 'node:child_process';

let failed = false;
for (const [program, ...argv] of [
	['tsc', '-p', '.'],
	['tsc', '-p', 'packages/dashboard'],
	['biome', 'check', '.'],
] as const) {
	const {status} = spawnSync(program, argv, {stdio: 'inherit'});
	failed ||= status !== 0;
}

process.exitCode = failed ? 1 : 0;
