/**
 * Hears when somebody else removes an address or a link goes down, from `ip -o monitor` kept open.
 *
 * Decides nothing: it only wakes `takeover.ts`, which looks for itself. A watch that ends is started again; until then
 * the periodic read-back finds the loss a second later.
 */
import {type ChildProcessByStdio, spawn} from 'node:child_process';
import type {Readable, Writable} from 'node:stream';
import {endByInput} from './helpers.ts';

/** The monitor ends with the input of its shell: also when this process is killed. */
const script = 'trap "" TERM INT HUP; "$0" -o monitor address link </dev/null & read -r _; kill -KILL $!';
const restartDelayMs = 1000;

export class AddressWatch {
	readonly #ip: string;
	readonly #onChange: (line: string) => void;
	#child: ChildProcessByStdio<Writable, Readable, null> | undefined;
	#restartTimer: NodeJS.Timeout | undefined;
	#partial = '';

	/** @param onChange one line of the monitor: an address or link was changed or "Deleted". */
	constructor(ip: string, onChange: (line: string) => void) {
		this.#ip = ip;
		this.#onChange = onChange;
	}

	start(): void {
		const child = spawn('/bin/sh', ['-c', script, this.#ip], {
			stdio: ['pipe', 'pipe', 'ignore'],
			detached: true,
			env: {LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin'},
		});
		this.#child = child;
		this.#partial = '';
		child.stdout.setEncoding('utf8');
		child.stdout.on('data', (text: string) => this.#read(text));
		child.stdin.on('error', () => {});
		child.stdout.on('error', () => {});
		child.once('error', () => this.#ended(child));
		child.stdout.once('close', () => this.#ended(child));
	}

	async stop(): Promise<void> {
		clearTimeout(this.#restartTimer);
		const child = this.#child;
		this.#child = undefined;
		if (child) await endByInput(child);
	}

	#read(text: string): void {
		const lines = (this.#partial + text).split('\n');
		this.#partial = (lines.pop() ?? '').slice(-4096);
		for (const line of lines) this.#onChange(line);
	}

	#ended(child: ChildProcessByStdio<Writable, Readable, null>): void {
		if (this.#child !== child) return;
		this.#child = undefined;
		child.stdin.end();
		this.#restartTimer = setTimeout(() => this.start(), restartDelayMs);
	}
}
