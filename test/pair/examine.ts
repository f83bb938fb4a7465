/**
 * Runs `hapair doctor --json` on a node of a lab and reads what it says.
 *
 * Decides which parts of the answer tests look at. A `prefix` is a program that starts it.
 */
import {fileURLToPath} from 'node:url';
import type {Lab} from '../lab/lab.ts';
import {spawnIn} from '../lab/namespaces.ts';
import type {NodeRole} from '../lab/network.ts';

export const mainProgram = fileURLToPath(new URL('../../packages/cli/bin/hapair.mjs', import.meta.url));

export interface Finding {
	readonly check: string;
	readonly grade: string;
	readonly message: string;
}

export interface Examination {
	readonly code: number | null;
	readonly findings: readonly Finding[];
	readonly drivers: readonly {readonly driver: string; readonly grade: string; readonly message: string}[];
	readonly failovers: readonly {readonly node: string; readonly longestMs: number}[];
	/** Grade and sentence of a check's first finding. */
	readonly of: (check: string) => string;
}

export async function examine(lab: Lab, node: NodeRole, prefix: readonly string[] = []): Promise<Examination> {
	const argv = [...prefix, process.execPath, mainProgram, 'doctor', '-f', lab.configPath, '--node', node, '--json'];
	argv.push('--socket', lab.socketPathOf(node));
	const child = spawnIn(lab.network.namespaceOf(node), argv, {stdio: ['ignore', 'pipe', 'inherit']});
	let text = '';
	child.stdout?.on('data', chunk => {
		text += chunk;
	});
	const code = await new Promise<number | null>(resolve => child.once('close', resolve));
	const answer = JSON.parse(text) as Omit<Examination, 'code' | 'of'>;
	const of = (check: string): string => {
		const found = answer.findings.find(each => each.check === check);
		return `${found?.grade}: ${found?.message}`;
	};
	return {...answer, code, of};
}
