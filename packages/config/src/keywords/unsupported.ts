/**
 * Keywords that HAProxy has, or that hapair is going to have, and that this version refuses by name.
 *
 * Decides nothing else: accepting them would mean traffic that flows otherwise than the file says.
 */
import {DFL, DFLB, DLB, FLB, GLOBAL, PAIR, type SectionKind, type UnsupportedKeyword} from '../keyword.ts';

interface Extra {
	readonly only14?: boolean;
	readonly instead?: string;
}

function unsupported(sections: readonly SectionKind[], names: string, extra: Extra = {}): UnsupportedKeyword[] {
	return names
		.trim()
		.split(/\s*,\s*/)
		.map(name => ({
			scope: 'unsupported',
			name,
			sections,
			syntax: `${name} …`,
			summary: 'Not supported by this version.',
			invertible: name.startsWith('option '),
			...extra,
		}));
}

export const unsupportedKeywords: readonly UnsupportedKeyword[] = [
	...unsupported(
		FLB,
		`http-request cache-use, http-request use-service, http-request wait-for-handshake,
		http-request do-resolve`.replaceAll(/\s+/g, ' '),
	),
	...unsupported(FLB, 'filter'),
	...unsupported(FLB, 'http-response cache-store'),
	...unsupported(DFLB, 'compression, external-check, max-session-srv-conns'),
	...unsupported(DFLB, 'email-alert', {
		instead: "the proxy sends no mail: a hook of the pair section does, as in 'on server-down mail root@example.org'",
	}),
	...unsupported(DFLB, 'log-steps', {
		instead: 'use option httplog',
	}),
	...unsupported(DLB, 'hash-preserve-affinity, dynamic-cookie-key'),
	...unsupported(FLB, 'use-fcgi-app'),
	...unsupported(DLB, 'option external-check, option spop-check', {
		instead: 'without an option, `check` tries a TCP connection',
	}),
	...unsupported(DFL, 'option http-use-proxy-header'),
	...unsupported(DFLB, 'timeout client-hs'),
	...unsupported(DFLB, 'option independant-streams', {only14: true, instead: 'write option independent-streams'}),
	...unsupported(GLOBAL, 'lua-load, lua-load-per-thread, lua-prepend-path'),
	...unsupported(GLOBAL, 'external-check'),
	...unsupported(GLOBAL, 'close-spread-time, profiling.tasks'),
	...unsupported(GLOBAL, 'wurfl-data-file, 51degrees-data-file, deviceatlas-json-file, uuid, httpclient.ssl.verify'),
	...unsupported(
		PAIR,
		'takeover hetzner-robot, takeover netcup, takeover ovh, takeover vultr, takeover upcloud, takeover gcp, takeover azure',
		{instead: 'use takeover exec PATH with a program that speaks to this provider'},
	),
];
