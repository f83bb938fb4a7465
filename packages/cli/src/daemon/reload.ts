/**
 * `hapair reload` as the daemon carries it out: read, compare, replace the proxy process, then tell everybody else.
 *
 * Decides the order, so that a step that fails has changed nothing: files first, then what needs a restart, then the new proxy process, which
 * must listen and serve before anything is told. Leaves each of these to its file.
 */
import type {Diagnostic} from '@hapair/config';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import type {Log} from '../logging.ts';
import {findFixedChanges} from './pair-change.ts';
import type {ProxyPlan} from './proxy-child.ts';
import type {ReplaceFailure} from './proxy-replacement.ts';
import type {DaemonPlan} from './setup.ts';

/** What a check of the files has found, errors or not. */
export interface Findings {
	readonly diagnostics: readonly Diagnostic[];
	/** The same for people, with lines and carets. */
	readonly text: string;
}

export type ReadOutcome =
	| {readonly plan: DaemonPlan; readonly findings: Findings}
	/** Why nothing can be made of the files. */
	| {readonly message: string; readonly findings?: Findings};

export interface ReloadOutcome {
	readonly code: ExitCode;
	readonly message: string;
	readonly durationMs: number;
	readonly findings?: Findings;
	/** Refused because a heartbeat that runs cannot take the change. */
	readonly needsRestart?: true;
}

export interface ReloadPorts {
	/** Absent where nobody knows the files. */
	readonly readAgain: (() => ReadOutcome) | undefined;
	/** What runs. */
	readonly running: () => DaemonPlan;
	readonly replaceProxy: (
		plan: ProxyPlan,
		progress: (message: string) => void,
		onServing: () => void,
	) => Promise<ReplaceFailure | undefined>;
	/** The new proxy process serves: everybody else takes the new configuration, in this moment. */
	readonly adopt: (plan: DaemonPlan) => void;
	readonly nowMs: () => number;
}

/** Never rejects. */
export async function reload(ports: ReloadPorts, progress: (message: string) => void): Promise<ReloadOutcome> {
	const startedMs = ports.nowMs();
	const end = (code: ExitCode, message: string, findings?: Findings): ReloadOutcome => ({
		code,
		message,
		durationMs: Math.round(ports.nowMs() - startedMs),
		...(findings === undefined ? {} : {findings}),
	});
	const read = ports.readAgain?.() ?? {message: 'this daemon does not know its files'};
	if (!('plan' in read)) return end(exitCodes.failed, `nothing was changed: ${read.message}`, read.findings);
	const {plan, findings} = read;
	const fixed = findFixedChanges(ports.running().pair, plan.pair);
	if (!isSameIdentity(ports.running(), plan)) {
		const why =
			'user, group: this service may become no other user than it started with; restart this node, the backup first';
		return {...end(exitCodes.refused, `nothing was changed: ${why}`, findings), needsRestart: true};
	}
	if (fixed.length > 0) {
		const why = `${fixed.join(', ')}: a heartbeat that runs cannot take that; restart this node, the backup first`;
		return {...end(exitCodes.refused, `nothing was changed: ${why}`, findings), needsRestart: true};
	}
	const failure = await ports.replaceProxy(planProxy(plan), progress, () => ports.adopt(plan));
	if (failure !== undefined) {
		const hint = failure.hint === undefined ? '' : ` ${failure.hint}`;
		return end(exitCodes.failed, `nothing was changed: ${failure.message}${hint}`, findings);
	}
	return end(exitCodes.ok, `configuration ${plan.configDigest.slice(0, 8)} is in force`, findings);
}

/** The proxy process of a plan. */
export function planProxy({proxyArgv: argv, proxyIdentity, configuration, proxyOptions}: DaemonPlan): ProxyPlan {
	const asItsUser = proxyIdentity === undefined ? {} : {asItsUser: proxyIdentity.command};
	return {argv, configuration, proxyOptions, ...asItsUser};
}

function isSameIdentity({proxyIdentity: one}: DaemonPlan, {proxyIdentity: other}: DaemonPlan): boolean {
	return one === undefined || (one.uid === other?.uid && one.gid === other.gid);
}

/** Who asked by a signal reads it here. Warnings are logged where the files are read. */
export function logReload(log: Log, {code, message, durationMs, findings}: ReloadOutcome): void {
	if (code === exitCodes.ok) {
		log.info({durationMs}, `reloaded: ${message}`);
		return;
	}
	for (const {severity, file, line, hint, message: problem} of findings?.diagnostics ?? []) {
		if (severity === 'error') log.error({file, line, ...(hint === undefined ? {} : {hint})}, problem);
	}
	log.error({}, `not reloaded: ${message}`);
}
