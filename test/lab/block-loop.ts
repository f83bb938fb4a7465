/**
 * Blocks the event loop of threads of a Node process in a lab, as code that takes too long does. SIGSTOP is something else: it stops
 * all threads of a process, and the kernel notices.
 *
 * Decides how the process is made to listen: SIGUSR1 opens Node's inspector, on loopback of its namespace alone.
 */
import {fileURLToPath} from 'node:url';
import {killPid, spawnIn} from './namespaces.ts';

const program = fileURLToPath(new URL('block-loop-program.ts', import.meta.url));

/** Resolves when the threads have been given the loop, which takes `durationMs`. */
export async function blockLoop(
	namespace: string,
	pid: number,
	threads: 'main' | 'workers',
	durationMs: number,
): Promise<void> {
	killPid(pid, 'SIGUSR1');
	const argv = [process.execPath, program, threads, String(durationMs)];
	const child = spawnIn(namespace, argv, {stdio: ['ignore', 'inherit', 'inherit']});
	const code = await new Promise(resolve => child.once('exit', resolve));
	if (code !== 0) throw new Error(`The loop of ${pid} could not be blocked`);
}
