/**
 * Load on a proxy for some seconds, and what it cost and gave.
 *
 * Decides how load is made: Debian's wrk when there is one, else `load-program.ts`. Both keep a number of connections busy, each with
 * one request at a time, so latency is that of a proxy that is never idle.
 */
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {RunningProxy} from './contenders.ts';
import {directory, readCpuTime, run} from './processes.ts';
import {type Counted, readWrk} from './wrk-output.ts';

export interface Load {
	readonly path: '/small' | '/large' | '/upload';
	readonly connections: number;
	/** Headers beside Host. */
	readonly headers: readonly string[];
	/** A connection a request. */
	readonly closes: boolean;
	/** POST with a body of this many bytes. */
	readonly uploadBytes?: number;
}

/** One run of one proxy. */
export interface Figures extends Counted {
	/** CPU a request, microseconds. */
	readonly userUs: number;
	readonly systemUs: number;
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
		...(load.uploadBytes === undefined ? [] : ['-s', writeUpload(load.uploadBytes)]),
		...headers.flatMap(header => ['-H', header]),
		`http://127.0.0.1:${port}${load.path}`,
	]);
	return readWrk(text);
}

function writeUpload(bytes: number): string {
	const path = join(directory, `upload-${bytes}.lua`);
	writeFileSync(path, `wrk.method = "POST"\nwrk.body = string.rep("x", ${bytes})\n`);
	return path;
}

async function runOwn(port: number, load: Load, seconds: number): Promise<Counted> {
	const program = fileURLToPath(new URL('load-program.ts', import.meta.url));
	const order = JSON.stringify({...load, port, seconds});
	return JSON.parse(await run([process.execPath, program, order])) as Counted;
}
