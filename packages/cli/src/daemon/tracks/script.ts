/**
 * `track script`: this node is fit while a program of the user's exits with 0.
 *
 * Decides what a pass is. The program gets no shell, a fixed `PATH`, and its process group is ended at the timeout; a
 * script that hangs is a script that failed.
 */
import type {Track} from '@hapair/config';
import {findProgramObjection} from '../../hooks/exec.ts';
import {describeOutcome, runProgram, safePath} from '../../processes/run-program.ts';
import {monitorPeriodically, type TrackMonitor} from './monitor.ts';

export function createScriptTrack(track: Extract<Track, {kind: 'script'}>, uid: number): TrackMonitor {
	const program = track.argv[0] ?? '';
	const name = `track script ${program}`;
	return monitorPeriodically(name, track, async signal => {
		const objection = findProgramObjection(program, uid);
		if (objection !== undefined) return {passed: false, reason: `track script was not run: ${objection}`};
		const outcome = await runProgram({
			argv: track.argv,
			timeoutMs: track.timeoutMs,
			environment: {PATH: safePath},
			signal,
		});
		const passed = outcome.exitCode === 0 && !outcome.timedOut;
		const [firstLine = ''] = outcome.output.split('\n');
		const said = firstLine === '' ? '' : `: ${firstLine.slice(0, 120)}`;
		return {passed, reason: `${name} ${describeOutcome(outcome, track.timeoutMs)}${said}`};
	});
}
