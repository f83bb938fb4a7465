/**
 * hapair and Debian's haproxy side by side with the same configuration, for what both answer on their stats sockets.
 *
 * Decides their lives within a test, and what of their answers cannot be equal: times, pids, memory addresses. Leaves the questions to
 * tests. In the text `DIR` is a directory and `ADDR` a loopback address of each one's own.
 */
import {spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import {askSocket, end, eventually, neededTool, ownAddress} from './standalone-proxy.ts';

const hapair = fileURLToPath(new URL('../../packages/cli/bin/hapair.mjs', import.meta.url));

export interface Side {
	readonly name: 'hapair' | 'haproxy';
	readonly directory: string;
	readonly address: string;
	/** Text on the socket `DIR/sock`, which is then half closed; the answer, with `DIR` and `ADDR` in place of this side's own. */
	ask(text: string): Promise<string>;
	/** Ends it and starts it anew with the same files. */
	restart(): Promise<void>;
}

export interface Both {
	readonly hapair: Side;
	readonly haproxy: Side;
	/** Both, in this order. */
	readonly all: readonly [Side, Side];
}

export interface SideFiles {
	readonly [name: string]: string;
}

/** Starts both, with `files` in their directories; undefined where there is no haproxy. */
export async function startBoth(t: ExecutionContext, text: string, files: SideFiles = {}): Promise<Both | undefined> {
	const program = neededTool(t, 'haproxy');
	if (program === undefined) return undefined;
	const [theirs, ours] = [
		await startSide(t, 'haproxy', [program], text, files),
		await startSide(t, 'hapair', [process.execPath, hapair, 'proxy'], text, files),
	];
	return {hapair: ours, haproxy: theirs, all: [theirs, ours]};
}

async function startSide(
	t: ExecutionContext,
	name: Side['name'],
	command: readonly string[],
	text: string,
	files: SideFiles,
): Promise<Side> {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-beside-'));
	const address = ownAddress();
	const fill = (template: string) => template.replaceAll('DIR', directory).replaceAll('ADDR', address);
	mkdirSync(directory, {recursive: true});
	for (const [file, content] of Object.entries(files)) writeFileSync(join(directory, file), fill(content));
	writeFileSync(join(directory, 'haproxy.cfg'), fill(text));
	const [program = '', ...args] = command;
	let said = '';
	const launch = () => {
		const child = spawn(program, [...args, '-db', '-f', join(directory, 'haproxy.cfg')], {
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		for (const stream of [child.stdout, child.stderr]) {
			stream.on('data', chunk => {
				said += chunk;
			});
		}
		return child;
	};
	let child = launch();
	t.teardown(async () => {
		await end(child);
		rmSync(directory, {recursive: true, force: true});
	});
	const ask = async (line: string) =>
		(await askSocket(join(directory, 'sock'), fill(line), true))
			.replaceAll(directory, 'DIR')
			.replaceAll(address, 'ADDR');
	const started = () =>
		eventually(
			() => `${name} serves; it said: ${said}`,
			async () => {
				if (child.exitCode !== null) throw new Error(`${name} has ended: ${said}`);
				return (await ask('show info')).includes(`Pid: ${child.pid}\n`);
			},
		);
	await started();
	return {
		name,
		directory,
		address,
		ask,
		async restart() {
			await end(child);
			child = launch();
			await started();
		},
	};
}
