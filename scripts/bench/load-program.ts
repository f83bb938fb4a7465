/**
 * The load generator of the benchmark where wrk is missing: busy connections over plain sockets.
 *
 * Usage: node load-program.ts ORDER, the order and the answer in JSON. Decides where an answer ends by its Content-Length alone, which
 * is all that the benchmark's server sends.
 */
import {connect} from 'node:net';
import {quantile} from '../../test/lab/figures.ts';
import type {Load} from './load.ts';
import type {Counted} from './wrk-output.ts';

const order = JSON.parse(process.argv[2] ?? '{}') as Load & {readonly port: number; readonly seconds: number};
const lines = ['Host: 127.0.0.1', ...order.headers, ...(order.closes ? ['Connection: close'] : [])];
const body = 'x'.repeat(order.uploadBytes ?? 0);
if (body !== '') lines.push(`Content-Length: ${body.length}`);
const method = body === '' ? 'GET' : 'POST';
const text = `${method} ${order.path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
const times: number[] = [];
let errors = 0;
const begin = performance.now();
const end = begin + order.seconds * 1000;

function open(): void {
	if (performance.now() >= end) return;
	const socket = connect({port: order.port, host: '127.0.0.1', noDelay: true});
	let sentMs = performance.now();
	let head = '';
	let left = -1;
	const send = () => {
		sentMs = performance.now();
		head = '';
		left = -1;
		if (sentMs >= end) socket.destroy();
		else socket.write(text);
	};
	socket.once('connect', send);
	socket.once('error', () => errors++);
	socket.once('close', () => setImmediate(open));
	socket.on('data', chunk => {
		if (left < 0) {
			head += chunk.toString('latin1');
			const headEnd = head.indexOf('\r\n\r\n');
			if (headEnd < 0) return;
			if (!head.startsWith('HTTP/1.1 2')) errors++;
			left = Number(/^content-length: *(\d+)/im.exec(head)?.[1]) - (head.length - headEnd - 4);
		} else {
			left -= chunk.length;
		}
		if (left > 0) return;
		times.push(performance.now() - sentMs);
		if (order.closes) socket.destroy();
		else send();
	});
}

for (let i = 0; i < order.connections; i++) open();
process.once('exit', () => {
	const seconds = (performance.now() - begin) / 1000;
	const counted: Counted = {
		requests: times.length,
		perSecond: times.length / seconds,
		p50Ms: quantile(times, 0.5),
		p99Ms: quantile(times, 0.99),
		errors,
	};
	process.stdout.write(JSON.stringify(counted));
});
