/**
 * Tells the segment where the virtual addresses are: gratuitous ARP for IPv4, unsolicited advertisements for IPv6.
 *
 * Decides when. A burst at 0, 50, 100, 200 and 400 ms survives a lost packet; four more 1.1 s apart outlast the 1 s in
 * which a neighbour refuses a second change; one each 30 s repairs what was missed. Leaves the packets to two helpers
 * that are open beforehand: a shell that starts `arping` (request form, the one every neighbour accepts), and for IPv6 a Perl
 * program, because no tool of a base system sends an unsolicited neighbour advertisement (RFC 4861 §7.2.6).
 */
import {type ChildProcessByStdio, spawn} from 'node:child_process';
import {isIP} from 'node:net';
import type {Writable} from 'node:stream';
import type {VirtualAddress} from '@hapair/config';
import {requireDevice} from './address-text.ts';
import {neighbourAdvertisementProgram} from './neighbour-advertisement.ts';

/** Offsets from the claim, in milliseconds; afterwards every `announceEveryMs`. */
const announceAtMs: readonly number[] = [0, 50, 100, 200, 400, 1500, 2600, 3700, 4800];
const announceEveryMs = 30_000;

/** When packet `count` (from 0) is due, in milliseconds after the claim. */
export function announcementDueMs(count: number): number {
	const last = announceAtMs.length - 1;
	return announceAtMs[count] ?? (announceAtMs[last] ?? 0) + (count - last) * announceEveryMs;
}

/**
 * Each line "DEVICE ADDRESS" becomes one arping in the background, since arping stays for a second after its packet.
 * `jobs` collects those that ended; without it they would stay as zombies.
 */
const arpingLoop =
	'trap "" TERM INT HUP; while read -r dev ip; do "$0" -U -q -c 1 -w 1 -I "$dev" "$ip" </dev/null >/dev/null & jobs >/dev/null; done; wait';

type Speaker = ChildProcessByStdio<Writable, null, null>;

/** How far a series has come: packets said, and the time since the claim. */
export interface AnnouncedSoFar {
	readonly count: number;
	readonly elapsedMs: number;
}

export class Announcer {
	readonly #addresses: readonly VirtualAddress[];
	readonly #argv: {readonly 4: readonly string[] | undefined; readonly 6: readonly string[]};
	readonly #warn: (message: string) => void;
	readonly #speakers = new Map<4 | 6, Speaker>();
	readonly #warned = new Set<string>();
	#timer: NodeJS.Timeout | undefined;
	#series: {readonly count: number; readonly startMs: number} | undefined;
	#stopped = false;
	/** Packets handed to the helpers. */
	sent = 0;

	/** @param arping absolute path; absent: IPv4 addresses are not announced and a warning says so. */
	constructor(arping: string | undefined, addresses: readonly VirtualAddress[], warn: (message: string) => void) {
		this.#addresses = addresses;
		this.#argv = {
			4: arping === undefined ? undefined : ['/bin/sh', '-c', arpingLoop, arping],
			6: ['/usr/bin/perl', '-e', neighbourAdvertisementProgram],
		};
		this.#warn = warn;
	}

	/** Forks the helpers that the addresses need. */
	open(): void {
		for (const family of new Set(this.#addresses.map(vip => vip.family))) this.#spawn(family);
	}

	/** Begins the series anew: after a claim, and whenever a second speaker was seen. */
	start(): void {
		this.stop();
		this.#announce(0, performance.now());
	}

	/** No further packet leaves. */
	stop(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#series = undefined;
	}

	/** Absent while nothing is announced. */
	get soFar(): AnnouncedSoFar | undefined {
		if (this.#series === undefined) return undefined;
		return {count: this.#series.count, elapsedMs: performance.now() - this.#series.startMs};
	}

	/** Goes on with a series, also with that of a process before this one. */
	goOn({count, elapsedMs}: AnnouncedSoFar): void {
		this.stop();
		this.#await(count, performance.now() - elapsedMs);
	}

	/** Ends the helpers. */
	close(): void {
		this.stop();
		this.#stopped = true;
		for (const speaker of this.#speakers.values()) speaker.stdin.end();
		this.#speakers.clear();
	}

	/** Says it for the `count`th time and sets the timer of the next. */
	#announce(count: number, startMs: number): void {
		for (const vip of this.#addresses) this.#say(vip);
		this.#await(count + 1, startMs);
	}

	#await(count: number, startMs: number): void {
		this.#series = {count, startMs};
		const waitMs = announcementDueMs(count) - (performance.now() - startMs);
		this.#timer = setTimeout(() => this.#announce(count, startMs), Math.max(0, waitMs));
	}

	#say({family, interface: device, address}: VirtualAddress): void {
		const speaker = this.#speakers.get(family) ?? this.#spawn(family);
		if (!speaker?.stdin.writable || isIP(address) !== family) return;
		this.sent += 1;
		speaker.stdin.write(`${requireDevice(device)} ${address}\n`);
	}

	#spawn(family: 4 | 6): Speaker | undefined {
		const argv = this.#argv[family];
		if (!argv || this.#stopped) {
			if (!argv)
				this.#warnOnce('no arping: the address is not announced, neighbours notice late; install iputils-arping');
			return undefined;
		}
		const [file = '', ...args] = argv;
		const speaker = spawn(file, args, {
			stdio: ['pipe', 'ignore', 'ignore'],
			detached: true,
			env: {LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin'},
		});
		const forget = () => {
			if (this.#speakers.get(family) === speaker) this.#speakers.delete(family);
		};
		speaker.stdin.on('error', forget);
		speaker.once('error', error => {
			forget();
			this.#warnOnce(`cannot announce IPv${family} addresses: ${error.message}; neighbours notice late`);
		});
		speaker.once('exit', forget);
		this.#speakers.set(family, speaker);
		return speaker;
	}

	#warnOnce(message: string): void {
		if (this.#warned.has(message)) return;
		this.#warned.add(message);
		this.#warn(message);
	}
}
