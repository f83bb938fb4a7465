/**
 * Is the clock kept by somebody? (adjtimex(2): TIME_ERROR while the kernel's clock is not synchronised)
 *
 * Decides that it is a warning only: no clock is trusted by the pair's protocol. Logs of two nodes are hard to compare without, and
 * providers refuse signatures of a wrong time.
 */
import {type Finding, finding} from '../finding.ts';
import {runTool} from '../run-tool.ts';
import type {Subject} from '../subject.ts';

const timeError = 5;
/** Numbers of adjtimex(2). */
const systemCalls: Readonly<Record<string, number>> = {x64: 159, arm64: 171};

/** @param state what adjtimex answered, 0–5; undefined when it could not be asked. */
export function judgeClock(state: number | undefined): Finding {
	if (state === undefined) return finding('clock', 'unknown', 'whether the clock is synchronised cannot be told here');
	if (state !== timeError) return finding('clock', 'ok', 'the clock is synchronised');
	const message =
		'the clock is not synchronised: failover does not need it, comparing logs and the signatures for providers do';
	return finding('clock', 'warn', message, 'timedatectl set-ntp true, or install chrony');
}

export async function probeClock({tools: {perl}}: Pick<Subject, 'tools'>): Promise<number | undefined> {
	const call = systemCalls[process.arch];
	if (perl === undefined || call === undefined) return undefined;
	// Modes 0: asks, changes nothing.
	const {output, exitCode} = await runTool([perl, '-e', `my $t = "\\0" x 208; print syscall(${call}, $t)`], 2000);
	return exitCode === 0 && /^[0-5]$/.test(output) ? Number(output) : undefined;
}
