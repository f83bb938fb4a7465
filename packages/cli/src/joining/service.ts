/**
 * The installed service: enabled, and started or restarted.
 *
 * Decides that without systemd, or without the package's unit, nothing is started: the person does it. Waits until the daemon is ready,
 * which the unit's own limit bounds.
 */
import {existsSync} from 'node:fs';
import {UserError} from '../exit-codes.ts';
import {findTool} from '../processes/find-tool.ts';
import {runProgram, safePath} from '../processes/run-program.ts';

const unit = 'hapair.service';
/** Longer than the unit's own limit, so that systemd's words are heard. */
export const startLimitMs = 150_000;

/** @param changed the configuration is another one than the service may run. Answers whether it runs now; throws a `UserError` when it failed. */
export async function startService(changed: boolean): Promise<boolean> {
	const systemctl = existsSync('/run/systemd/system') ? findTool('systemctl') : undefined;
	if (systemctl === undefined) return false;
	const call = (...argv: string[]) =>
		runProgram({argv: [systemctl, ...argv], timeoutMs: startLimitMs, environment: {PATH: safePath}});
	if ((await call('cat', unit)).exitCode !== 0) return false;
	const running = (await call('is-active', '--quiet', unit)).exitCode === 0;
	const enabled = await call('enable', '--quiet', unit);
	const started = await call(running && changed ? 'restart' : 'start', unit);
	const failure = [enabled, started].find(({exitCode}) => exitCode !== 0);
	if (failure !== undefined) {
		throw new UserError(`the service did not start: ${failure.output.split('\n')[0] ?? 'systemctl failed'}`, {
			hint: 'its log says why: journalctl -u hapair -n 30',
		});
	}
	return true;
}
