/**
 * Load on a proxy for some seconds, and what it cost and gave.
 *
 * Decides how load is made: Debian's wrk when there is one, else `load-program.ts`. Both keep a number of connections busy, each with
 * one request at a time, so latency is that of a proxy that is never idle.
 */
import {fileURLToPath} from 'node:url';
import type {RunningProxy} from './contenders.ts';
import {readCpuTime, run} from './processes.ts';

export interface Load {
	readonly path: '/small' | '/large';
	readonly connections: number;
	/** Headers beside Host. */
	readonly headers: readonly string[];
	/** A connection a request. */
	readonly closes: boolean;
}

/** One run of one proxy. */
export interface Figures {
	readonly requests: number;
	readonly userUs: number;
	readonly systemUs: number;
	readonly perSecond: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
	/** Connections that failed and answers that were not 2xx. */
	readonly errors: number;
}

export interface Counted {
	readonly requests: number;
	readonly perSecond: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
	readonly errors: number;
}

/** CPU is the proxy's alone, connections of the load included, from before the first request until after the last. */
export async function putLoad(
	proxy: RunningProxy,
	load: Load,
	seconds: number,
	wrk: string | undefined,
): Promise<Figures> {
	const before = readCpuTime(proxy.pid);
	const counted = wrk ? await runWrk(wrk, proxy.port, load, seconds) : await runOwn(proxy.port, load, seconds);
	const after = readCpuTime(proxy.pid);
	if (counted.requests === 0) throw new Error(`${proxy.name} answered no request`);
	return {
		...counted,
		userUs: (after.userUs - before.userUs) / counted.requests,
		systemUs: (after.systemUs - before.systemUs) / counted.requests,
	};
}

async function runWrk(wrk: string, port: number, load: Load, seconds: number): Promise<Counted> {
	const headers = [...load.headers, ...(load.closes ? ['Connection: close'] : [])];
	const text = await run([
		wrk,
		'-t1',
		`-c${load.connections}`,
		`-d${seconds}s`,
		'--latency',
		...headers.flatMap(header => ['-H', header]),
		`http://127.0.0.1:${port}${load.path}`,
	]);
	return readWrk(text);
}

/** What wrk has printed, as numbers. */
export function readWrk(text: string): Counted {
	const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
	const percentile = (percent: number) => {
		const [, value, unit] = new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s|m)$`, 'm').exec(text) ?? [];
		const factors: Readonly<Record<string, number>> = {us: 0.001, ms: 1, s: 1000, m: 60_000};
		return Number(value) * (factors[unit ?? ''] ?? Number.NaN);
	};
	const socketErrors =
		/Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
	return {
		requests: number(/^\s*(\d+) requests in/m),
		perSecond: number(/^Requests\/sec:\s+([\d.]+)/m),
		p50Ms: percentile(50),
		p99Ms: percentile(99),
		errors: socketErrors.reduce((sum, count) => sum + Number(count), number(/Non-2xx or 3xx responses: (\d+)/)),
	};
}

async function runOwn(port: number, load: Load, seconds: number): Promise<Counted> {
	const program = fileURLToPath(new URL('load-program.ts', import.meta.url));
	const order = JSON.stringify({...load, port, seconds});
	return JSON.parse(await run([process.execPath, program, order])) as Counted;
}
