/**
 * The keys of the channel between the two daemons, made from the pair's secret files.
 *
 * Decides that each direction and each pair of names has a key of its own (HKDF, RFC 5869), so that neither the key of advertisements
 * nor a connection turned back at its maker opens the channel, and how an identity of TLS-PSK (RFC 4279 §5.1) names a key. Pure.
 */
import {hkdfSync} from 'node:crypto';
import type {Key} from '../daemon/keys.ts';

const label = 'hapair peer channel 1';
const keyBytes = 32;

/** Who connects to whom. */
export interface Direction {
	readonly pair: string;
	readonly client: string;
	readonly server: string;
}

export function derivePeerKey({secret}: Key, {pair, client, server}: Direction): Uint8Array {
	// Names hold no line breaks, so parts cannot run into each other.
	const info = [label, pair, client, server].join('\n');
	return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), info, keyBytes));
}

/** At most 128 bytes: the two bytes of the key and the node's name. */
export function formatIdentity(key: Key, node: string): string {
	return `hapair1 ${key.id.toString(16).padStart(2, '0')} ${node}`.slice(0, 128);
}

/** The key that the identity of `client` names, of all that are accepted. */
export function findKey(keys: readonly Key[], client: string, identity: string): Key | undefined {
	return keys.find(key => formatIdentity(key, client) === identity);
}
