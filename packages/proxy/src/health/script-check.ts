/**
 * `option tcp-check` over its connections: one part of the script after the other, each on a connection of its own.
 *
 * Decides that the first failure ends the check, within one deadline for all. Leaves what is said to `kinds/tcp-steps.ts`.
 */
import {type RunningCheck, runCheck} from './check-connection.ts';
import type {CheckResult} from './check-result.ts';
import type {CheckTarget} from './check-target.ts';
import {type ScriptPart, talkSteps} from './kinds/tcp-steps.ts';

export function runScript(
	target: CheckTarget,
	parts: readonly ScriptPart[],
	done: (result: CheckResult) => void,
	nowMs: () => number = () => performance.now(),
): RunningCheck {
	const startMs = nowMs();
	let running: RunningCheck | undefined;
	let isCancelled = false;
	const runPart = (index: number) => {
		const part = parts[index]!;
		const spentMs = nowMs() - startMs;
		const partTarget = {...withPort(target, part.port), wholeTimeoutMs: target.wholeTimeoutMs - spentMs};
		running = runCheck(
			partTarget,
			talkSteps(part),
			result => {
				if (isCancelled) return;
				if (result.outcome === 'passed' && index + 1 < parts.length) {
					runPart(index + 1);
					return;
				}
				done({...explain(result, part), durationMs: Math.round(nowMs() - startMs)});
			},
			nowMs,
		);
	};
	runPart(0);
	return {
		cancel() {
			isCancelled = true;
			running?.cancel();
		},
	};
}

function withPort(target: CheckTarget, port: number | undefined): CheckTarget {
	const {address} = target;
	return port === undefined || address.kind !== 'ip' ? target : {...target, address: {...address, port}};
}

/** A connection that cannot be made is a step too, when it stands in the script. */
function explain(result: CheckResult, part: ScriptPart): CheckResult {
	if (!part.isExplicit || (result.status !== 'L4CON' && result.status !== 'L4TOUT')) return result;
	const port = part.port === undefined ? '' : ` port ${part.port}`;
	return {...result, info: `${result.info ?? ''} at step ${part.firstStep - 1} of tcp-check (connect${port})`};
}
