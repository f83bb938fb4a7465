/**
 * A whole pair on one machine: two real daemons, three real web servers and clients, each in its own namespace.
 *
 * Decides the order in which a lab is built and torn down, and what "power cut" means: the cable first, so that no
 * farewell leaves, then every process with SIGKILL. `dispose` works at any point, also from an exit handler. Long, because
 * it is the one place where tests start and break things; how is done elsewhere in this folder.
 */
import type {ChildProcess} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {
	chmodSync,
	copyFileSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import {isIPv6} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {Daemon} from './daemon.ts';
import {type Family, virtualAddresses} from './families.ts';
import type {LongOrder, LongReport} from './long-clients.ts';
import {isAlive, killAllIn, killPid, spawnIn, sweepNamespaces} from './namespaces.ts';
import {Network, type NodeRole, type WebRole} from './network.ts';
import {type PairOptions, pairConfig} from './pair-config.ts';
import {type EyeReport, Probe, type ProbeReport} from './probe.ts';
import {askStatus, type LabStatus} from './status.ts';
import {waitFor} from './wait.ts';

const mainProgram = fileURLToPath(new URL('../../packages/cli/bin/hapair.mjs', import.meta.url));
const webProgram = fileURLToPath(new URL('web-server.ts', import.meta.url));
const clientDeadlineMs = 5000;
/** A pair needs two seconds of processor time to start; on a machine that others use too these can take long. */
const startDeadlineMs = 45_000;

/** Removes the namespaces, processes and files of labs whose program no longer runs. */
export function sweepLabs(): void {
	if (process.platform !== 'linux') return;
	sweepNamespaces();
	for (const name of readdirSync(tmpdir())) {
		const owner = /^hapair-(?:lab|demo)-(\d+)-/.exec(name)?.[1];
		if (owner !== undefined && !isAlive(Number(owner))) rmSync(join(tmpdir(), name), {recursive: true, force: true});
	}
}

export interface StartOptions extends Omit<PairOptions, 'secretFile'> {
	/** `lb2` has a copy of the file. */
	readonly ownFiles?: boolean;
}

export class Lab {
	readonly network: Network;
	readonly directory: string;
	readonly #daemons = new Map<NodeRole, Daemon>();
	#upgrades = false;
	readonly #webs = new Map<WebRole, ChildProcess>();
	#witness: ChildProcess | undefined;
	#disposed = false;
	readonly #onExit = () => this.dispose();

	/** A `demo` has no eyes and cannot cut the wire between the nodes. Sweeps what killed labs left behind. */
	constructor(kind: 'lab' | 'demo' = 'lab', family: Family = 'ipv4') {
		sweepLabs();
		this.network = new Network(kind, {eyes: kind === 'lab', family});
		this.directory = mkdtempSync(join(tmpdir(), `hapair-${kind}-${process.pid}-`));
		process.once('exit', this.#onExit);
		try {
			this.network.build();
		} catch (error) {
			this.dispose();
			throw error;
		}
	}

	get configPath(): string {
		return join(this.directory, 'pair.cfg');
	}

	/** The file of `lb2` where each node has its own. */
	get otherConfigPath(): string {
		return join(this.directory, 'lb2.cfg');
	}

	socketPathOf(node: NodeRole): string {
		return join(this.directory, `${node}.sock`);
	}

	get #clockPath(): string {
		return join(this.directory, 'clock');
	}

	#clockEnvironment(): Readonly<Record<string, string>> {
		const module = fileURLToPath(new URL('shifted-clock.ts', import.meta.url));
		return {NODE_OPTIONS: `--import=${module}`, HAPAIR_LAB_CLOCK: this.#clockPath};
	}

	/** Sets the time of day of all daemons that start after the first call. @param time RFC 3339. */
	setClock(time: string): void {
		writeFileSync(`${this.#clockPath}.new`, String(Date.parse(time) - Date.now()));
		renameSync(`${this.#clockPath}.new`, this.#clockPath);
	}

	/** Writes the key and the configuration that both nodes run. */
	writeConfig(options: Omit<PairOptions, 'secretFile'> = {}): void {
		const secretFile = join(this.directory, 'pair.key');
		writeFileSync(secretFile, `${randomBytes(32).toString('hex')}\n`);
		chmodSync(secretFile, 0o600);
		// Workers run as another user and read nothing here, but the daemon's socket is found by path.
		chmodSync(this.directory, 0o755);
		writeFileSync(this.configPath, pairConfig({family: this.network.family, ...options, secretFile}));
	}

	/** The first virtual address: what probes ask for. */
	get virtualAddress(): string {
		return virtualAddresses(this.network.family)[0]!.split('/')[0]!;
	}

	/** Starts a web server and resolves when it accepts. */
	async startWeb(role: WebRole): Promise<void> {
		const argv = [process.execPath, webProgram, role, this.network.family === 'ipv4' ? '0.0.0.0' : '::'];
		const child = spawnIn(this.network.namespaceOf(role), argv, {stdio: ['ignore', 'inherit', 'inherit', 'ipc']});
		this.#webs.set(role, child);
		await new Promise((resolve, reject) => {
			child.once('message', resolve);
			child.once('exit', code => reject(new Error(`The web server ${role} ended with code ${code}`)));
		});
	}

	/** The witness, in the client's namespace; the key is that of `writeConfig`. */
	async startWitness(): Promise<void> {
		const argv = [process.execPath, mainProgram, 'witness', '--secret-file', join(this.directory, 'pair.key')];
		argv.push('--state', join(this.directory, 'witness.json'), '--json');
		const child = spawnIn(this.network.namespaceOf('client'), argv, {stdio: ['ignore', 'pipe', 'inherit']});
		this.#witness = child;
		await new Promise((resolve, reject) => {
			child.stdout?.on('data', chunk => String(chunk).includes('the witness listens') && resolve(undefined));
			child.once('exit', code => reject(new Error(`The witness ended with code ${code}`)));
		});
	}

	get witnessRuns(): boolean {
		return this.#witness?.exitCode === null && this.#witness.signalCode === null;
	}

	/** Resolves when it is gone. */
	async killWitness(): Promise<void> {
		const child = this.#witness;
		if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
		const gone = new Promise(resolve => child.once('exit', resolve));
		child.kill('SIGKILL');
		await gone;
	}

	killWeb(role: WebRole): void {
		this.#webs.get(role)?.kill('SIGKILL');
		this.#webs.delete(role);
	}

	webPid(role: WebRole): number | undefined {
		const child = this.#webs.get(role);
		return child?.exitCode === null && child.signalCode === null ? child.pid : undefined;
	}

	/** What the server's health URL answers from now on. */
	setHealth(role: WebRole, status: number): void {
		this.#webs.get(role)?.send({health: status});
	}

	/** @param configPath When the two nodes are to have different files. */
	startDaemon(node: NodeRole, configPath = this.configPath): Daemon {
		const daemon = new Daemon(this.network.namespaceOf(node), {
			node,
			configPath,
			socketPath: this.socketPathOf(node),
			upgrades: this.#upgrades,
			...(existsSync(this.#clockPath) ? {env: this.#clockEnvironment()} : {}),
		});
		this.#daemons.set(node, daemon);
		return daemon;
	}

	daemon(node: NodeRole): Daemon {
		const daemon = this.#daemons.get(node);
		if (daemon === undefined) throw new Error(`No daemon was started on ${node}`);
		return daemon;
	}

	maybeDaemon(node: NodeRole): Daemon | undefined {
		return this.#daemons.get(node);
	}

	/**
	 * Web servers and both daemons, until `lb1` holds the address and each node knows that the other could serve.
	 * `lb2` comes when `lb1` is fit, so that `lb1` claims whether it waits for a peer (`on isolation hold`) or not.
	 */
	async startPair({ownFiles = false, ...options}: StartOptions = {}): Promise<void> {
		this.writeConfig(options);
		this.#upgrades = options.upgrades === true;
		if (options.witness === true) await this.startWitness();
		await Promise.all([this.startWeb('web1'), this.startWeb('web2'), this.startWeb('web3')]);
		await this.startNodes(ownFiles);
	}

	/** Both daemons, with the configuration that was written, as `startPair` says. */
	async startNodes(ownFiles = false): Promise<void> {
		this.startDaemon('lb1');
		await this.#waitForStatus('lb1', 'lb1 to be fit for service', startDeadlineMs, status => status.self.eligible);
		if (ownFiles) copyFileSync(this.configPath, this.otherConfigPath);
		this.startDaemon('lb2', ownFiles ? this.otherConfigPath : this.configPath);
		await this.waitForMaster('lb1', startDeadlineMs);
		await this.#waitForStatus('lb1', 'lb1 to hear that lb2 is fit', startDeadlineMs, status => status.peer.eligible);
		await this.waitForBackup('lb2', startDeadlineMs);
	}

	/** Everything of a node stops at once and nothing more leaves it. */
	cutPower(node: NodeRole): void {
		this.network.cutLink(node);
		killAllIn(this.network.namespaceOf(node));
	}

	/** The node boots again: no trace of before, the daemon starts. */
	restorePower(node: NodeRole): Daemon {
		this.network.reboot(node);
		return this.startDaemon(node);
	}

	async waitForMaster(node: NodeRole, deadlineMs = 15_000): Promise<void> {
		await this.#waitForStatus(node, `${node} to be master and hold the address`, deadlineMs, status => {
			return status.self.state === 'master' && status.self.holdsAddress;
		});
	}

	async waitForBackup(node: NodeRole, deadlineMs = 15_000): Promise<void> {
		await this.#waitForStatus(node, `${node} to be backup and hear its peer`, deadlineMs, status => {
			return status.self.state === 'backup' && !status.self.holdsAddress && status.peer.alive;
		});
	}

	/** What the node says of itself, its peer and its servers. */
	readStatus(node: NodeRole): Promise<LabStatus> {
		return askStatus(this.socketPathOf(node));
	}

	/** The words of HAProxy for a server, as the given node sees it. */
	async serverStatus(node: NodeRole, server: WebRole): Promise<string | undefined> {
		const {servers} = await this.readStatus(node);
		return servers.find(({name}) => name === server)?.status;
	}

	/** Samples the virtual address as clients do. */
	async probeClients({
		perSecond = 100,
		keepAliveClients = 0,
		path = '/',
		address = this.virtualAddress,
		deadlineMs = clientDeadlineMs,
	}: {
		perSecond?: number;
		keepAliveClients?: number;
		path?: string;
		address?: string;
		deadlineMs?: number;
	} = {}): Promise<Probe<ProbeReport>> {
		const target = {host: address, port: 80, path, deadlineMs};
		const order = {kind: 'clients', target, perSecond, keepAliveClients, pauseMs: 50} as const;
		const probe = new Probe<ProbeReport>(this.network.namespaceOf('client'), order);
		await probe.started;
		return probe;
	}

	/** Slow downloads and WebSockets, all of which have begun. */
	async probeLong({
		downloads,
		echoes,
		address = this.virtualAddress,
		...others
	}: {
		downloads: number;
		echoes: number;
		address?: string;
	} & Pick<LongOrder, 'inStep' | 'localPort'>): Promise<Probe<LongReport>> {
		const order = {kind: 'long', host: address, downloads, echoes, ...others} as const;
		const probe = new Probe<LongReport>(this.network.namespaceOf('client'), order);
		await probe.started;
		return probe;
	}

	/** Samples each node from its eye: who answers for the virtual address? */
	async probeEyes(address = this.virtualAddress): Promise<readonly [Probe<EyeReport>, Probe<EyeReport>]> {
		const eye = (role: 'eye1' | 'eye2') => {
			// Ask for the neighbour again after 10 ms, not after a second.
			this.network.setKernel(role, `net/${isIPv6(address) ? 'ipv6' : 'ipv4'}/neigh/eth0/retrans_time_ms`, '10');
			return new Probe<EyeReport>(this.network.namespaceOf(role), {kind: 'eye', address});
		};
		const eyes = [eye('eye1'), eye('eye2')] as const;
		await Promise.all(eyes.map(({started}) => started));
		return eyes;
	}

	/** Ends every process and removes namespaces and files; safe to call again. */
	dispose(): void {
		if (this.#disposed) return;
		this.#disposed = true;
		process.off('exit', this.#onExit);
		for (const daemon of this.#daemons.values()) if (daemon.running) killPid(daemon.pid, 'SIGKILL');
		this.network.destroy();
		rmSync(this.directory, {recursive: true, force: true});
	}

	async #waitForStatus(node: NodeRole, what: string, deadlineMs: number, isTrue: (status: LabStatus) => boolean) {
		try {
			await waitFor(what, async () => isTrue(await this.readStatus(node)), {deadlineMs, everyMs: 50});
		} catch (error) {
			const {output} = this.daemon(node);
			throw new Error(`${error instanceof Error ? error.message : error}; ${node} said:\n${output.slice(-4000)}`);
		}
	}
}
