/**
 * A Debian of its own with systemd as its first process, in a container: what a node is, as near as one machine comes to it.
 *
 * Decides how it starts and ends: files over a bare Debian that stays as it is, one network namespace for all machines with a bridge in it,
 * systemd-nspawn without a manager of machines. Leaves what is done inside to `pair.ts`.
 */
import {type ChildProcess, execFileSync, type SpawnSyncReturns, spawn, spawnSync} from 'node:child_process';
import {closeSync, copyFileSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';

const bootLimitMs = 90_000;
const commandLimitMs = 180_000;
/** 10.77.0.1 is the bridge's own; nothing of it is seen outside of the namespace. */
export const network = {bridge: 'br0', gateway: '10.77.0.1', prefixLength: 24} as const;

/** Makes the namespace with its bridge, and answers how a program is started in it. */
export function makeSwitch(namespace: string): readonly string[] {
	execFileSync('ip', ['netns', 'add', namespace]);
	const lines = [
		`link add ${network.bridge} type bridge`,
		`link set ${network.bridge} up`,
		'link set lo up',
		`addr add ${network.gateway}/${network.prefixLength} dev ${network.bridge}`,
	];
	execFileSync('ip', ['-n', namespace, '-batch', '-'], {input: lines.join('\n')});
	// Not `ip netns exec`: that hides the control groups, which systemd needs.
	return ['nsenter', `--net=/run/netns/${namespace}`];
}

/** A folder that shows a Debian which stays as it is; what is changed goes into `scratch`. */
export function mountLayers(base: string, system: string, scratch: string): void {
	for (const folder of [system, join(scratch, 'upper'), join(scratch, 'work')]) mkdirSync(folder, {recursive: true});
	const layers = `lowerdir=${base},upperdir=${join(scratch, 'upper')},workdir=${join(scratch, 'work')}`;
	execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, system]);
}

export class Machine {
	readonly name: string;
	readonly folder: string;
	readonly #scratch: string;
	#container: ChildProcess | undefined;
	#leader = 0;

	constructor(name: string, base: string, scratch: string) {
		this.name = name;
		this.#scratch = join(scratch, name);
		this.folder = join(this.#scratch, 'system');
		mountLayers(base, this.folder, this.#scratch);
		writeFileSync(join(this.folder, 'etc/hostname'), `${name}\n`);
		writeFileSync(join(this.folder, 'etc/machine-id'), '');
	}

	put(file: string, target: string): void {
		copyFileSync(file, join(this.folder, target));
	}

	/** Resolves when systemd has started everything. */
	async start(enter: readonly string[], address: string): Promise<void> {
		const console = openSync(join(this.#scratch, 'console'), 'w');
		const nspawn = ['systemd-nspawn', '--quiet', '-D', this.folder, `--machine=${this.name}`, '--boot'];
		const options = ['--register=no', '--keep-unit', `--network-bridge=${network.bridge}`];
		const [program = '', ...argv] = [...enter, ...nspawn, ...options];
		this.#container = spawn(program, argv, {stdio: ['ignore', console, console], detached: true});
		closeSync(console);
		const deadlineMs = performance.now() + bootLimitMs;
		while (!/running|degraded/.test(this.#ask())) {
			if (performance.now() > deadlineMs) throw new Error(`${this.name} did not start: ${this.console().slice(-2000)}`);
			await sleep(200);
		}
		this.run(
			`ip link set host0 name eth0; ip link set eth0 up; ip addr add ${address}/${network.prefixLength} dev eth0`,
		);
	}

	/** A shell's line, inside. */
	run(script: string): SpawnSyncReturns<string> {
		const [program = '', ...argv] = this.inside(script);
		return spawnSync(program, argv, {encoding: 'utf8', timeout: commandLimitMs});
	}

	/** The command that runs a shell's line inside. */
	inside(script: string): string[] {
		const environment = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C', 'HOME=/root'];
		return ['nsenter', '-t', String(this.#leader), '-a', ...environment, '/bin/sh', '-c', script];
	}

	console(): string {
		return readFileSync(join(this.#scratch, 'console'), 'utf8');
	}

	/** Ends every process of it, and takes its files away. */
	async stop(): Promise<void> {
		const container = this.#container;
		if (container !== undefined && container.exitCode === null) {
			const gone = new Promise(resolve => container.once('exit', resolve));
			if (this.#leader > 0) process.kill(this.#leader, 'SIGKILL');
			else container.kill('SIGKILL');
			await Promise.race([gone, sleep(10_000)]);
		}
		spawnSync('umount', [this.folder]);
		rmSync(this.#scratch, {recursive: true, force: true});
	}

	/** What systemd says of itself; empty while it cannot be asked. */
	#ask(): string {
		const pid = this.#container?.pid;
		try {
			this.#leader = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ')[0]);
			return this.#leader > 0 ? this.run('systemctl is-system-running').stdout : '';
		} catch {
			return '';
		}
	}
}
