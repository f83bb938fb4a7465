/**
 * The heartbeat process: one node of a pair, and nothing else. No disk, no names to resolve, no log but the channel.
 *
 * Decides when the process ends: on `stop`, on SIGTERM, and when the daemon is gone. In each case it resigns, releases
 * and removes the lease first, unless another process of this node has them (`bequest.ts`). SIGINT and SIGHUP are the daemon's business: a terminal sends them to the whole group.
 */
import {setPriority} from 'node:os';
import {DaemonChannel} from './daemon-channel.ts';
import {Instance} from './instance.ts';
import type {ToHeartbeat} from './messages.ts';

/** Priority of this process; a unit file may give it a real-time class on top. */
const niceness = -15;
/** A release that hangs must not keep the process; the lease has muted it long before. */
const stopDeadlineMs = 12_000;
const farewellMs = 200;

const channel = new DaemonChannel();
let instance: Instance | undefined;
/** The machine's monotonic clock itself, so that what one process knows of times another one understands. */
const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

if (process.send === undefined) {
	process.stderr.write('hapair: this program is a part of the daemon; use `hapair run`\n');
	process.exit(64);
}

try {
	setPriority(0, niceness);
} catch {
	// Not permitted: the default priority serves too.
}

process.on('message', (message: ToHeartbeat) => {
	if (message.type === 'start') start(message);
	else if (instance) instance.handle(message);
	else if (message.type === 'stop') end(0);
});
process.on('disconnect', stop);
process.on('SIGTERM', stop);
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});

function start({setup, follows}: Extract<ToHeartbeat, {type: 'start'}>): void {
	if (instance) return;
	try {
		instance = new Instance(setup, {
			send: message => channel.send(message),
			onEnd: end,
			now: () => originMs + performance.now(),
		});
	} catch (error) {
		channel.send({type: 'failed', message: error instanceof Error ? error.message : String(error)});
		end(1);
		return;
	}
	if (follows === true) instance.prepare();
	else void instance.start();
}

function stop(): void {
	if (instance) {
		setTimeout(() => process.exit(1), stopDeadlineMs).unref();
		instance.stop();
	} else end(0);
}

/** Ends once the last messages have left, or after a moment when nobody reads them. */
function end(exitCode: number): void {
	void channel.flush(farewellMs).then(() => process.exit(exitCode));
}
