/**
 * One virtual machine: qemu with a disk of its own, a cable to a tap interface, a monitor and the agent's port.
 *
 * Decides the hardware of a guest and what the ways of losing one are: power, processor time, cable. Leaves the switch to
 * `test/lab/network.ts` and what is done inside to its callers.
 *
 * A guest is made, `start`ed, told things by `run`, and `dispose`d of; the files it is made of are below `folder`, and go with that.
 */
import {type ChildProcess, execFileSync} from 'node:child_process';
import {closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {killPid, spawnIn} from '../../test/lab/namespaces.ts';
import {findTool} from '../../test/lab/tools.ts';
import {waitFor} from '../../test/lab/wait.ts';
import type {Accelerator} from './accelerator.ts';
import {Agent, agentPort, type Ran} from './agent.ts';
import {favour} from './favour.ts';
import type {Image} from './image.ts';
import {Qmp} from './qmp.ts';

export interface GuestOptions {
	/** Host name and, unless `tap` says otherwise, the tap's name. */
	readonly name: string;
	readonly image: Image;
	readonly accelerator: Accelerator;
	/** Network namespace that holds the tap; qemu runs in it, and is killed with it. */
	readonly namespace: string;
	readonly tap?: string;
	/** 1–254, the last byte of the Ethernet address. */
	readonly number: number;
	/** Of the run; the guest makes one in it. */
	readonly folder: string;
	readonly memoryMiB?: number;
	/** Further disks, read only: /dev/vdb and so on. Raw files, an archive of tar among them (`tar xf /dev/vdb`), or images of a CD. */
	readonly drives?: readonly string[];
	/** Further words on the kernel's command line. */
	readonly kernelWords?: readonly string[];
}

const bootLimitMs = {kvm: 60_000, tcg: 600_000} as const;
const lastWordsBytes = 2000;

/** @param number 1–254. */
export function ethernetOf(number: number): string {
	return `52:54:00:68:61:${number.toString(16).padStart(2, '0')}`;
}

export class Guest {
	readonly name: string;
	readonly #options: GuestOptions;
	readonly #folder: string;
	#qemu: ChildProcess | undefined;
	#agent: Agent | undefined;
	#qmp: Qmp | undefined;

	constructor(options: GuestOptions) {
		this.name = options.name;
		this.#options = options;
		this.#folder = join(options.folder, options.name);
		mkdirSync(this.#folder, {recursive: true});
	}

	/** Of qemu; 0 while the guest has no power. */
	get pid(): number {
		const qemu = this.#qemu;
		return qemu === undefined || qemu.exitCode !== null || qemu.signalCode !== null ? 0 : (qemu.pid ?? 0);
	}

	/** Power on, with the disk as it was left. Resolves when the guest runs commands. */
	async start(): Promise<void> {
		if (this.pid !== 0) throw new Error(`${this.name} runs already`);
		for (const socket of ['agent', 'qmp']) rmSync(join(this.#folder, socket), {force: true});
		const disk = join(this.#folder, 'disk.qcow2');
		if (!existsSync(disk)) {
			const argv = ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', this.#options.image.disk, disk];
			execFileSync(findTool('qemu-img'), argv, {timeout: 10_000});
		}
		const errors = openSync(join(this.#folder, 'qemu.log'), 'w');
		const argv = [findTool('qemu-system-x86_64'), ...this.#describeHardware(disk)];
		this.#qemu = spawnIn(this.#options.namespace, argv, {stdio: ['ignore', errors, errors]});
		closeSync(errors);
		favour(this.pid);
		try {
			this.#qmp = await waitFor('the monitor of qemu', () => this.#maybeConnect(), {deadlineMs: 20_000, everyMs: 100});
			this.#agent = new Agent(join(this.#folder, 'agent'));
			await this.#agent.awaitAnswer(bootLimitMs[this.#options.accelerator.name], () => this.pid === 0);
		} catch (error) {
			const words = `${this.#readFile('qemu.log')}${this.console().slice(-lastWordsBytes)}`;
			throw new Error(`${this.name} did not start (${error instanceof Error ? error.message : error}): ${words}`);
		}
	}

	/** A script of bash, as root. Rejects only when the guest does not answer. Scripts may run side by side. */
	run(script: string, limits?: {limitMs?: number; wayMs?: number}): Promise<Ran> {
		if (this.#agent === undefined) return Promise.reject(new Error(`${this.name} was not started`));
		return this.#agent.run(script, limits).catch(error => {
			throw new Error(`${this.name}: ${error.message}`);
		});
	}

	/** The same, and what it printed; throws its last words when it fails. */
	async mustRun(script: string, limits?: {limitMs?: number; wayMs?: number}): Promise<string> {
		const {status, stdout, stderr} = await this.run(script, limits);
		if (status === 0) return stdout;
		const words = `${stdout}${stderr}`.trim().slice(-lastWordsBytes);
		throw new Error(`${this.name}: ${script.slice(0, 200)} ended with ${status}: ${words}`);
	}

	/** Host name and a fixed address on eth0, by systemd-networkd; stays over a boot. */
	async configure(address: string, gateway?: string): Promise<void> {
		const lines = ['[Match]', 'Name=eth0', '[Network]', `Address=${address}`];
		if (gateway !== undefined) lines.push(`Gateway=${gateway}`);
		const file = '/etc/systemd/network/10-eth0.network';
		await this.mustRun(`printf '%s\\n' ${lines.map(line => `'${line}'`).join(' ')} >${file}
echo ${this.name} >/etc/hostname; hostname ${this.name}; echo '127.0.1.1 ${this.name}' >>/etc/hosts
networkctl reload && networkctl reconfigure eth0
for try in $(seq 100); do ip -4 addr show dev eth0 | grep -q 'inet ${address} ' && exit 0; sleep 0.2; done; exit 1`);
	}

	/** An order to qemu's monitor. */
	qmp(command: string, argv?: Readonly<Record<string, unknown>>): Promise<unknown> {
		if (this.#qmp === undefined) return Promise.reject(new Error(`${this.name} was not started`));
		return this.#qmp.execute(command, argv);
	}

	/** By the hypervisor: the guest's clocks stop with it. */
	async pause(): Promise<void> {
		await this.qmp('stop');
	}

	async resume(): Promise<void> {
		await this.qmp('cont');
	}

	/** The host takes the processor away (`SIGSTOP`, `SIGCONT`): the guest's clocks jump. */
	signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
		killPid(this.pid, signal);
	}

	/** The guest sees that its cable has no carrier. */
	async setCable(plugged: boolean): Promise<void> {
		await this.qmp('set_link', {name: 'nic0', up: plugged});
	}

	/** As the plug does. Resolves when nothing of it runs any more. */
	async cutPower(): Promise<void> {
		const qemu = this.#qemu;
		if (qemu === undefined || this.pid === 0) return;
		const gone = new Promise(resolve => qemu.once('exit', resolve));
		killPid(this.pid, 'SIGKILL');
		await gone;
		this.#hangUp();
	}

	/** Orders a boot from inside; resolves when the guest runs commands again, and is another boot. */
	async reboot(): Promise<void> {
		const file = '/proc/sys/kernel/random/boot_id';
		const before = await this.mustRun(`echo $(<${file})`);
		// The answer may be lost on the way down.
		await this.run('systemctl --no-block reboot', {limitMs: 5000, wayMs: 1000}).catch(() => {});
		const readBoot = () => this.mustRun(`echo $(<${file})`, {limitMs: 5000, wayMs: 1000});
		const limit = {deadlineMs: bootLimitMs[this.#options.accelerator.name], everyMs: 500};
		await waitFor(`${this.name} to boot again`, async () => (await readBoot()) !== before, limit);
	}

	/** Processor time that qemu has taken, seconds. */
	cpuSeconds(): number {
		const fields = readFileSync(`/proc/${this.pid}/stat`, 'latin1')
			.replace(/^.*\) /s, '')
			.split(' ');
		return (Number(fields[11]) + Number(fields[12])) / 100;
	}

	/** What the kernel and the service manager said, since power on. */
	console(): string {
		return this.#readFile('console');
	}

	/** Power off, and at the next start the disk is as it was at the first. */
	async wipe(): Promise<void> {
		await this.cutPower();
		rmSync(join(this.#folder, 'disk.qcow2'), {force: true});
	}

	/** Power off and files away; safe to call again, also from an exit handler. */
	dispose(): void {
		if (this.pid !== 0) killPid(this.pid, 'SIGKILL');
		this.#hangUp();
		rmSync(this.#folder, {recursive: true, force: true});
	}

	#hangUp(): void {
		this.#agent?.close();
		this.#qmp?.close();
		this.#agent = undefined;
		this.#qmp = undefined;
	}

	#describeHardware(disk: string): string[] {
		const {
			image,
			accelerator,
			name,
			tap = name,
			number,
			memoryMiB = 512,
			drives = [],
			kernelWords = [],
		} = this.#options;
		const words = [
			'root=/dev/vda',
			'rw',
			'console=ttyS0',
			'net.ifnames=0',
			'mitigations=off',
			'modprobe.blacklist=cfg80211',
			...kernelWords,
		];
		const port = `virtserialport,chardev=agent,name=${agentPort}`;
		return [
			...['-name', name, '-nodefaults', '-no-user-config', '-display', 'none', ...accelerator.argv],
			...['-m', String(memoryMiB), '-smp', '1', '-kernel', image.kernel, '-initrd', image.initrd],
			...['-append', words.join(' '), '-serial', `file:${join(this.#folder, 'console')}`],
			// What a guest has written outlives its qemu all the same; to wait for the host's disk would hold a processor in software up for seconds.
			...['-drive', `file=${disk},format=qcow2,if=virtio,discard=unmap,cache=unsafe`],
			...drives.flatMap(file => ['-drive', `file=${file},format=raw,if=virtio,readonly=on`]),
			...['-netdev', `tap,id=net0,ifname=${tap},script=no,downscript=no`],
			...['-device', `virtio-net-pci,id=nic0,netdev=net0,mac=${ethernetOf(number)}`],
			...['-chardev', `socket,id=agent,path=${join(this.#folder, 'agent')},server=on,wait=off`],
			...['-device', 'virtio-serial-pci', '-device', port, '-device', 'virtio-rng-pci'],
			...['-qmp', `unix:${join(this.#folder, 'qmp')},server=on,wait=off`],
		];
	}

	async #maybeConnect(): Promise<Qmp | undefined> {
		if (this.pid === 0) throw new Error('qemu ended');
		return Qmp.connect(join(this.#folder, 'qmp'));
	}

	#readFile(name: string): string {
		const file = join(this.#folder, name);
		return existsSync(file) ? readFileSync(file, 'utf8') : '';
	}
}
