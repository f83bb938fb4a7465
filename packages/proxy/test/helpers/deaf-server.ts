/**
 * A port of 127.0.0.1 on which connections never come to be: its listener is stopped and its queue is full, so the kernel drops every
 * further SYN.
 */
import {spawn} from 'node:child_process';
import net from 'node:net';

export interface DeafServer {
	readonly port: number;
	close(): void;
}

const PROGRAM = `const server = require('node:net').createServer();
server.listen(Number(process.argv[1]), '127.0.0.1', 1, () => console.log(server.address().port));`;
/** More than a backlog of 1 takes. */
const FILLERS = 8;
const SETTLE_MS = 300;

/** `port` 0: the kernel chooses. */
export async function startDeafServer(port = 0): Promise<DeafServer> {
	const child = spawn(process.execPath, ['-e', PROGRAM, String(port)], {stdio: ['ignore', 'pipe', 'inherit']});
	const chosen = await new Promise<number>((resolve, reject) => {
		child.stdout.once('data', text => resolve(Number(String(text))));
		child.once('exit', code => reject(new Error(`The deaf server ended with ${code}.`)));
	});
	child.kill('SIGSTOP');
	const fillers = Array.from({length: FILLERS}, () => net.connect(chosen, '127.0.0.1'));
	for (const filler of fillers) filler.on('error', () => {});
	// Until those that fit are in: the others show that no more do.
	await new Promise(resolve => setTimeout(resolve, SETTLE_MS));
	return {
		port: chosen,
		close() {
			for (const filler of fillers) filler.destroy();
			child.kill('SIGKILL');
		},
	};
}
