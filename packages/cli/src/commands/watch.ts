/**
 * `hapair watch`: on a terminal a live status with the latest transitions, elsewhere one line for each thing that happens.
 *
 * Decides what is worth a line. With `--json` every line is one object of the control protocol, status included.
 */
import {converse} from '../daemon/control-client.ts';
import type {ControlReply} from '../daemon/control-protocol.ts';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import type {CommandIo} from './command-io.ts';
import {formatStatus} from './status-text.ts';

/** How many happenings stand below the live status. */
const latestShown = 8;

export async function watch(
	options: {readonly socketPath: string; readonly json: boolean},
	io: CommandIo,
): Promise<ExitCode> {
	const latest: string[] = [];
	const show = (reply: ControlReply): void => {
		if (options.json) {
			io.out(`${JSON.stringify(reply)}\n`);
			return;
		}
		const line = describe(reply);
		if (line !== undefined) {
			latest.push(line);
			latest.splice(0, latest.length - latestShown);
			if (!io.terminal) io.out(`${line}\n`);
		}
		if (io.terminal && reply.type === 'status') {
			const lines = [...formatStatus(reply.status, io.paint), '', ...latest, io.paint('dim', 'Ctrl-C ends the watch')];
			// Home, each line cleared to its end, then what is left below: no flicker as a full clear would give.
			io.out(`\x1b[H${lines.map(text => `${text}\x1b[K`).join('\n')}\n\x1b[J`);
		}
	};
	if (io.terminal && !options.json) io.out('\x1b[2J');
	await converse(options.socketPath, {command: 'watch'}, {silenceLimitMs: 5000, onReply: show, signal: io.interrupted});
	return exitCodes.ok;
}

function describe(reply: ControlReply): string | undefined {
	switch (reply.type) {
		case 'transition': {
			const {from, to, reason, term, takeoverMs} = reply.transition;
			const took = takeoverMs === undefined ? '' : ` (takeover ${Math.round(takeoverMs)} ms)`;
			return `${reply.time} ${reply.node} ${from} → ${to}, term ${term}: ${reason}${took}`;
		}
		case 'event':
			return `${reply.time} ${reply.node} ${reply.event.kind}: ${reply.event.reason}`;
		case 'hook':
			return `${reply.time} hook ${reply.hook} ${reply.outcome}: ${reply.detail}`;
		default:
			return undefined;
	}
}
