/**
 * Everything outside the election: paths, the renewing copy, lease, addresses, announcements, opened and closed together.
 *
 * Decides what must be there to start (`ip`, the port) and what may be missing with a warning. Leaves the order of a
 * takeover to `takeover.ts`.
 */
import {AddressWatch} from './address-watch.ts';
import {MAX_DATAGRAM_BYTES} from './advertisement.ts';
import {Announcer} from './announce.ts';
import type {SurroundingsBequest} from './bequest.ts';
import {Guard} from './guard.ts';
import {ipHelper, KeptHelper, nftHelper} from './helpers.ts';
import {clusterIdOf} from './identity.ts';
import {Lease} from './lease.ts';
import {leaseInterfaces, leaseTableName} from './lease-table.ts';
import type {HeartbeatSetup, PathStatus} from './messages.ts';
import {lossPercent, type PathQuality, recordArrival, unheardPath} from './path-quality.ts';
import {presentInterfaces} from './present-interfaces.ts';
import type {Arrival} from './reception.ts';
import {RenewalSender} from './renewal.ts';
import {RoundTripWindow, SentTimes} from './round-trip.ts';
import {SecondChance} from './second-chance.ts';
import {listPaths, type PairNodes} from './settings.ts';
import type {StatusExtras} from './status.ts';
import {TableList} from './table-list.ts';
import {Takeover} from './takeover.ts';
import {leaseMs} from './timers.ts';
import {UdpPath} from './udp-path.ts';
import {type MissingAddresses, VirtualAddresses} from './virtual-address.ts';

export interface SurroundingsReport {
	readonly onDatagram: (path: number, bytes: Uint8Array) => void;
	/** From neither node's address; so few that each may be verified (`guard-table.ts`). */
	readonly onStranger: (bytes: Uint8Array, address: string) => void;
	/** The advertisement whose copy renews the lease; absent before the first. */
	readonly newestAdvertisement: () => Uint8Array | undefined;
	readonly isAwake: () => boolean;
	readonly onLost: (missing: MissingAddresses) => void;
	/** Every interface with a virtual address has lost its carrier, for an interval now; or one has it again. */
	readonly onCarrier: (up: boolean) => void;
	/** Said again each second. */
	readonly onSecondChance: (able: boolean) => void;
	readonly count: (name: string) => void;
	readonly warn: (message: string) => void;
}

/** Why the node cannot start, for the user. */
export interface StartTrouble {
	readonly message: string;
	readonly hint?: string;
}

const noIp: StartTrouble = {message: 'the program `ip` is not installed', hint: 'apt-get install iproute2'};

/** How often the interfaces are looked at for the renewing copy, and the guard. */
const lookEveryMs = 1000;

export class Surroundings {
	readonly takeover: Takeover;
	readonly lease: Lease;
	readonly #setup: HeartbeatSetup;
	readonly #report: SurroundingsReport;
	readonly #guard: Guard;
	readonly #secondChance: SecondChance;
	readonly #tables: TableList;
	readonly #paths: readonly UdpPath[];
	readonly #quality: PathQuality[];
	readonly #sentTimes = new SentTimes();
	readonly #roundTrips: readonly RoundTripWindow[];
	readonly #renewal: RenewalSender;
	readonly #announcer: Announcer;
	/** For IPv6 rules alone. */
	readonly #ip6: KeptHelper;
	readonly #watch: AddressWatch;
	#newestArrival = {bootId: '', sequence: 0};
	#lookTimer: NodeJS.Timeout | undefined;
	readonly #linkUp = new Map<string, boolean>();
	/** As the election was told. */
	#carrier = true;
	#carrierTimer: NodeJS.Timeout | undefined;
	/** The port is ours: nobody else of this pair lives here, so addresses and lease are ours to change. */
	#opened = false;

	constructor(setup: HeartbeatSetup, nodes: PairNodes, report: SurroundingsReport) {
		const {pair, tools} = setup;
		const devices = leaseInterfaces(pair.virtualAddresses);
		const paths = listPaths(pair, nodes).map(([local, remote]) => ({local, remote}));
		const table = {
			name: leaseTableName(clusterIdOf(pair.name)),
			addresses: pair.virtualAddresses,
			port: pair.port,
			leaseMs: leaseMs(pair.advertIntervalMs),
			uid: process.geteuid?.() ?? 0,
			paths,
		};
		this.#setup = setup;
		this.#report = report;
		const nft = tools.nft === undefined ? undefined : new KeptHelper(nftHelper(tools.nft));
		const ip = new KeptHelper(ipHelper(tools.ip ?? '/sbin/ip'));
		this.#ip6 = new KeptHelper(ipHelper(tools.ip ?? '/sbin/ip', 6));
		this.lease = new Lease(nft, table, report);
		this.#announcer = new Announcer(tools.arping, pair.virtualAddresses, report.warn);
		this.#renewal = new RenewalSender(devices, pair.port, () => this.lease.renew(false));
		this.#watch = new AddressWatch(tools.ip ?? '/sbin/ip', line => this.#noticeChange(line));
		this.#paths = paths.map(({local, remote}, index) => this.#makePath(index, local, remote));
		this.#tables = new TableList(nft, table.name);
		this.#guard = new Guard({nft, name: table.name, port: pair.port, paths, warn: report.warn, count: report.count});
		this.#secondChance = new SecondChance({
			ip: {4: ip, 6: this.#ip6},
			nft,
			name: table.name,
			port: pair.port,
			leaseMs: table.leaseMs,
			paths,
			addresses: pair.virtualAddresses,
			isOn: pair.secondChance,
			hasDriver: pair.drivers.length > 0,
			noEarlyDemux: setup.noEarlyDemux,
			leaseKind: () => this.lease.kind,
			onRulesLost: () => this.#noteRestoredRouting('routing rules'),
		});
		this.#quality = this.#paths.map(() => unheardPath);
		this.#roundTrips = this.#paths.map(() => new RoundTripWindow());
		this.takeover = new Takeover({
			addresses: new VirtualAddresses(ip, pair.virtualAddresses, pair.port),
			lease: this.lease,
			announcer: this.#announcer,
			secondChance: this.#secondChance,
			sendRenewal: () => this.#sendRenewal(),
			isAwake: report.isAwake,
			onLost: report.onLost,
			onShelterLost: () => this.#noteRestoredRouting('routes'),
		});
	}

	/** Opens everything; resolves with what makes a start impossible, or with nothing. */
	async open(): Promise<StartTrouble | undefined> {
		const {tools} = this.#setup;
		if (tools.ip === undefined) return noIp;
		const codes = await Promise.all(this.#paths.map(path => path.open()));
		const fatal = this.#paths.find((_, index) => codes[index] === 'EADDRINUSE' || codes[index] === 'EACCES');
		if (fatal) return {message: fatal.explain(codes[this.#paths.indexOf(fatal)] ?? '')};
		this.#opened = true;
		this.#watch.start();
		this.#renewal.open();
		this.#lookEachSecond();
		const cleaned = await this.takeover.open();
		await this.#guard.check();
		await this.#checkSecondChance();
		if (!cleaned.ok) this.#report.warn(`an earlier life left something: ${cleaned.reason}`);
		return undefined;
	}

	/** Opens what disturbs no other process of this node: that one has port, addresses and lease yet. */
	prepare(): StartTrouble | undefined {
		if (this.#setup.tools.ip === undefined) return noIp;
		this.#watch.start();
		this.#renewal.open();
		this.takeover.prepare();
		return undefined;
	}

	/** Can the port be left to another process? Who has the first path's port speaks, so there must be one. */
	get hasPort(): boolean {
		return this.#paths[0]?.isBound === true;
	}

	/** Binds the port, if no other process has it: false then. */
	async takePort(): Promise<boolean> {
		const [first, ...others] = this.#paths;
		if (first === undefined || !(await first.take())) return false;
		for (const path of others) void path.open();
		return true;
	}

	/** Leaves the port, and everything else as it is. `goOn` or `leave` follows. */
	pause(): SurroundingsBequest {
		this.#opened = false;
		clearInterval(this.#lookTimer);
		clearTimeout(this.#carrierTimer);
		this.#carrierTimer = undefined;
		const announced = this.takeover.pause();
		for (const path of this.#paths) path.close();
		return {
			lease: this.lease.standing,
			guard: this.#guard.counts,
			announced,
			paths: this.#quality,
			newestArrival: this.#newestArrival,
		};
	}

	/** Nobody has taken the port meanwhile. */
	goOn(holds: boolean, {announced}: SurroundingsBequest): void {
		this.#opened = true;
		this.takeover.goOn(holds, announced);
		this.#lookEachSecond();
	}

	/** The port is ours, and what another process knew. */
	adopt(
		holds: boolean,
		connected: boolean,
		{lease, guard, announced, paths, newestArrival}: SurroundingsBequest,
	): void {
		this.#opened = true;
		this.#carrier = connected;
		for (const [index, quality] of paths.entries()) {
			if (index < this.#quality.length) this.#quality[index] = quality;
		}
		this.#newestArrival = newestArrival;
		this.#guard.adopt(guard);
		void this.takeover.adopt(holds, lease, announced).then(async () => {
			await this.#guard.check();
			await this.#checkSecondChance();
		});
		this.#lookEachSecond();
	}

	/** Ends every tool; what is on the machine is another process's. After `prepare` or `pause`. */
	async leave(): Promise<void> {
		clearInterval(this.#lookTimer);
		clearTimeout(this.#carrierTimer);
		for (const path of this.#paths) path.close();
		this.#renewal.close();
		await Promise.all([this.#watch.stop(), this.#ip6.stop()]);
		await this.takeover.leave();
	}

	#lookEachSecond(): void {
		clearInterval(this.#lookTimer);
		this.#lookTimer = setInterval(() => {
			this.#renewal.open();
			void this.#checkTables();
			this.#judgeCarrier();
		}, lookEveryMs);
	}

	async #checkTables(): Promise<void> {
		const isThorough = await this.#tables.isThoroughLookDue();
		if (!this.#opened) return;
		void this.#guard.check(isThorough);
		await this.#checkSecondChance(isThorough);
	}

	/** After the lease, without which there is none. */
	async #checkSecondChance(isThorough = true): Promise<void> {
		if (isThorough || this.lease.kind === 'none') await this.lease.check();
		await this.#secondChance.check(isThorough);
		this.#report.onSecondChance(this.#secondChance.why === '');
	}

	/** Until the monitor has said otherwise it has. */
	get hasCarrier(): boolean {
		return this.#carrier;
	}

	/** Sends an advertisement to the peer over every path. */
	send(bytes: Uint8Array, sequence: number, nowMs: number): void {
		this.#sentTimes.record(sequence, nowMs);
		for (const path of this.#paths) path.send(bytes);
	}

	/** An authentic datagram came over a path. */
	recordArrival(path: number, {bootId, sequence, echo}: Arrival, nowMs: number): void {
		this.#quality[path] = recordArrival(this.#quality[path] ?? unheardPath, bootId, sequence, nowMs);
		const newer = bootId !== this.#newestArrival.bootId || sequence > this.#newestArrival.sequence;
		if (newer) this.#newestArrival = {bootId, sequence};
		const tookMs = echo === undefined ? undefined : this.#sentTimes.roundTripMs(echo, nowMs);
		if (tookMs !== undefined) this.#roundTrips[path]?.record(tookMs);
	}

	/** The part of `status` that the election does not know. */
	describe(
		nowMs: number,
		counted: ReadonlyMap<string, number>,
	): Omit<StatusExtras, 'longestStallMs' | 'renewedAtMs' | 'contradictions'> {
		const {bootId, sequence} = this.#newestArrival;
		const paths = this.#paths.map((path, index): PathStatus => {
			const quality = this.#quality[index] ?? unheardPath;
			const trips = this.#roundTrips[index]?.summarize();
			return {
				local: path.options.local,
				remote: path.options.remote,
				...(quality.lastHeardMs === undefined ? {} : {lastHeardMs: Math.round(nowMs - quality.lastHeardMs)}),
				lossPercent: lossPercent(quality, bootId, sequence),
				...(trips === undefined ? {} : {roundTripMs: tenths(trips.medianMs), worstRoundTripMs: tenths(trips.worstMs)}),
				sendErrors: path.sendErrors,
			};
		});
		const {passed, returned, stopped} = this.#secondChance.counts;
		const counters = {
			...Object.fromEntries(counted),
			refusedTtl: this.#guard.counts.ttl,
			refusedFlood: this.#guard.counts.flood,
			announcements: this.#announcer.sent,
			passedOn: passed,
			passedBack: returned,
			passingStopped: stopped,
			renewalSendErrors: this.#renewal.sendErrors,
		};
		return {lease: this.lease.kind, paths, counters, noSecondChance: this.#secondChance.why};
	}

	/** Releases and closes everything; nothing of this node stays on the machine. */
	async close(): Promise<void> {
		clearInterval(this.#lookTimer);
		clearTimeout(this.#carrierTimer);
		if (this.#opened) {
			await this.#guard.close();
			const released = await this.takeover.close();
			if (!released.ok) this.#report.warn(released.reason);
			await Promise.all([this.#watch.stop(), this.#ip6.stop()]);
			this.#renewal.close();
		}
		for (const path of this.#paths) path.close();
	}

	#noteRestoredRouting(what: string): void {
		this.#report.count('routingRestored');
		this.#report.warn(`somebody removed the ${what} of the virtual addresses; they stand again`);
	}

	#makePath(index: number, local: string, remote: string): UdpPath {
		return new UdpPath({
			local,
			remote,
			port: this.#setup.pair.port,
			maxBytes: MAX_DATAGRAM_BYTES,
			onDatagram: bytes => this.#report.onDatagram(index, bytes),
			onStranger: (bytes, address) => this.#hearStranger(bytes, address),
			count: this.#report.count,
			onTrouble: message => this.#report.warn(message),
		});
	}

	/** The peer's address on another path is none of a stranger. */
	#hearStranger(bytes: Uint8Array, address: string): void {
		if (this.#paths.every(({options}) => options.remote !== address)) this.#report.onStranger(bytes, address);
	}

	#sendRenewal(): boolean {
		const bytes = this.#report.newestAdvertisement();
		return bytes !== undefined && this.#renewal.send(bytes);
	}

	/** A line of the monitor. Our own changes come by here too; `look` finds nothing missing then. */
	#noticeChange(line: string): void {
		const {virtualAddresses} = this.#setup.pair;
		const device = virtualAddresses.find(vip => line.includes(` ${vip.interface}`))?.interface;
		if (device === undefined) return;
		if (line.startsWith('Deleted')) this.takeover.look();
		if (/ inet6? /.test(line)) return;
		const up = line.includes('LOWER_UP') && !line.startsWith('Deleted');
		if (!this.#opened) {
			this.#linkUp.set(device, up);
			return;
		}
		void this.lease.check();
		if (up && this.#linkUp.get(device) === false) {
			this.#renewal.open();
			this.takeover.announce();
		}
		this.#linkUp.set(device, up);
		this.#judgeCarrier();
	}

	/** The monitor's word, unless Node sees the interface among those that run: a monitor that died has not told that it is back. */
	#judgeCarrier(): void {
		const running = presentInterfaces();
		const {virtualAddresses, advertIntervalMs} = this.#setup.pair;
		const up = virtualAddresses.some(vip => this.#linkUp.get(vip.interface) !== false || running[vip.interface]);
		if (up) {
			clearTimeout(this.#carrierTimer);
			this.#carrierTimer = undefined;
			if (!this.#carrier) this.#report.onCarrier(true);
			this.#carrier = true;
		} else if (this.#carrier && this.#carrierTimer === undefined) {
			this.#carrierTimer = setTimeout(() => {
				this.#carrier = false;
				this.#report.onCarrier(false);
			}, advertIntervalMs);
		}
	}
}

function tenths(ms: number): number {
	return Math.round(ms * 10) / 10;
}
