/**
 * Web servers behind a pair on trial, and a client in front of it: programs in the network of the machines.
 *
 * Decides what is lost: any answer but 200, and none within 5 s. The client asks twenty times a second unless told otherwise, each time on
 * a new connection.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';

/** Between two good answers, ms, is what a client that asks all the time would wait at the longest. */
export interface Answers {
	readonly asked: number;
	readonly wrong: readonly string[];
	readonly longestGapMs: number;
}

const firstAnswerLimitMs = 120_000;

const webProgram = (listens: string): string => `
const server = address => require('node:http').createServer((_, response) => response.end('hello')).listen(address.port, address.host);
for (const [host, port] of ${listens}) server({host, port});`;

const clientProgram = (url: string, pauseMs: number): string => `
const wrong = []; let asked = 0; let end = false; let goodAtMs; let longestGapMs = 0;
process.stdin.on('end', () => { end = true; }).resume();
const ask = async () => {
	asked++;
	try {
		const response = await fetch('${url}', {signal: AbortSignal.timeout(5000), headers: {connection: 'close'}});
		await response.text();
		if (response.status !== 200) throw response.status;
		const nowMs = performance.now();
		if (goodAtMs === undefined) console.log('first');
		else longestGapMs = Math.max(longestGapMs, nowMs - goodAtMs);
		goodAtMs = nowMs;
	} catch (error) { if (goodAtMs !== undefined) wrong.push(new Date().toISOString() + ' ' + String(error.cause ?? error)); }
};
(async () => {
	while (!end) { await ask(); await new Promise(resolve => setTimeout(resolve, ${pauseMs})); }
	console.log(JSON.stringify({asked, wrong, longestGapMs: Math.round(longestGapMs)}));
})();`;

function start(enter: readonly string[], program: string): ChildProcess {
	const [file = '', ...argv] = [...enter, process.execPath, '-e', program];
	return spawn(file, argv, {stdio: ['pipe', 'pipe', 'inherit']});
}

/** Answers on these addresses until it is killed. */
export function startWeb(
	enter: readonly string[],
	listens: readonly (readonly [host: string, port: number])[],
): ChildProcess {
	return start(enter, webProgram(JSON.stringify(listens)));
}

/** Gives everybody this file, whatever is asked for. */
export function startDownload(enter: readonly string[], host: string, port: number, file: string): ChildProcess {
	const answer = `require('node:fs').createReadStream(${JSON.stringify(file)}).pipe(response)`;
	return start(
		enter,
		`require('node:http').createServer((_, response) => ${answer}).listen(${port}, ${JSON.stringify(host)});`,
	);
}

/** Resolves at the first good answer; what went wrong before does not count. @param pauseMs from an answer to the next question. */
export async function startClient(
	enter: readonly string[],
	url: string,
	pauseMs = 50,
): Promise<{readonly child: ChildProcess; readonly stop: () => Promise<Answers>}> {
	const child = start(enter, clientProgram(url, pauseMs));
	const lines = createInterface({input: child.stdout!});
	const limit = AbortSignal.timeout(firstAnswerLimitMs);
	await once(lines, 'line', {signal: limit}).catch(() => {
		child.kill('SIGKILL');
		throw new Error(`${url} gave no good answer`);
	});
	const stop = async (): Promise<Answers> => {
		child.stdin?.end();
		const [line] = await once(lines, 'line', {signal: AbortSignal.timeout(10_000)});
		return JSON.parse(String(line));
	};
	return {child, stop};
}
