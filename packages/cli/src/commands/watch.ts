/**
 * `hapair watch`: on a terminal a live status with the latest transitions, elsewhere one line for each thing that happens.
 *
 * With keys for a failover and for maintenance where they can be read. Decides how long it goes on. With `--json` every line is one object of the control protocol, status included.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import {converse} from '../daemon/control-client.ts';
import type {ControlReply} from '../daemon/control-protocol.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {clean} from '../terminal.ts';
import type {CommandIo} from './command-io.ts';
import {type KeyState, pressKey, type Question} from './watch-keys.ts';
import {describeReply} from './watch-lines.ts';
import {Screen} from './watch-screen.ts';

const retryMs = 1000;
/** A failover may take 15 s, maintenance as long before it begins. */
const orderLimitMs = 25_000;

export async function watch(
	options: {readonly socketPath: string; readonly json: boolean},
	io: CommandIo,
): Promise<ExitCode> {
	if (io.redraws && !options.json) return watchLive(options.socketPath, io);
	const show = (reply: ControlReply): void => {
		const line = options.json ? JSON.stringify(reply) : describeReply(reply);
		if (line !== undefined) io.out(`${line}\n`);
	};
	await converse(options.socketPath, {command: 'watch'}, {silenceLimitMs: 5000, onReply: show, signal: io.interrupted});
	return exitCodes.ok;
}

/** A daemon that was there and has gone (a restart, an upgrade) is asked for again each second. */
async function watchLive(socketPath: string, io: CommandIo): Promise<ExitCode> {
	const screen = new Screen(io);
	const quit = new AbortController();
	const press = (key: string): void => {
		const outcome = pressKey(screen.keys, key, screen.status?.pair);
		if (outcome.quit === true) quit.abort();
		if (outcome.order !== undefined) void carryOut(socketPath, outcome.order, keys => screen.change({keys}));
		screen.change({keys: outcome.state});
	};
	const signal = AbortSignal.any([io.interrupted, quit.signal]);
	const onReply = (reply: ControlReply): void => screen.show(reply);
	const endings = [io.watchSize(() => screen.clear()), ...(io.interactive ? [io.readKeys(press)] : [])];
	screen.clear();
	try {
		while (!signal.aborted) {
			try {
				await converse(socketPath, {command: 'watch'}, {silenceLimitMs: 5000, onReply, signal});
				break;
			} catch (error) {
				if (screen.status === undefined || !(error instanceof UserError)) throw error;
				screen.change({trouble: error.message});
				await sleep(retryMs, undefined, {signal}).catch(() => {});
			}
		}
		return exitCodes.ok;
	} finally {
		for (const end of endings) end();
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
