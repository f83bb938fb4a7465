/**
 * Sends syslog messages from any thread: UDP datagrams (`log 10.0.0.1:514 local0`), the machine's own
 * syslog socket (`log /dev/log local0`), lines on stdout or stderr (`log stdout`).
 *
 * Decides which targets get a message (`level`, `minLevel`) and where it is cut. Never waits for anybody: a datagram that
 * cannot leave now is counted in `dropped` and forgotten, as the data path must not stand still for its log.
 * Leaves the words of the text to the caller and the header's format to `syslog-header.ts`.
 */
import {createSocket, type Socket} from 'node:dgram';
import {isIPv6} from 'node:net';
import type {LogTarget} from '@hapair/config';
import {type SystemCalls, systemCalls} from '../system/calls.ts';
import {formatSyslogHeader, frameHeader} from './syslog-header.ts';
import {UdpBatch} from './udp-batch.ts';
import {UnixDatagrams} from './unix-datagrams.ts';

/** RFC 5424 §6.2.1. */
export const Severity = {emerg: 0, alert: 1, crit: 2, err: 3, warning: 4, notice: 5, info: 6, debug: 7} as const;

/** What stands in front of the text. */
export interface LogIdentity {
	/** `tag[pid]:` of every message. */
	readonly tag: string;
	readonly pid: number;
	/** `log-send-hostname`; absent sends none. */
	readonly hostname?: string;
}

/** What one line wants of its frame. */
export interface LogExtras {
	/** `log-tag` of its proxy. */
	readonly tag?: string | undefined;
	/** `log-format-sd`. */
	readonly structuredData?: string | undefined;
}

const NO_EXTRAS: LogExtras = {};

export interface LogSenderOptions extends LogIdentity {
	/** Wall clock, milliseconds since 1970. */
	readonly now?: () => number;
	/** Where `log stdout` and `log stderr` go. */
	readonly write?: (stream: 'stdout' | 'stderr', line: string) => void;
	/** `null`: none can be made, UDP goes through `node:dgram`. */
	readonly calls?: SystemCalls | null;
}

/** Datagrams handed to the kernel and not yet acknowledged by it; beyond, messages are dropped. */
const pendingLimit = 1024;

export class LogSender {
	#dropped = 0;
	readonly #options: LogSenderOptions;
	readonly #calls: SystemCalls | null;
	/** One for each address and length; null where there can be none. */
	readonly #batches = new Map<LogTarget, UdpBatch | null>();
	readonly #sockets = new Map<'udp4' | 'udp6', Socket>();
	readonly #unix = new Map<string, UnixDatagrams>();
	readonly #headers = new Map<number | string, string>();
	readonly #now: () => number;
	#headerSecond = -1;
	#pending = 0;
	/** How many messages of the current round each target with `sample` has had. */
	readonly #sampled = new Map<LogTarget, number>();
	#closed = false;

	constructor(options: LogSenderOptions) {
		this.#options = options;
		this.#now = options.now ?? Date.now;
		this.#calls = options.calls === undefined ? (systemCalls() ?? null) : options.calls;
	}

	/** Sends `text` (one line, no line feed) to each target that wants `severity`. */
	send(targets: readonly LogTarget[], severity: number, text: string, extras: LogExtras = NO_EXTRAS): void {
		for (const target of targets) {
			if (severity > target.level || !this.#isSampled(target)) continue;
			this.#sendTo(target, Math.max(severity, target.minLevel), text, extras);
		}
	}

	/** `sample`: counted for each target and thread. */
	#isSampled(target: LogTarget): boolean {
		if (target.sample === undefined) return true;
		const {size, ranges} = target.sample;
		const number = (this.#sampled.get(target) ?? 0) + 1;
		this.#sampled.set(target, number % size);
		return ranges.some(({from, to}) => number >= from && number <= to);
	}

	/** Messages that could not be sent, since the start. */
	get dropped(): number {
		let sum = this.#dropped;
		for (const batch of this.#batches.values()) sum += batch?.dropped ?? 0;
		return sum;
	}

	/** Sends nothing from now on; datagrams already with the kernel still leave. */
	close(): void {
		this.#closed = true;
		for (const socket of this.#sockets.values()) {
			try {
				socket.close();
			} catch {
				// Already closed: nothing is left to do.
			}
		}
		this.#sockets.clear();
		for (const batch of this.#batches.values()) batch?.close();
		for (const datagrams of this.#unix.values()) datagrams.close();
	}

	#sendTo(target: LogTarget, severity: number, text: string, extras: LogExtras): void {
		if (this.#closed) return;
		const {address} = target;
		const header = this.#header(target, severity, extras);
		if (address.kind === 'stream') {
			const line = cutMessage(header, text, target.lengthBytes).toString('latin1');
			(this.#options.write ?? writeToStream)(address.name, line);
		} else if (address.kind === 'ip') {
			const batch = this.#batchFor(target, address);
			if (batch) batch.add(header + text);
			else this.#sendDatagram(address.host, address.port, cutMessage(header, text, target.lengthBytes));
		} else if (address.kind === 'unix') {
			this.#sendUnix(address.path, cutMessage(header, text, target.lengthBytes));
		}
	}

	#batchFor(target: LogTarget, {host, port}: {readonly host: string; readonly port: number}): UdpBatch | null {
		let batch = this.#batches.get(target);
		if (batch === undefined) {
			batch = (this.#calls && UdpBatch.open(this.#calls, host, port, target.lengthBytes)) ?? null;
			this.#batches.set(target, batch);
		}
		return batch;
	}

	#sendUnix(path: string, message: Buffer): void {
		let datagrams = this.#unix.get(path);
		if (!datagrams) {
			datagrams = new UnixDatagrams(path);
			this.#unix.set(path, datagrams);
		}
		if (!datagrams.send(message, this.#now())) this.#dropped++;
	}

	#sendDatagram(host: string, port: number, message: Buffer): void {
		if (this.#pending >= pendingLimit) {
			this.#dropped++;
			return;
		}
		const socket = this.#socketFor(isIPv6(host) ? 'udp6' : 'udp4');
		this.#pending++;
		socket.send(message, port, host, error => {
			this.#pending--;
			if (error) this.#dropped++;
		});
	}

	#socketFor(family: 'udp4' | 'udp6'): Socket {
		const known = this.#sockets.get(family);
		if (known) return known;
		// Numeric addresses are not looked up: a resolver that hangs would hold the log back.
		const socket = createSocket({
			type: family,
			lookup: (hostname, _options, callback) => callback(null, hostname, family === 'udp6' ? 6 : 4),
		});
		socket.on('error', () => {
			this.#dropped++;
			this.#sockets.delete(family);
		});
		socket.unref();
		this.#sockets.set(family, socket);
		return socket;
	}

	/** The header changes once a second; formatting local time for each message would cost more than sending it. */
	#header(target: LogTarget, severity: number, {tag = this.#options.tag, structuredData}: LogExtras): string {
		const nowMs = this.#now();
		const {hostname, pid} = this.#options;
		const priority = target.facility * 8 + severity;
		const format = target.format ?? 'rfc3164';
		if (format !== 'rfc3164')
			return frameHeader(format, {priority, severity, nowMs, tag, pid, hostname, structuredData});
		const second = Math.floor(nowMs / 1000);
		if (second !== this.#headerSecond) {
			this.#headers.clear();
			this.#headerSecond = second;
		}
		const key = tag === this.#options.tag ? priority : `${priority} ${tag}`;
		let header = this.#headers.get(key);
		if (header === undefined) {
			header = formatSyslogHeader({priority, nowMs, tag, pid, ...(hostname === undefined ? {} : {hostname})});
			this.#headers.set(key, header);
		}
		return header;
	}
}

/** Header, text and a final line feed in at most `lengthBytes`; what is too long loses its end. Text is latin1, as read from the wire. */
function cutMessage(header: string, text: string, lengthBytes: number): Buffer {
	const whole = header + text;
	return Buffer.from(whole.length < lengthBytes ? `${whole}\n` : `${whole.slice(0, lengthBytes - 1)}\n`, 'latin1');
}

function writeToStream(stream: 'stdout' | 'stderr', line: string): void {
	process[stream].write(line, 'latin1');
}
