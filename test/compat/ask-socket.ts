/**
 * Asks a socket one line and prints the answer: what a scenario needs where the runner's clients do not reach.
 *
 *     node ask-socket.ts PATH COMMAND
 *     node ask-socket.ts ADDRESS:PORT COMMAND
 *
 * Decides nothing about the answer. Ends with an error when nobody answers within two seconds.
 */
import {connect} from 'node:net';

const deadlineMs = 2_000;
const [, , target = '', command = ''] = process.argv;
const [, host, port] = /^([\d.]+):(\d+)$/.exec(target) ?? [];
const socket = connect(host === undefined ? {path: target} : {host, port: Number(port)}, () =>
	socket.write(`${command}\n`),
);
socket.setTimeout(deadlineMs, () => socket.destroy(new Error(`No answer from ${target} within ${deadlineMs} ms`)));
socket.pipe(process.stdout);
