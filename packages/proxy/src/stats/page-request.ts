/**
 * What a request wants of the statistics page: which page, who asks, what is ordered (HAProxy manual, `stats uri`, `stats auth`).
 *
 * Pure. Decides the reading of the target, the Authorization header and the form. Leaves answering to `engine/stats-handler.ts`.
 */
import {timingSafeEqual} from 'node:crypto';
import type {Configuration, StatsPage} from '@hapair/config';
import type {PageOrder} from '../worker-messages.ts';
import {findBackend} from './names.ts';

export interface PageRequest {
	readonly format: 'html' | 'csv';
	/** The browser is told to come again (`;norefresh` was not said). */
	readonly refreshes: boolean;
	/** `;up`: servers that are down are left out. */
	readonly hidesDown: boolean;
	/** `;st=`: what became of an order. */
	readonly outcome: string;
	/** `scope=`: proxies whose name holds this. */
	readonly scope: string;
}

/** Undefined when `target` (origin form) is not the page's. */
export function readPageRequest(uri: string, target: string): PageRequest | undefined {
	if (!target.startsWith(uri)) return undefined;
	const words = target.slice(uri.length).split(/[;?&]/);
	const parameter = (name: string) => words.find(word => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
	return {
		format: words.includes('csv') ? 'csv' : 'html',
		refreshes: !words.includes('norefresh'),
		hidesDown: words.includes('up'),
		outcome: parameter('st'),
		scope: decodeForm(parameter('scope')),
	};
}

/** True when the page is open to all, or `authorization` names one of its accounts (RFC 7617). */
export function isAllowed({auth}: StatsPage, authorization: string | undefined): boolean {
	if (auth.length === 0) return true;
	const encoded = /^basic +([A-Za-z0-9+/=]+)\s*$/i.exec(authorization ?? '')?.[1];
	if (encoded === undefined) return false;
	const given = Buffer.from(encoded, 'base64');
	let isKnown = false;
	// All accounts are compared, so that the time tells nothing about them.
	for (const {user, password} of auth) {
		const known = Buffer.from(`${user}:${password}`, 'latin1');
		if (known.length === given.length && timingSafeEqual(known, given)) isKnown = true;
	}
	return isKnown;
}

/** A browser says which site a form comes from; a form of another site gives no orders here. */
export function isOwnForm(origin: string | undefined, host: string): boolean {
	if (origin === undefined) return true;
	return origin.replace(/^https?:\/\//i, '').toLowerCase() === host.toLowerCase();
}

/** The form's order; `backend` is -1 when it names none that there is. */
export function readOrder(configuration: Configuration, body: string): PageOrder {
	const servers: string[] = [];
	let action = '';
	let backend = '';
	for (const pair of body.split('&')) {
		const equals = pair.indexOf('=');
		const name = decodeForm(pair.slice(0, equals));
		const value = decodeForm(pair.slice(equals + 1));
		if (name === 's') servers.push(value);
		else if (name === 'action') action = value;
		else if (name === 'b') backend = value;
	}
	return {backend: placeOf(configuration, backend), servers, action};
}

function placeOf(configuration: Configuration, name: string): number {
	try {
		return findBackend(configuration, name);
	} catch {
		return -1;
	}
}

/** `application/x-www-form-urlencoded`; what is not well formed stays as it is. */
function decodeForm(text: string): string {
	const spaced = text.replaceAll('+', ' ');
	try {
		return decodeURIComponent(spaced);
	} catch {
		return spaced;
	}
}
