/**
 * A fake API behind a real HTTP server on this machine's loopback.
 */
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import type {FakeApi} from './provider.ts';

export interface Served {
	/** `http://127.0.0.1:PORT`. */
	readonly origin: string;
	close(): Promise<void>;
}

export async function serveApi(api: FakeApi): Promise<Served> {
	const server = createServer((incoming, outgoing) => {
		const chunks: Buffer[] = [];
		incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
		incoming.on('end', () => {
			const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host}`);
			const headers = new Headers(
				Object.entries(incoming.headersDistinct).map(([name, values]): [string, string] => [
					name,
					(values ?? []).join(', '),
				]),
			);
			const request = {method: incoming.method ?? '', url, headers, body: Buffer.concat(chunks).toString('utf8')};
			const {status, headers: answered = {}, body} = api(request, performance.now());
			// Status 0 stands for a provider that never answers.
			if (status === 0) return;
			outgoing.writeHead(status, answered);
			outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
		});
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	const {port} = server.address() as AddressInfo;
	return {
		origin: `http://127.0.0.1:${port}`,
		close: () =>
			new Promise(resolve => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
