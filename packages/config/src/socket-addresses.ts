/**
 * `ADDR:PORT`, `unix@PATH`, `fd@N` and their kin, as bind, server, log and stats socket lines write them.
 *
 * Decides which part is the port (what follows the last colon) and what each kind may be. Leaves the question where an
 * address may be used to the handlers.
 */
import {addressFamily, isHostName} from './addresses.ts';

export interface SplitAddress {
	readonly host: string;
	/** The text after the last colon; absent when there is none. */
	readonly port?: string;
	/** Where the port begins in the text. */
	readonly portOffset: number;
}

/**
 * Splits at the last colon, as HAProxy does; brackets around IPv6 are taken off. `ipv4@` and `ipv6@` only say the
 * family again. A bare IPv6 address without a port is not recognised: its last group is the port.
 */
export function splitHostPort(text: string): SplitAddress {
	const prefix = /^ipv[46]@/.exec(text)?.[0].length ?? 0;
	const colon = text.lastIndexOf(':');
	const bracket = text.lastIndexOf(']');
	const hasPort = colon >= prefix && colon > bracket;
	const host = stripBrackets(text.slice(prefix, hasPort ? colon : undefined));
	return hasPort ? {host, port: text.slice(colon + 1), portOffset: colon + 1} : {host, portOffset: text.length};
}

function stripBrackets(text: string): string {
	return text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
}

export type HostProblem = {readonly message: string; readonly hint: string};

/** What is wrong with a host, or undefined when it is an address or may be a name. */
export function checkHost(host: string): HostProblem | undefined {
	if (addressFamily(host) !== undefined) return undefined;
	if (/^[\d.]+$/.test(host)) {
		return {message: `'${host}' is not an IPv4 address`, hint: 'four numbers from 0 to 255, as in 10.0.0.1'};
	}
	if (host.includes(':')) {
		return {message: `'${host}' is not an IPv6 address`, hint: 'write [2001:db8::1]:80'};
	}
	if (isHostName(host)) return undefined;
	return {message: `'${host}' is neither an address nor a host name`, hint: 'write ADDRESS:PORT, as in 10.0.0.1:80'};
}

/** `unix@/run/x.sock` or `/run/x.sock`: the path, else undefined. */
export function unixPath(text: string): string | undefined {
	if (text.startsWith('/')) return text;
	return text.startsWith('unix@') ? text.slice(5) : undefined;
}

/** Longest path of a unix socket on Linux, less the final zero byte. */
export const UNIX_PATH_MAX_BYTES = 107;

/** Words before `@` that HAProxy knows and this version does not. */
export function foreignAddressKind(text: string): string | undefined {
	return /^(abns|abnsz|sockpair|udp|udp4|udp6|quic4|quic6|uxdg|uxst|ring|tcp|tcp4|tcp6|mptcp|rhttp|rev)@/.exec(
		text,
	)?.[1];
}
