/**
 * The program that keeps threads of a Node process busy; started by `block-loop.ts` in the process's namespace.
 *
 * Asks the inspector that SIGUSR1 opens there (port 9229 of loopback) to run a loop that does nothing: the thread handles no event meanwhile, as
 * with code that takes too long. `main` is the process's first thread, `workers` all the others.
 */
import {letPassMs, monotonicMs} from './wait.ts';

const openDeadlineMs = 5000;
/** Workers announce themselves one by one. */
const gatherMs = 300;

interface Word {
	readonly id?: number;
	readonly method?: string;
	readonly params?: {readonly sessionId?: string};
	readonly error?: {readonly message: string};
}

async function findInspector(): Promise<string> {
	const endMs = monotonicMs() + openDeadlineMs;
	for (;;) {
		try {
			const answer = await fetch('http://127.0.0.1:9229/json/list', {signal: AbortSignal.timeout(1000)});
			const [target] = (await answer.json()) as {webSocketDebuggerUrl: string}[];
			if (target !== undefined) return target.webSocketDebuggerUrl;
		} catch (error) {
			if (monotonicMs() > endMs) throw error;
		}
		await letPassMs(20);
	}
}

/** The loop begins after this answer, so that the order is known to have arrived. */
function evaluation(id: number, durationMs: number): object {
	const busy = `const end = performance.now() + ${durationMs}; while (performance.now() < end);`;
	return {id, method: 'Runtime.evaluate', params: {expression: `void setTimeout(() => {${busy}}, 1)`}};
}

async function block(threads: string, durationMs: number): Promise<void> {
	const socket = new WebSocket(await findInspector());
	await new Promise((resolve, reject) => {
		socket.addEventListener('open', resolve);
		socket.addEventListener('error', () => reject(new Error('The inspector does not answer')));
	});
	const sessions: string[] = [];
	const answered = new Set<number>();
	socket.addEventListener('message', ({data}) => {
		const word = JSON.parse(String(data)) as Word;
		if (word.error !== undefined) throw new Error(word.error.message);
		if (word.id !== undefined) answered.add(word.id);
		if (word.method === 'NodeWorker.attachedToWorker') sessions.push(word.params?.sessionId ?? '');
	});
	const send = (message: object) => socket.send(JSON.stringify(message));
	let last = 1;
	if (threads === 'main') {
		send(evaluation(last, durationMs));
	} else {
		send({id: last, method: 'NodeWorker.enable', params: {waitForDebuggerOnStart: false}});
		await letPassMs(gatherMs);
		if (sessions.length === 0) throw new Error('The process has no worker threads');
		for (const sessionId of sessions) {
			const message = JSON.stringify(evaluation(1, durationMs));
			send({id: ++last, method: 'NodeWorker.sendMessageToWorker', params: {sessionId, message}});
		}
	}
	const endMs = monotonicMs() + openDeadlineMs;
	while (!answered.has(last)) {
		if (monotonicMs() > endMs) throw new Error('The inspector did not take the order');
		await letPassMs(5);
	}
	socket.close();
}

const [threads = 'main', durationMs = '0'] = process.argv.slice(2);
await block(threads, Number(durationMs));
process.exit(0);
