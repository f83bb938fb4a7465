/**
 * How regularly one node's advertisements arrive at the other, measured on the wire and not by a heartbeat.
 */
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {spawnIn} from './namespaces.ts';

export interface AdvertisementReport {
	readonly count: number;
	/** Between two that followed each other, ms. */
	readonly longestGapMs: number;
}

const program = fileURLToPath(new URL('advertisement-watch-program.ts', import.meta.url));

/** Listens in a namespace for what `sender` says. The answer ends it and tells. */
export async function watchAdvertisements(
	namespace: string,
	sender: string,
): Promise<() => Promise<AdvertisementReport>> {
	const argv = [process.execPath, program, 'eth0', sender];
	const child = spawnIn(namespace, argv, {stdio: ['ignore', 'pipe', 'inherit']});
	if (child.stdout === null) throw new Error('The watch has no output');
	const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
	await lines.next();
	return async () => {
		child.kill('SIGTERM');
		const {value} = await lines.next();
		if (child.exitCode === null) await once(child, 'exit');
		return JSON.parse(value ?? '') as AdvertisementReport;
	};
}
