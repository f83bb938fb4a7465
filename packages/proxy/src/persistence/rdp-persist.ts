/**
 * `persist rdp-cookie`: the server whose address a remote desktop client's cookie carries (HAProxy manual, `persist rdp-cookie`).
 *
 * Decides which address a cookie names: `msts=IP.PORT.0000`, both numbers in the byte order of a little-endian machine
 * (MS-RDPBCGR 2.2.1.1, routing token). Pure.
 */
import type {Server} from '@hapair/config';
import {findRdpCookie} from '../balance/rdp-cookie.ts';

/** The place of the server, or -1. */
export function findByRdpCookie(payload: string, name: string, servers: readonly Server[]): number {
	const [, ip, port] = /^(\d{1,10})\.(\d{1,5})\.\d+$/.exec(findRdpCookie(payload, name) ?? '') ?? [];
	if (ip === undefined || Number(ip) >= 2 ** 32 || Number(port) > 65_535) return -1;
	const bytes = Number(ip);
	const host = [0, 8, 16, 24].map(shift => (bytes >>> shift) & 255).join('.');
	const swapped = ((Number(port) & 255) << 8) | (Number(port) >> 8);
	return servers.findIndex(({address}) => address.kind === 'ip' && address.host === host && address.port === swapped);
}
