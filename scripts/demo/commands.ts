/**
 * `npm start -- start web1`, `npm start -- kill master`: words to a running demo over its unix socket.
 *
 * Decides how a running demo is found (the newest directory whose program is alive) and how words are answered. What
 * they do is in `pair.ts`.
 */
import {existsSync, readdirSync, statSync} from 'node:fs';
import {createConnection, createServer, type Server} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {isAlive} from '../../test/lab/namespaces.ts';

const socketName = 'demo.sock';
const lineLimitBytes = 200;
const answerLimitMs = 20_000;

/** Listens for words; `obey` answers with a sentence. The socket is for this user alone. */
export function listenForCommands(directory: string, obey: (words: readonly string[]) => Promise<string>): Server {
	const server = createServer({allowHalfOpen: true}, socket => {
		let line = '';
		socket.setTimeout(answerLimitMs, () => socket.destroy());
		socket.on('error', () => socket.destroy());
		socket.on('data', chunk => {
			line += chunk.toString();
			if (line.length > lineLimitBytes) socket.destroy();
		});
		socket.on('end', async () => {
			const answer = await obey(line.trim().split(/\s+/)).catch((error: Error) => error.message);
			socket.end(`${answer}\n`);
		});
	});
	server.on('error', error => console.error(`hapair demo: no commands can be given: ${error.message}`));
	return server.listen(join(directory, socketName));
}

/** Says the words to the running demo, prints the answer and returns an exit code. */
export async function sayToDemo(words: readonly string[]): Promise<number> {
	const path = maybeFindDemo();
	if (path === undefined) {
		console.error('hapair demo: none is running. Start it in another terminal: npm start');
		return 1;
	}

	return new Promise(resolve => {
		const socket = createConnection({path, allowHalfOpen: true});
		socket.setTimeout(answerLimitMs, () => socket.destroy(new Error('no answer')));
		socket.on('data', chunk => process.stdout.write(chunk));
		socket.once('error', error => {
			console.error(`hapair demo: ${error.message}`);
			resolve(1);
		});
		socket.once('end', () => {
			socket.end();
			resolve(0);
		});
		socket.end(words.join(' '));
	});
}

function maybeFindDemo(): string | undefined {
	const found = readdirSync(tmpdir())
		.filter(name => isAlive(Number(/^hapair-demo-(\d+)-/.exec(name)?.[1] ?? Number.NaN)))
		.map(name => join(tmpdir(), name, socketName))
		.filter(path => existsSync(path));
	return found.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}
