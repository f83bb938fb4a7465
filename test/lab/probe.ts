/**
 * Starts sampling programs in a lab and collects what they saw.
 *
 * Decides how a probe is started and ended. The sampling is in `probe-program.ts`, the arithmetic in `figures.ts`.
 */
import type {ChildProcess} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {countDoubleAnswers, longestGapMs} from './figures.ts';
import type {Outcome, Target} from './http-client.ts';
import type {LongOrder, LongReport} from './long-clients.ts';
import {killPid, spawnIn} from './namespaces.ts';

export type ProbeOrder =
	| {
			readonly kind: 'clients';
			readonly target: Target;
			/** New connections a second, each with one request. */
			readonly perSecond: number;
			readonly keepAliveClients: number;
			/** Mean pause of a keep-alive client between two requests. */
			readonly pauseMs: number;
	  }
	| {
			readonly kind: 'eye';
			readonly address: string;
			/** From one look to the next; 10. */
			readonly everyMs?: number;
			/** What comes later is no answer; 30. */
			readonly deadlineMs?: number;
	  }
	| LongOrder
	| {readonly kind: 'stop'};

export interface ProbeReport {
	readonly kind: 'clients';
	/** One entry a new client, in the order in which they ended. */
	readonly fresh: readonly Outcome[];
	readonly kept: readonly Outcome[];
}

/** One look at the virtual address: did the node answer the ARP question, did it answer TCP? */
export interface EyeSample {
	readonly startMs: number;
	readonly endMs: number;
	readonly arp: boolean;
	readonly tcp: boolean;
}

export interface EyeReport {
	readonly kind: 'eye';
	readonly samples: readonly EyeSample[];
}

type Report = ProbeReport | EyeReport | LongReport;
type FromProbe = {readonly kind: 'ready'} | {readonly kind: 'started'} | Report;

const program = fileURLToPath(new URL('probe-program.ts', import.meta.url));
const stopDeadlineMs = 30_000;
const lastWordMs = 2000;

/** A running sampling program. */
export class Probe<Kind extends Report> {
	readonly #child: ChildProcess;
	readonly #report: Promise<Kind>;
	readonly started: Promise<void>;

	constructor(namespace: string, order: Exclude<ProbeOrder, {kind: 'stop'}>) {
		const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
		this.#child = spawnIn(namespace, [process.execPath, program], {stdio: [...stdio]});
		const started = Promise.withResolvers<void>();
		const report = Promise.withResolvers<Kind>();
		this.#child.on('message', (message: FromProbe) => {
			if (message.kind === 'ready') this.#child.send(order);
			else if (message.kind === 'started') started.resolve();
			else report.resolve(message as Kind);
		});
		this.#child.once('exit', code => {
			const error = new Error(`The probe in ${namespace} ended with code ${code} before its report`);
			// The end of a process may be told before its last message.
			setTimeout(() => {
				started.reject(error);
				report.reject(error);
			}, lastWordMs);
		});
		report.promise.catch(() => {});
		this.#report = report.promise;
		this.started = started.promise;
	}

	/** Ends the sampling and returns what was seen. */
	async stop(): Promise<Kind> {
		this.#child.send({kind: 'stop'} satisfies ProbeOrder);
		const timer = setTimeout(() => killPid(this.#child.pid ?? 0, 'SIGKILL'), stopDeadlineMs);
		try {
			return await this.#report;
		} finally {
			clearTimeout(timer);
		}
	}
}

/** What clients felt: longest time without service, and the failed requests. */
export function summarizeClients(report: ProbeReport): {
	readonly gapMs: number;
	readonly requests: number;
	readonly failedFresh: readonly Outcome[];
	readonly failedKept: readonly Outcome[];
} {
	return {
		gapMs: Math.round(longestGapMs(report.fresh.length > 0 ? report.fresh : report.kept)),
		requests: report.fresh.length + report.kept.length,
		failedFresh: report.fresh.filter(outcome => !outcome.ok),
		failedKept: report.kept.filter(outcome => !outcome.ok),
	};
}

/** What two eyes saw: how often both nodes answered at the same time, by ARP and by TCP. */
export function summarizeEyes(
	one: EyeReport,
	other: EyeReport,
): {readonly doubleArp: number; readonly doubleTcp: number} {
	const by = (report: EyeReport, kind: 'arp' | 'tcp') => report.samples.map(sample => ({...sample, ok: sample[kind]}));
	return {
		doubleArp: countDoubleAnswers(by(one, 'arp'), by(other, 'arp')),
		doubleTcp: countDoubleAnswers(by(one, 'tcp'), by(other, 'tcp')),
	};
}
