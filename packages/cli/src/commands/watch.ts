/**
 * `hapair watch`: on a terminal a live status with the latest transitions, elsewhere one line for each thing that happens.
 *
 * With keys for a failover and for maintenance where they can be read. Decides what is worth a line, and that each happening is one line whatever a hook printed. With `--json` every line is one object of the control protocol, status included.
 */
import {converse} from '../daemon/control-client.ts';
import type {ControlReply} from '../daemon/control-protocol.ts';
import type {StatusReport} from '../daemon/status-report.ts';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import {clean, clipLine} from '../terminal.ts';
import type {CommandIo} from './command-io.ts';
import {formatStatus} from './status-text.ts';
import {describeKeys, type KeyState, pressKey, type Question} from './watch-keys.ts';

/** How many happenings stand below the live status. */
const latestShown = 8;
/** A failover may take 15 s, maintenance as long before it begins. */
const orderLimitMs = 25_000;

export async function watch(
	options: {readonly socketPath: string; readonly json: boolean},
	io: CommandIo,
): Promise<ExitCode> {
	if (io.redraws && !options.json) return watchLive(options.socketPath, io);
	const show = (reply: ControlReply): void => {
		const line = options.json ? JSON.stringify(reply) : describe(reply);
		if (line !== undefined) io.out(`${line}\n`);
	};
	await converse(options.socketPath, {command: 'watch'}, {silenceLimitMs: 5000, onReply: show, signal: io.interrupted});
	return exitCodes.ok;
}

async function watchLive(socketPath: string, io: CommandIo): Promise<ExitCode> {
	const latest: string[] = [];
	const quit = new AbortController();
	let state: KeyState = {kind: 'idle'};
	let status: StatusReport | undefined;
	const draw = (): void => {
		const foot = io.interactive ? describeKeys(state) : 'Ctrl-C ends the watch';
		if (status !== undefined) io.out(drawScreen(status, latest, foot, io));
	};
	const show = (reply: ControlReply): void => {
		const line = describe(reply);
		if (line !== undefined) latest.push(line);
		latest.splice(0, latest.length - latestShown);
		if (reply.type !== 'status') return;
		({status} = reply);
		draw();
	};
	const press = (key: string): void => {
		const outcome = pressKey(state, key, status?.pair);
		({state} = outcome);
		if (outcome.quit === true) quit.abort();
		if (outcome.order !== undefined) {
			void carryOut(socketPath, outcome.order, next => {
				state = next;
				draw();
			});
		}
		draw();
	};
	io.out('\x1b[2J');
	const stopKeys = io.interactive ? io.readKeys(press) : undefined;
	const signal = AbortSignal.any([io.interrupted, quit.signal]);
	try {
		await converse(socketPath, {command: 'watch'}, {silenceLimitMs: 5000, onReply: show, signal});
		return exitCodes.ok;
	} finally {
		stopKeys?.();
	}
}

/** Never rejects: what goes wrong stands on the screen. The daemon goes on with it when the watch ends. */
async function carryOut(
	socketPath: string,
	request: Question['request'],
	onState: (state: KeyState) => void,
): Promise<void> {
	const onReply = (reply: ControlReply): void => {
		if (reply.type === 'progress') onState({kind: 'working', said: `… ${clean(reply.message)}`});
		if (reply.type !== 'result') return;
		const word = reply.code === exitCodes.ok ? 'done' : reply.code === exitCodes.refused ? 'refused' : 'failed';
		onState({kind: 'idle', said: `${word}: ${clean(reply.message)}`});
	};
	try {
		await converse(socketPath, request, {silenceLimitMs: orderLimitMs, onReply});
	} catch (error) {
		onState({kind: 'idle', said: `failed: ${clean(error instanceof Error ? error.message : String(error))}`});
	}
}

/** Home, each line cleared to its end, then what is left below: no flicker as a full clear would give. */
function drawScreen(status: StatusReport, latest: readonly string[], foot: string, io: CommandIo): string {
	const size = io.size();
	const above = formatStatus(status, io.paint, size?.columns);
	const below = ['', ...latest, io.paint('dim', foot)];
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
