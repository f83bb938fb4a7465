/**
 * `hapair watch`: on a terminal a live status with the latest transitions, elsewhere one line for each thing that happens.
 *
 * Decides what is worth a line, and that each happening is one line whatever a hook printed. With `--json` every line is one object of the control protocol, status included.
 */
import {converse} from '../daemon/control-client.ts';
import type {ControlReply} from '../daemon/control-protocol.ts';
import type {StatusReport} from '../daemon/status-report.ts';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import {clean, clipLine} from '../terminal.ts';
import type {CommandIo} from './command-io.ts';
import {formatStatus} from './status-text.ts';

/** How many happenings stand below the live status. */
const latestShown = 8;

export async function watch(
	options: {readonly socketPath: string; readonly json: boolean},
	io: CommandIo,
): Promise<ExitCode> {
	const latest: string[] = [];
	const live = io.redraws && !options.json;
	const show = (reply: ControlReply): void => {
		if (options.json) {
			io.out(`${JSON.stringify(reply)}\n`);
			return;
		}
		const line = describe(reply);
		if (line !== undefined) {
			latest.push(line);
			latest.splice(0, latest.length - latestShown);
			if (!live) io.out(`${line}\n`);
		}
		if (live && reply.type === 'status') io.out(drawScreen(reply.status, latest, io));
	};
	if (live) io.out('\x1b[2J');
	await converse(options.socketPath, {command: 'watch'}, {silenceLimitMs: 5000, onReply: show, signal: io.interrupted});
	return exitCodes.ok;
}

/** Home, each line cleared to its end, then what is left below: no flicker as a full clear would give. */
function drawScreen(status: StatusReport, latest: readonly string[], io: CommandIo): string {
	const size = io.size();
	const above = formatStatus(status, io.paint, size?.columns);
	const below = ['', ...latest, io.paint('dim', 'Ctrl-C ends the watch')];
	// A line that wraps or a screen that scrolls would make every redraw begin at another place.
	const room = size === undefined ? above.length : Math.max(1, size.rows - 1 - below.length);
	const shown = [...above.slice(0, room), ...below];
	return `\x1b[H${shown.map(text => `${clipLine(text, size?.columns)}\x1b[K`).join('\n')}\n\x1b[J`;
}

function describe(reply: ControlReply): string | undefined {
	switch (reply.type) {
		case 'transition': {
			const {from, to, reason, term, takeoverMs} = reply.transition;
			const took = takeoverMs === undefined ? '' : ` (takeover ${Math.round(takeoverMs)} ms)`;
			return `${reply.time} ${reply.node} ${from} → ${to}, term ${term}: ${clean(reason)}${took}`;
		}
		case 'event':
			return `${reply.time} ${reply.node} ${reply.event.kind}: ${clean(reply.event.reason)}`;
		case 'hook':
			return `${reply.time} ${reply.node} hook ${reply.hook} on ${reply.event} (${clean(reply.reason)}) ${reply.outcome}: ${clean(reply.detail)}`;
		default:
			return undefined;
	}
}
