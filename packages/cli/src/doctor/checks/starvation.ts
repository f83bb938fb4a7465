/**
 * Does this machine get its processor? Stolen time, and how late timers are.
 *
 * Decides against the lease: a node that stands still for longer loses the address although nothing is broken.
 */
import {readFile} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Pair} from '@hapair/config';
import {leaseMs} from '@hapair/heartbeat';
import {readCpuTimes} from '../../daemon/tracks/starvation.ts';
import {type Finding, finding} from '../finding.ts';
import type {Subject} from '../subject.ts';

export interface StarvationFacts {
	/** Per cent of the time of a second; absent where the kernel does not tell. */
	readonly stealPercent?: number;
	/** Longest delay of a timer here, ms. */
	readonly lateMs: number;
	/** The heartbeat's own longest gap in the last minute, ms. */
	readonly heartbeatGapMs?: number;
}

const muchStealPercent = 10;

export function judgeStarvation(facts: StarvationFacts, {advertIntervalMs}: Pick<Pair, 'advertIntervalMs'>): Finding {
	const {stealPercent, lateMs, heartbeatGapMs = 0} = facts;
	const limitMs = leaseMs(advertIntervalMs);
	const hint = 'a host that keeps its promises, or a calmer pair: advertise calm';
	if (stealPercent !== undefined && stealPercent >= muchStealPercent) {
		const message = `the host takes ${Math.round(stealPercent)} % of the processor from this machine`;
		return finding('steal', 'warn', message, hint);
	}
	const gapMs = Math.round(Math.max(lateMs, heartbeatGapMs));
	if (gapMs >= limitMs / 2) {
		const who = lateMs >= heartbeatGapMs ? 'timers here are' : 'the heartbeat was';
		return finding('steal', 'warn', `${who} late by ${gapMs} ms, and after ${limitMs} ms the lease ends`, hint);
	}
	const steal = stealPercent === undefined ? 'steal is not told here' : `${Math.round(stealPercent)} % stolen`;
	return finding('steal', 'ok', `${steal}, timers late by ${gapMs} ms at most`);
}

const watchMs = 1000;
const stepMs = 10;

export async function probeStarvation({daemon}: Pick<Subject, 'daemon'>): Promise<StarvationFacts> {
	const readTimes = async () => readCpuTimes(await readFile('/proc/stat', 'latin1').catch(() => ''));
	const before = await readTimes();
	const endMs = performance.now() + watchMs;
	let lateMs = 0;
	for (let nowMs = performance.now(); nowMs < endMs; ) {
		await sleep(stepMs);
		const nextMs = performance.now();
		lateMs = Math.max(lateMs, nextMs - nowMs - stepMs);
		nowMs = nextMs;
	}
	const after = await readTimes();
	const gap = daemon?.pair?.heartbeat === 'running' ? {heartbeatGapMs: daemon.pair.longestStallMs} : {};
	const passed = before === undefined || after === undefined ? 0 : after.total - before.total;
	if (before === undefined || after === undefined || passed <= 0) return {lateMs, ...gap};
	return {lateMs, stealPercent: (100 * (after.stolen - before.stolen)) / passed, ...gap};
}
