/**
 * Where a server's check connects to and how long each part of it may take (HAProxy manual: `check`, `addr`, `port`, `timeout check`).
 *
 * Pure. Without `timeout check` the interval bounds the whole check; with it, the connection may take the smaller of
 * `timeout connect` and the interval, and the answer `timeout check`.
 */
import type {Backend, Server} from '@hapair/config';

export interface CheckTarget {
	readonly address:
		| {readonly kind: 'ip'; readonly host: string; readonly port: number}
		| {readonly kind: 'unix'; readonly path: string};
	/** `source` of the server line: checks come from the address that traffic comes from. */
	readonly sourceAddress?: string;
	/** Said before anything else. */
	readonly proxyVersion?: 1 | 2;
	/** From the start to the established connection. */
	readonly connectTimeoutMs: number;
	/** From the established connection to the whole answer. */
	readonly answerTimeoutMs: number;
	/** From the start to the end, whatever the parts took. */
	readonly wholeTimeoutMs: number;
}

/** The target of a checked server; undefined when it has no check or no port to connect to. */
export function makeCheckTarget(backend: Backend, server: Server): CheckTarget | undefined {
	const {check} = server;
	if (!check) return undefined;
	const address = checkAddress(server);
	if (!address) return undefined;
	const {checkMs, connectMs} = backend.timeouts;
	const timeouts =
		checkMs === undefined
			? {connectTimeoutMs: check.interMs, answerTimeoutMs: check.interMs, wholeTimeoutMs: check.interMs}
			: {
					connectTimeoutMs: Math.min(connectMs ?? check.interMs, check.interMs),
					answerTimeoutMs: checkMs,
					wholeTimeoutMs: Number.POSITIVE_INFINITY,
				};
	const said = check.proxyVersion === undefined ? {} : {proxyVersion: check.proxyVersion};
	return {
		address,
		...timeouts,
		...said,
		...(server.sourceAddress === undefined ? {} : {sourceAddress: server.sourceAddress}),
	};
}

function checkAddress(server: Server): CheckTarget['address'] | undefined {
	const {address, check} = server;
	const override = {host: check?.address, port: check?.port};
	if (address.kind === 'unix') {
		if (override.host !== undefined && override.port !== undefined) {
			return {kind: 'ip', host: override.host, port: override.port};
		}
		return {kind: 'unix', path: address.path};
	}
	if (address.kind !== 'ip') return undefined;
	const port = override.port ?? (server.portOffset === undefined ? address.port : 0);
	return port > 0 ? {kind: 'ip', host: override.host ?? address.host, port} : undefined;
}
