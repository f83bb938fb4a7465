/**
 * From where a connection to a server comes (HAProxy manual, `source`), and a socket bound so.
 *
 * Decides the order of options, and which port of a range is tried first: threads begin at different places, so that they seldom meet.
 * Leaves to the kernel whether a port is free; whoever connects tries the next one.
 */
import {threadId} from 'node:worker_threads';
import {writeSocketAddress} from '../system/socket-address.ts';
import {
	AF_INET6,
	IP_TRANSPARENT,
	IPV6_TRANSPARENT,
	SO_BINDTODEVICE,
	SO_REUSEADDR,
	SOL_IP,
	SOL_IPV6,
	SOL_SOCKET,
} from '../system/socket-constants.ts';
import type {RawLoop} from './raw-loop.ts';

export interface LocalSource {
	/** Absent: the kernel chooses. */
	readonly address?: string | undefined;
	/** Absent: the kernel chooses. */
	readonly ports?: {readonly from: number; readonly to: number} | undefined;
	/** The address need not be this machine's. */
	readonly isForeign?: boolean | undefined;
	readonly interface?: string | undefined;
}

/** Apart enough for the threads of a machine, and no divisor of a range. */
let turn = threadId * 7919;

/** How many ports may be tried. */
export function portsOf({ports}: LocalSource): number {
	return ports === undefined ? 1 : ports.to - ports.from + 1;
}

/** The next of the range, 0 without one. */
export function nextPort(source: LocalSource): number {
	return source.ports === undefined ? 0 : source.ports.from + (turn++ % portsOf(source));
}

/** 0, or the error. `family` is that of the server. */
export function bindSource(
	loop: RawLoop,
	descriptor: number,
	source: LocalSource,
	port: number,
	family: number,
): number {
	const {calls, memory} = loop;
	const isVersion6 = family === AF_INET6;
	const turnOn = (level: number, option: number): number => {
		memory.name.writeInt32LE(1, 0);
		return calls.setsockopt(descriptor, level, option, memory.nameAt, 4) < 0 ? calls.errno() : 0;
	};
	if (source.interface !== undefined) {
		const length = memory.name.write(`${source.interface}\0`, 'latin1');
		if (calls.setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, memory.nameAt, length) < 0) return calls.errno();
	}
	if (source.isForeign === true) {
		const code = isVersion6 ? turnOn(SOL_IPV6, IPV6_TRANSPARENT) : turnOn(SOL_IP, IP_TRANSPARENT);
		if (code !== 0) return code;
	}
	if (source.address === undefined && port === 0) return 0;
	// A port serves many servers at a time: only both ends together must be unique.
	if (port > 0 || source.isForeign === true) turnOn(SOL_SOCKET, SO_REUSEADDR);
	const local = writeSocketAddress(source.address ?? (isVersion6 ? '::' : '0.0.0.0'), port);
	return calls.bind(descriptor, calls.addressOf(local), local.length) < 0 ? calls.errno() : 0;
}
