/**
 * Listens where nobody is ever accepted: what a scenario needs to see a connection that is neither taken nor refused.
 *
 *     node full-backlog.ts ADDRESS PORT READY-FILE
 *
 * Fills its own queue of connections, writes the file, and stands still; the kernel drops what arrives from then on.
 * Ends by itself after ten seconds.
 */
import {writeFileSync} from 'node:fs';
import {connect, createServer} from 'node:net';

const lifeMs = 10_000;
/** The kernel keeps one more than the backlog; the rest waits unanswered. */
const backlog = 1;
const [, , host = '', port = '', readyFile = ''] = process.argv;

createServer().listen({host, port: Number(port), backlog}, () => {
	for (let index = 0; index < backlog + 3; index++) connect({host, port: Number(port)});
	// Connections are opened at the next tick; nothing may be accepted behind them.
	process.nextTick(() => {
		writeFileSync(readyFile, '');
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lifeMs);
		process.exit();
	});
});
