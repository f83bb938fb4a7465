/**
 * The identifiers that travel: pair, nodes and addresses as fixed-length hex (pure).
 *
 * Decides that a pair is known by its name and a node by its name, so both nodes come to the same identifiers from the same file.
 */
import {createHash} from 'node:crypto';
import {isIP} from 'node:net';
import {groupsOf} from './address-text.ts';

/** 16 bytes as hex. Two pairs of one name on one segment still have different keys. */
export function clusterIdOf(pairName: string): string {
	return digest(`hapair pair ${pairName}`, 16);
}

/** 8 bytes as hex. */
export function nodeIdOf(nodeName: string): string {
	return digest(`hapair node ${nodeName}`, 8);
}

/** 16 bytes as hex, IPv4 mapped into IPv6 (RFC 4291 §2.5.5.2), so that addresses of either family compare. */
export function addressIdOf(address: string): string {
	if (isIP(address) === 6) return hex(groupsOf(address, 6), 4);
	return `00000000000000000000ffff${hex(groupsOf(address, 4), 2)}`;
}

function digest(text: string, bytes: number): string {
	return createHash('sha256')
		.update(text)
		.digest('hex')
		.slice(0, bytes * 2);
}

function hex(groups: readonly number[], digits: number): string {
	return groups.map(group => group.toString(16).padStart(digits, '0')).join('');
}
