/**
 * `npm run bench:reload [--reloads N]`: the test of reload with twenty reloads instead of three.
 *
 * Decides nothing about the result: the test fails when a request is lost or counted twice, and prints the longest wait of a client in each
 * reload.
 */
import {spawnSync} from 'node:child_process';
import {parseArgs} from 'node:util';

const {values} = parseArgs({options: {reloads: {type: 'string', default: '20'}}});
const reloads = Number(values.reloads);
if (!Number.isInteger(reloads) || reloads < 1 || reloads > 1000) {
	process.stderr.write('--reloads is a number from 1 to 1000\n');
	process.exit(2);
}
const {status} = spawnSync('ava', ['packages/cli/test/reload/reload.test.ts', '--match', '*under load*'], {
	stdio: 'inherit',
	env: {...process.env, HAPAIR_RELOADS: String(reloads)},
	timeout: reloads * 30_000 + 120_000,
});
process.exit(status ?? 1);
