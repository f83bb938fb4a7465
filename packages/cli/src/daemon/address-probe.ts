/**
 * Does the network agree? While the peer is master this node asks, like any neighbour, who answers for the addresses.
 *
 * Decides when it asks (soon after a move, sooner again after a bad answer) and what the answers mean. Moves nothing: a network that
 * hears another machine, or nobody, is for people to mend, who read it in the log and in `hapair status`. How one address is asked for is
 * `ask-neighbour.ts`.
 */
import type {VirtualAddress} from '@hapair/config';
import type {HeartbeatStatus} from '@hapair/heartbeat';
import type {Log} from '../logging.ts';

/**
 * `confirmed`: one machine answers, and nothing says that it is another one than the peer. `silent`: nobody, twice in a row. `others`: another
 * machine, or more than one. `unknown`: not asked yet, or it cannot be asked from here.
 */
export type ProbeVerdict = 'confirmed' | 'silent' | 'others' | 'unknown';

export interface ProbeReport {
	readonly address: string;
	readonly interface: string;
	readonly verdict: ProbeVerdict;
	/** Hardware addresses that answered. */
	readonly by: readonly string[];
	readonly agoMs: number;
}

export interface ProbePorts {
	/**
	 * Hardware addresses that answer for it, in lower case; undefined when it cannot be asked. Never rejects, and ends within two seconds.
	 * `first`: the first answer is enough.
	 */
	readonly ask: (vip: VirtualAddress, first: boolean) => Promise<readonly string[] | undefined>;
	/** The peer's, where it is a neighbour on this interface. */
	readonly peerHardware: (networkInterface: string) => string | undefined;
	readonly nowMs: () => number;
	readonly log: Log;
}

/** The first announcements have been made by then. */
const FIRST_MS = 300;
/** After an answer that is not what it should be; so often, then like all others. */
const AGAIN_MS = 2000;
const MOST_AGAIN = 5;
/** As often as the master announces itself. */
const EVERY_MS = 30_000;
/** One question or answer may be lost. */
const SILENT_FROM = 2;

interface Found {
	readonly verdict: ProbeVerdict;
	readonly by: readonly string[];
	readonly misses: number;
	readonly atMs: number;
}

export class AddressProbe {
	readonly #vips: readonly VirtualAddress[];
	readonly #peerName: string;
	readonly #ports: ProbePorts;
	readonly #found = new Map<VirtualAddress, Found>();
	#timer: NodeJS.Timeout | undefined;
	#isOn = false;
	/** The address is still on this machine, muted, so its kernel would not ask. */
	#isKeeping = false;
	#again = 0;

	constructor(vips: readonly VirtualAddress[], peerName: string, ports: ProbePorts) {
		this.#vips = vips;
		this.#peerName = peerName;
		this.#ports = ports;
	}

	hear({holdsAddress, peer, secondChance}: HeartbeatStatus): void {
		this.#isKeeping = secondChance.keepsForMs > 0;
		const isOn = peer.alive && peer.state === 'master' && !holdsAddress;
		if (isOn === this.#isOn) return;
		this.stop();
		this.#isOn = isOn;
		if (isOn) this.#timer = setTimeout(() => void this.#look(), FIRST_MS);
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#isOn = false;
		this.#again = 0;
		this.#found.clear();
	}

	/** Empty unless the peer is master. */
	report(): readonly ProbeReport[] {
		const nowMs = this.#ports.nowMs();
		return [...this.#found].map(([{address, interface: dev}, {verdict, by, atMs}]) => {
			return {address, interface: dev, verdict, by, agoMs: Math.round(nowMs - atMs)};
		});
	}

	/** Just after a move: what the network says against it, in words; empty when nothing does, or it cannot be asked. At most four seconds. */
	async confirm(): Promise<string> {
		const doubts = await Promise.all(this.#vips.map(vip => this.#doubt(vip)));
		return doubts.filter(doubt => doubt !== '').join('; ');
	}

	async #doubt(vip: VirtualAddress): Promise<string> {
		let by = await this.#ports.ask(vip, true);
		if (by?.length === 0) by = await this.#ports.ask(vip, true);
		const verdict = judgeAnswers(by, SILENT_FROM, this.#ports.peerHardware(vip.interface));
		const {address, interface: dev} = vip;
		const isDoubted = verdict === 'silent' || verdict === 'others';
		return isDoubted ? describeProbe({address, interface: dev, verdict, by: by ?? []}, this.#peerName) : '';
	}

	async #look(): Promise<void> {
		const answers = await Promise.all(
			this.#vips.map(async vip => [vip, await this.#ports.ask(vip, this.#isKeeping)] as const),
		);
		if (!this.#isOn) return;
		for (const [vip, by] of answers) this.#note(vip, by);
		const isGood = [...this.#found.values()].every(({verdict, misses}) => misses === 0 && verdict !== 'others');
		this.#again = isGood ? 0 : this.#again + 1;
		const waitMs = isGood || this.#again > MOST_AGAIN ? EVERY_MS : AGAIN_MS;
		this.#timer = setTimeout(() => void this.#look(), waitMs);
	}

	#note(vip: VirtualAddress, by: readonly string[] | undefined): void {
		const before = this.#found.get(vip);
		const misses = by?.length === 0 ? (before?.misses ?? 0) + 1 : 0;
		const verdict = judgeAnswers(by, misses, this.#ports.peerHardware(vip.interface));
		this.#found.set(vip, {verdict, by: by ?? [], misses, atMs: this.#ports.nowMs()});
		if (verdict === (before?.verdict ?? 'unknown')) return;
		const sentence = describeProbe(
			{address: vip.address, interface: vip.interface, verdict, by: by ?? []},
			this.#peerName,
		);
		if (verdict === 'confirmed') this.#ports.log.info({}, sentence);
		else if (verdict !== 'unknown') this.#ports.log.warn({}, sentence);
	}
}

/** Pure. Where a driver delivers an address, or announces it to routers, no neighbour may be asked for it. */
export function listProbed(vips: readonly VirtualAddress[], drivers: readonly unknown[]): readonly VirtualAddress[] {
	return drivers.length === 0 ? vips : [];
}

/** Pure. @param misses how often in a row nobody answered. */
export function judgeAnswers(
	by: readonly string[] | undefined,
	misses: number,
	peerHardware: string | undefined,
): ProbeVerdict {
	if (by === undefined) return 'unknown';
	if (by.length === 0) return misses >= SILENT_FROM ? 'silent' : 'unknown';
	if (by.length > 1) return 'others';
	return peerHardware === undefined || peerHardware === by[0] ? 'confirmed' : 'others';
}

/** One sentence, without a full stop. */
export function describeProbe(
	{address, interface: dev, verdict, by}: Omit<ProbeReport, 'agoMs'>,
	peerName: string,
): string {
	const machines = by.join(' and ');
	switch (verdict) {
		case 'confirmed':
			return `${peerName} answers for ${address} on ${dev} (${machines})`;
		case 'silent':
			return `${peerName} is master, but nobody answers for ${address} on ${dev} as this node sees it; hapair doctor there`;
		case 'others':
			return by.length > 1
				? `more than one machine answers for ${address} on ${dev}: ${machines}`
				: `${peerName} is master, but ${machines}, another machine, answers for ${address} on ${dev}`;
		case 'unknown':
			return `whether ${peerName} answers for ${address} on ${dev} is not known`;
	}
}
