/**
 * Where a pair of guests lives: one switch, both guests, a client, three web servers and two eyes, each in a namespace of its own.
 *
 * Decides the order in which it is built and torn down, and how hard clients ask: software emulation gets a fortieth of the load.
 * `dispose` works at any point, also from an exit handler. Addresses and wires are those of `test/lab/network.ts`.
 */
import type {ChildProcess} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {isAlive, listPidsIn, spawnIn, sweepNamespaces} from '../../test/lab/namespaces.ts';
import {addresses, Network, type NodeRole, virtualAddress, type WebRole} from '../../test/lab/network.ts';
import {type EyeReport, Probe, type ProbeReport} from '../../test/lab/probe.ts';
import type {Accelerator} from './accelerator.ts';
import {favour} from './favour.ts';
import {Guest} from './guest.ts';
import type {Image} from './image.ts';

const webProgram = fileURLToPath(new URL('../../test/lab/web-server.ts', import.meta.url));
/** The last byte of each guest's Ethernet address (`ethernetOf` of `guest.ts`). */
export const numbers: Readonly<Record<NodeRole, number>> = {lb1: 11, lb2: 12};
const webs: readonly WebRole[] = ['web1', 'web2', 'web3'];
const clientDeadlineMs = 5000;
const loads = {
	kvm: {perSecond: 200, keepAliveClients: 20, pauseMs: 50},
	tcg: {perSecond: 5, keepAliveClients: 2, pauseMs: 1000},
} as const;
/** How often eyes look, and how long they wait for an answer: a processor in software has nothing else to do with 100 looks a second. */
export const looks = {kvm: {everyMs: 10, deadlineMs: 30}, tcg: {everyMs: 200, deadlineMs: 150}} as const;

export interface StageOptions {
	readonly image: Image;
	readonly accelerator: Accelerator;
	/** Disks that both guests read; see `GuestOptions`. */
	readonly drives?: readonly string[];
	/** Further ones of each guest, behind those. */
	readonly ownDrives?: Readonly<Record<NodeRole, readonly string[]>>;
}

/** What runs while an event happens; `stop` ends it. */
export interface Watch {
	stop(): Promise<{clients: ProbeReport; eyes: readonly [EyeReport, EyeReport]}>;
}

export class Stage {
	readonly network: Network;
	/** Of this run; it goes with `dispose`. */
	readonly folder: string;
	readonly guests: Readonly<Record<NodeRole, Guest>>;
	readonly accelerator: Accelerator;
	readonly #webs: ChildProcess[] = [];
	#disposed = false;
	readonly #onExit = () => this.dispose();

	/** Sweeps what killed runs left behind. */
	constructor({image, accelerator, drives = [], ownDrives}: StageOptions) {
		sweepStages();
		this.accelerator = accelerator;
		this.network = new Network('kvm', {eyes: true, guests: true});
		this.folder = mkdtempSync(join(tmpdir(), `hapair-kvm-${process.pid}-`));
		process.once('exit', this.#onExit);
		const namespace = this.network.namespaceOf('switch');
		const make = (name: NodeRole, number: number): Guest =>
			new Guest({
				...{name, number, image, accelerator, namespace, folder: this.folder},
				drives: [...drives, ...(ownDrives?.[name] ?? [])],
			});
		this.guests = {lb1: make('lb1', numbers.lb1), lb2: make('lb2', numbers.lb2)};
		try {
			this.network.build();
		} catch (error) {
			this.dispose();
			throw error;
		}
	}

	/** Web servers that accept, and two guests with an address and nothing else. */
	async start(): Promise<void> {
		await this.startWebs();
		for (const role of ['eye1', 'eye2'] as const)
			this.network.setKernel(role, 'net/ipv4/neigh/eth0/retrans_time_ms', '10');
		await Promise.all((['lb1', 'lb2'] as const).map(name => this.startGuest(name)));
	}

	async startWebs(): Promise<void> {
		await Promise.all(webs.map(role => this.#startWeb(role)));
	}

	/** One guest with an address and nothing else. */
	async startGuest(name: NodeRole): Promise<void> {
		await this.guests[name].start();
		await this.guests[name].configure(`${addresses[name]}/24`);
	}

	/** How a program is started beside the guests: in front of what is run there. */
	beside(role: 'client' | WebRole): readonly string[] {
		return ['nsenter', `--net=/run/netns/${this.network.namespaceOf(role)}`];
	}

	/** Clients ask for the virtual address, and each guest's eye looks at who answers for it. */
	async watch(): Promise<Watch> {
		const target = {host: virtualAddress, port: 80, path: '/', deadlineMs: clientDeadlineMs};
		const order = {kind: 'clients', target, ...loads[this.accelerator.name]} as const;
		const clients = new Probe<ProbeReport>(this.network.namespaceOf('client'), order);
		const eye = (role: 'eye1' | 'eye2') =>
			new Probe<EyeReport>(this.network.namespaceOf(role), {
				kind: 'eye',
				address: virtualAddress,
				...looks[this.accelerator.name],
			});
		const eyes = [eye('eye1'), eye('eye2')] as const;
		await Promise.all([clients, ...eyes].map(({started}) => started));
		for (const role of ['client', 'eye1', 'eye2'] as const) listPidsIn(this.network.namespaceOf(role)).forEach(favour);
		return {
			async stop() {
				const [report, one, other] = await Promise.all([clients.stop(), eyes[0].stop(), eyes[1].stop()]);
				return {clients: report, eyes: [one, other]};
			},
		};
	}

	/** Writes what each guest said since its first boot, `NAME.console` and `NAME.journal`, into a folder. A guest that does not answer leaves the first alone. */
	async keepLogs(folder: string): Promise<void> {
		mkdirSync(folder, {recursive: true});
		for (const [name, guest] of Object.entries(this.guests)) {
			writeFileSync(join(folder, `${name}.console`), guest.console());
			const journal = await guest
				.run('journalctl --no-pager -o short-iso-precise | tail -c 4000000', {limitMs: 60_000})
				.catch(() => undefined);
			if (journal !== undefined) writeFileSync(join(folder, `${name}.journal`), journal.stdout);
		}
	}

	/** Ends every process of it, by its pid, and removes namespaces and files; safe to call again. */
	dispose(): void {
		if (this.#disposed) return;
		this.#disposed = true;
		process.off('exit', this.#onExit);
		for (const guest of Object.values(this.guests)) guest.dispose();
		this.network.destroy();
		rmSync(this.folder, {recursive: true, force: true});
	}

	async #startWeb(role: WebRole): Promise<void> {
		const argv = [process.execPath, webProgram, role, '0.0.0.0'];
		const child = spawnIn(this.network.namespaceOf(role), argv, {stdio: ['ignore', 'inherit', 'inherit', 'ipc']});
		this.#webs.push(child);
		favour(child.pid ?? 0);
		await new Promise((resolve, reject) => {
			child.once('message', resolve);
			child.once('exit', code => reject(new Error(`The web server ${role} ended with code ${code}`)));
		});
	}
}

/** Removes the namespaces and files of runs whose program no longer runs. */
function sweepStages(): void {
	sweepNamespaces();
	for (const name of readdirSync(tmpdir())) {
		const owner = /^hapair-kvm-(\d+)-/.exec(name)?.[1];
		if (owner !== undefined && !isAlive(Number(owner))) rmSync(join(tmpdir(), name), {recursive: true, force: true});
	}
}
