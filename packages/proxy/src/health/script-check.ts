/**
 * `tcp-check` and `http-check` over their connections: one part of the script after the other, each on a connection of its own.
 *
 * Decides where each connection leads, and that the first failure ends the check, within one deadline for all. Leaves what is said to
 * `kinds/tcp-steps.ts` and `kinds/http-steps.ts`.
 */
import type {CheckConnect} from '@hapair/config';
import {compileExpression} from '../rules/expression.ts';
import type {RequestSample} from '../rules/request-sample.ts';
import {toInteger} from '../rules/sample.ts';
import {type RunningCheck, runCheck} from './check-connection.ts';
import type {CheckResult} from './check-result.ts';
import type {CheckTarget} from './check-target.ts';
import type {Conversation} from './conversation.ts';
import type {ScriptPart} from './kinds/tcp-steps.ts';

/** One connection of a script. */
export interface Opening {
	readonly connect: CheckConnect | undefined;
	/** Steps that stand before the connection: its port may depend on them. */
	readonly before: readonly ((sample: RequestSample) => void)[];
}

export interface Script<Part extends Opening> {
	readonly parts: readonly Part[];
	readonly sample: RequestSample;
	/** Undefined for a part that only connects. */
	talk(part: Part): Conversation | undefined;
	/** Adds to a result what only the script knows. */
	explain(result: CheckResult, part: Part): CheckResult;
}

export function runScript<Part extends Opening>(
	target: CheckTarget,
	{parts, sample, talk, explain}: Script<Part>,
	done: (result: CheckResult) => void,
	nowMs: () => number = () => performance.now(),
): RunningCheck {
	const startMs = nowMs();
	let running: RunningCheck | undefined;
	let isCancelled = false;
	const runPart = (index: number) => {
		const part = parts[index]!;
		for (const act of part.before) act(sample);
		const spentMs = nowMs() - startMs;
		const partTarget = {...aim(target, part.connect, sample), wholeTimeoutMs: target.wholeTimeoutMs - spentMs};
		running = runCheck(
			partTarget,
			talk(part),
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

/** Where a `connect` line leads; without one, or where its expression has no value, to the check's own target. */
function aim(target: CheckTarget, connect: CheckConnect | undefined, sample: RequestSample): CheckTarget {
	if (connect === undefined) return target;
	const {address} = target;
	const said = connect.sendsProxy === true ? {...target, proxyVersion: 1 as const} : target;
	if (address.kind !== 'ip') return said;
	const port = portOf(connect, sample) ?? address.port;
	return {...said, address: {...address, host: connect.address ?? address.host, port}};
}

function portOf({port}: CheckConnect, sample: RequestSample): number | undefined {
	if (port === undefined || typeof port === 'number') return port;
	const value = compileExpression(port).value(sample);
	const number = value === undefined ? 0 : toInteger(value);
	return number >= 1 && number <= 65_535 ? number : undefined;
}

/** A connection of `tcp-check` that cannot be made is a step too, when it stands in the script. */
export function explainTcp(result: CheckResult, part: ScriptPart): CheckResult {
	const {connect, connectStep} = part;
	if (connect === undefined || (result.status !== 'L4CON' && result.status !== 'L4TOUT')) return result;
	const port = typeof connect.port === 'number' ? ` port ${connect.port}` : '';
	const comment = connect.comment === undefined ? '' : ` comment: '${connect.comment}'`;
	return {...result, info: `${result.info ?? ''} at step ${connectStep} of tcp-check (connect${port})${comment}`};
}
