/**
 * The processes of a benchmark: started, looked at in /proc, and ended whatever happens.
 *
 * Decides that nothing outlives the benchmark: each child gets SIGKILL when this process exits, and from the kernel when it dies.
 * Leaves what they are to others.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {maybeFindTool} from '../../test/lab/tools.ts';

/** Kernel clock ticks a second (USER_HZ), the unit of times in /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

const children = new Set<ChildProcess>();
/** Files of this benchmark; removed at the end. */
export const directory: string = mkdtempSync(join(tmpdir(), 'hapair-bench-'));

process.on('exit', () => {
	for (const child of children) child.kill('SIGKILL');
	rmSync(directory, {recursive: true, force: true});
});

/** Starts a program whose messages are kept for the error that follows when it ends by itself. */
export function start(argv: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
	const setpriv = maybeFindTool('setpriv');
	const [command = '', ...rest] = setpriv ? [setpriv, '--pdeathsig', 'SIGKILL', ...argv] : argv;
	const child = spawn(command, rest, {stdio: ['ignore', 'pipe', 'pipe'], env: {...process.env, ...env}});
	children.add(child);
	child.once('exit', () => children.delete(child));
	child.on('error', () => children.delete(child));
	return child;
}

/** Runs a program to its end; its stdout, or an error with its own words. */
export async function run(argv: readonly string[], acceptedCodes: readonly number[] = [0]): Promise<string> {
	const child = start(argv);
	let out = '';
	let messages = '';
	child.stdout?.on('data', (chunk: Buffer) => {
		out += chunk.toString();
	});
	child.stderr?.on('data', (chunk: Buffer) => {
		messages += chunk.toString();
	});
	const code = await new Promise(resolve => child.once('close', resolve));
	if (acceptedCodes.some(accepted => accepted === code)) return out;
	throw new Error(`${argv.join(' ')} ended with ${code}: ${messages || out}`);
}

/** SIGTERM, and SIGKILL a second later; resolves when it has ended. */
export async function stop(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const ended = new Promise(resolve => child.once('exit', resolve));
	const timer = setTimeout(() => child.kill('SIGKILL'), 1000);
	child.kill('SIGTERM');
	await ended;
	clearTimeout(timer);
}

export interface CpuTime {
	readonly userUs: number;
	readonly systemUs: number;
}

/** CPU time of a process with all its threads, those that ended included; microseconds in steps of 10,000. */
export function readCpuTime(pid: number): CpuTime {
	const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
		.replace(/^.*\) /s, '')
		.split(' ');
	const toUs = (ticks: string | undefined) => (Number(ticks) * 1e6) / TICKS_PER_SECOND;
	return {userUs: toUs(fields[11]), systemUs: toUs(fields[12])};
}

/** Resident memory of a process, KiB. */
export function readResidentKib(pid: number): number {
	return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}

/** Ports of 127.0.0.1 that were free a moment ago. */
export async function findFreePorts(count: number): Promise<number[]> {
	const servers = Array.from({length: count}, () => createServer());
	const ports: number[] = [];
	for (const server of servers) {
		await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
		const address = server.address();
		if (typeof address === 'object' && address !== null) ports.push(address.port);
	}
	for (const server of servers) await new Promise(resolve => server.close(resolve));
	return ports;
}

export function delay(ms: number): Promise<void> {
	return new Promise(resolve => setTimeout(resolve, ms));
}
