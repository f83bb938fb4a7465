/**
 * Where a session's connection to a server leads and comes from, when its line says more than an address.
 *
 * Decides the destination of servers without one (`option http_proxy`, `option transparent`, `server … 0.0.0.0`), and what `source` says for
 * this client. Leaves binding and connecting to the wires.
 */
import {isIP} from 'node:net';
import type {Server, ServerSource} from '@hapair/config';
import {parseAddress} from '../rules/address.ts';
import {splitListValues} from '../rules/header-list.ts';
import {authorityOfTarget} from '../rules/sample-source.ts';
import type {LocalSource} from './local-source.ts';
import type {Session} from './session.ts';

export interface Route {
	/** Absent: the server's own. */
	readonly to?: {readonly host: string; readonly port: number} | undefined;
	readonly from?: LocalSource | undefined;
}

/** The connection must not serve another client. */
export function isPrivate({target, source, sendProxy}: Server): boolean {
	return (
		target !== undefined || sendProxy !== undefined || (source?.shown !== undefined && source.shown.kind !== 'address')
	);
}

/** `nowhere`: the client has not named an address that can be connected to. */
export function routeOf(server: Server, session: Session): Route | undefined | 'nowhere' {
	const {target, source} = server;
	if (target === undefined && source === undefined) return undefined;
	const from = source && sourceOf(source, session);
	if (target === undefined) return {from};
	const to = target === 'uri' ? addressOfUri(session.target) : originalOf(server, session);
	return to === undefined ? 'nowhere' : {to, from};
}

/** Numeric addresses only: names are not resolved. */
export function addressOfUri(uri: string): Route['to'] {
	const authority = authorityOfTarget(uri);
	if (authority === undefined) return undefined;
	const [, bracketed, plain, port = '80'] = /^(?:\[([^\]]+)\]|([^:@[\]]+))(?::([0-9]{1,5}))?$/.exec(authority) ?? [];
	const host = bracketed ?? plain ?? '';
	const isNumeric = isIP(host) === (bracketed === undefined ? 4 : 6);
	return isNumeric && Number(port) > 0 && Number(port) <= 65_535 ? {host, port: Number(port)} : undefined;
}

/** Where the client connected to, before the kernel redirected it, or what a rule has set in its place. */
function originalOf({address, portOffset}: Server, session: Session): Route['to'] {
	const original = session.originalEnd;
	const chosen = session.chosenDestination;
	const host = chosen?.host ?? original?.host;
	const clientPort = chosen?.port ?? original?.port ?? 0;
	const fixed = address.kind === 'ip' ? address.port : 0;
	const port = portOffset === undefined ? fixed : clientPort + portOffset;
	return host === undefined || port <= 0 || port > 65_535 ? undefined : {host, port};
}

function sourceOf({address, ports, shown, interface: name}: ServerSource, session: Session): LocalSource {
	switch (shown?.kind) {
		case undefined:
			return {address, ports, interface: name};
		case 'client':
		case 'clientip': {
			const {source, record} = session;
			const port = record.clientPort;
			const isWhole = shown.kind === 'client' && port > 0;
			return {
				address: source?.text,
				ports: isWhole ? {from: port, to: port} : undefined,
				isForeign: true,
				interface: name,
			};
		}
		case 'address': {
			const fixed = shown.port > 0 ? {from: shown.port, to: shown.port} : undefined;
			return {address: shown.address, ports: fixed, isForeign: true, interface: name};
		}
		case 'header': {
			const text = headerValue(session, shown.name, shown.occurrence);
			return {address: text === undefined ? undefined : parseAddress(text)?.text, isForeign: true, interface: name};
		}
	}
}

/** Counted over all lines from 1, or from -1 for the last backwards. */
function headerValue(session: Session, lowerName: string, occurrence: number): string | undefined {
	const values: string[] = [];
	for (let n = 0; ; n++) {
		const line = session.header(lowerName, n);
		if (line === undefined) break;
		values.push(...splitListValues(line));
	}
	return values.at(occurrence > 0 ? occurrence - 1 : occurrence || -1);
}
