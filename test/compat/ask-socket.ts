/**
 * Asks a unix socket one line and prints the answer: what a scenario needs to see a `stats socket` of its own.
 *
 *     node ask-socket.ts PATH COMMAND
 *
 * Decides nothing about the answer. Ends with an error when nobody answers within two seconds.
 */
import {connect} from 'node:net';

const deadlineMs = 2_000;
const [, , path = '', command = ''] = process.argv;
const socket = connect(path, () => socket.write(`${command}\n`));
socket.setTimeout(deadlineMs, () => socket.destroy(new Error(`No answer from ${path} within ${deadlineMs} ms`)));
socket.pipe(process.stdout);
