/**
 * The web server of the benchmark where nginx is missing: prepared answers over plain sockets.
 *
 * Usage: node server-program.ts PORT. Decides nothing about HTTP beyond finding where a request without a body ends.
 */
import {createServer} from 'node:net';
import {LARGE_BYTES, smallBody} from './backend.ts';

function answer(body: string | Buffer): Buffer {
	const head = `HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`;
	return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

const small = answer(smallBody);
const large = answer(Buffer.alloc(LARGE_BYTES, 'x'));
const empty = answer('');

createServer({noDelay: true}, socket => {
	let head = '';
	/** Bytes of a request's body that are still to come. */
	let left = 0;
	socket.on('error', () => socket.destroy());
	socket.on('data', chunk => {
		const skipped = Math.min(left, chunk.length);
		left -= skipped;
		head += chunk.toString('latin1', skipped);
		for (let end = head.indexOf('\r\n\r\n'); end >= 0; end = head.indexOf('\r\n\r\n')) {
			const request = head.slice(0, end);
			head = head.slice(end + 4);
			left = Number(/^content-length: *(\d+)/im.exec(request)?.[1] ?? 0);
			const here = Math.min(left, head.length);
			left -= here;
			head = head.slice(here);
			if (request.startsWith('HEAD ')) {
				socket.end(empty);
				return;
			}
			socket.write(request.startsWith('GET /small') ? small : request.startsWith('GET /large') ? large : empty);
		}
	});
}).listen(Number(process.argv[2]), '127.0.0.1');
