/**
 * The default check: the server accepts a connection (HAProxy manual, `check`).
 */
import {type RunningCheck, runCheck} from './check-connection.ts';
import type {CheckResult} from './check-result.ts';
import type {CheckTarget} from './check-target.ts';

/** Connects and resets. */
export function startTcpCheck(target: CheckTarget, done: (result: CheckResult) => void): RunningCheck {
	return runCheck(target, undefined, done);
}
