/** One raw request on a connection of its own, and what came back. */
import net from 'node:net';

export interface Asked {
	readonly method?: string;
	readonly path?: string;
	/** Lines, without CR LF. */
	readonly headers?: readonly string[];
	readonly body?: string;
	readonly version?: '1.0' | '1.1';
	/** The client's address, of 127.0.0.0/8. */
	readonly from?: string;
	/** Sent as they are instead of all the others. */
	readonly raw?: string;
	/** Waiting for the end of the answer, milliseconds; then what has come so far. */
	readonly withinMs?: number;
	/** `[::1]` instead of 127.0.0.1. */
	readonly to?: string;
}

/** The whole answer as text; empty when the connection was closed without one. */
export function ask(port: number, asked: Asked = {}): Promise<string> {
	const {method = 'GET', path = '/', headers = [], body = '', version = '1.1', from, raw, withinMs = 20_000} = asked;
	const lines = [`${method} ${path} HTTP/${version}`, 'Host: www.example.com', ...headers];
	if (body !== '') lines.push(`Content-Length: ${body.length}`);
	if (!headers.some(line => /^connection:/i.test(line))) lines.push('Connection: close');
	const text = raw ?? `${lines.join('\r\n')}\r\n\r\n${body}`;
	return new Promise(resolve => {
		const socket = net.connect({
			port,
			host: asked.to ?? '127.0.0.1',
			...(from === undefined ? {} : {localAddress: from}),
		});
		let got = '';
		const finish = () => {
			clearTimeout(timer);
			socket.destroy();
			resolve(got);
		};
		const timer = setTimeout(finish, withinMs);
		socket.on('connect', () => socket.write(text, 'latin1'));
		socket.on('data', data => {
			got += data.toString('latin1');
		});
		socket.on('error', finish);
		socket.on('end', finish);
		socket.on('close', finish);
	});
}

/** `200`, or `none`. */
export function statusOf(response: string): string {
	return /^HTTP\/1\.[01] (\d{3})/.exec(response)?.[1] ?? 'none';
}

/** The server that answered, or the proxy's own status. */
export function serverOf(response: string): string {
	return /^x-server: (\S+)/im.exec(response)?.[1] ?? statusOf(response);
}

/** Value of the first header of that name in the answer's head, or `-`. */
export function headerOf(response: string, name: string): string {
	const head = response.slice(0, response.indexOf('\r\n\r\n') + 2);
	return new RegExp(`^${name}: *(.*?)\\r$`, 'im').exec(head)?.[1] ?? '-';
}

/** The same in the request that the server got, which its answer repeats. */
export function forwarded(response: string, name: string): string {
	const body = response.slice(response.indexOf('\r\n\r\n') + 4);
	const values = [...body.matchAll(new RegExp(`^${name}: *(.*?)\\r$`, 'gim'))].map(found => found[1]);
	return values.length === 0 ? '-' : values.join('|');
}

/** The request line that the server got. */
export function forwardedLine(response: string): string {
	return response.slice(response.indexOf('\r\n\r\n') + 4).split('\r\n')[0] ?? '';
}
