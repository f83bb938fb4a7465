/**
 * A port for another program to listen on, below those that the kernel gives to clients: nobody takes it before that program does.
 *
 * Each process begins elsewhere, and none is given twice.
 */
import net from 'node:net';

const FIRST = 10_000;
const LAST = 32_000;
let next = FIRST + ((process.pid * 131) % (LAST - FIRST));

export async function quietPort(): Promise<number> {
	for (;;) {
		const port = next;
		next = next < LAST ? next + 1 : FIRST;
		if (await isFree(port)) return port;
	}
}

function isFree(port: number): Promise<boolean> {
	return new Promise(resolve => {
		const server = net.createServer();
		server.once('error', () => resolve(false));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
	});
}
