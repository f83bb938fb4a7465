/**
 * Keywords that HAProxy has, or that hapair is going to have, and that this version refuses by name.
 *
 * Decides nothing else: accepting them would mean traffic that flows otherwise than the file says.
 */
import {DFL, DFLB, DLB, FLB, GLOBAL, LB, PAIR, type SectionKind, type UnsupportedKeyword} from '../keyword.ts';

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

const RULES = `reqallow, reqiallow, reqdel, reqidel, reqdeny, reqideny, reqpass, reqipass, reqtarpit, reqitarpit, reqrep, reqirep,
	reqsetbe, reqisetbe, rspdel, rspidel, rspdeny, rspideny, rsprep, rspirep`;

export const unsupportedKeywords: readonly UnsupportedKeyword[] = [
	...unsupported(FLB, 'reqadd', {only14: true, instead: 'use http-request add-header NAME VALUE'}),
	...unsupported(FLB, 'rspadd', {only14: true}),
	...unsupported(FLB, RULES, {only14: true}),
	...unsupported(LB, 'appsession', {only14: true, instead: 'use cookie … insert, or prefix'}),
	...unsupported(DLB, 'dispatch', {instead: 'use a server line'}),
	...unsupported(DLB, 'transparent, option transparent'),
	...unsupported(DFLB, 'errorloc, errorloc302, errorloc303', {instead: 'use errorfile'}),
	...unsupported(DFLB, 'http-error, errorfiles', {instead: 'use errorfile'}),
	...unsupported(FLB, 'force-persist, ignore-persist'),
	...unsupported(DLB, 'http-check connect, http-check comment'),
	...unsupported(LB, 'http-check set-var, http-check unset-var'),
	...unsupported(DLB, 'http-send-name-header'),
	...unsupported(
		FLB,
		`http-request auth, http-request tarpit, http-request replace-header, http-request replace-value, http-request
		replace-path, http-request replace-pathq, http-request replace-uri, http-request set-path, http-request
		set-pathq, http-request set-query, http-request set-uri, http-request set-method, http-request set-var,
		http-request unset-var, http-request set-src, http-request set-dst, http-request set-log-level, http-request
		capture, http-request return, http-request reject, http-request silent-drop, http-request wait-for-body,
		http-request track-sc0, http-request track-sc1, http-request track-sc2, http-request sc-inc-gpc0, http-request
		cache-use, http-request use-service, http-request set-tos, http-request set-mark, http-request early-hint,
		http-request normalize-uri, http-request strict-mode, http-request wait-for-handshake, http-request
		del-acl, http-request add-acl, http-request set-map, http-request del-map, http-request do-resolve`.replaceAll(
			/\s+/g,
			' ',
		),
	),
	...unsupported(FLB, 'http-response, http-after-response, tcp-response, filter, declare'),
	...unsupported(DFLB, 'compression, email-alert, external-check, max-session-srv-conns'),
	...unsupported(DFLB, 'log-format, log-format-sd, log-tag, log-steps, error-log-format', {
		instead: 'use option httplog',
	}),
	...unsupported(DFLB, 'unique-id-format, unique-id-header'),
	...unsupported(DFL, 'monitor-net', {instead: 'use monitor-uri'}),
	...unsupported(
		DLB,
		'persist rdp-cookie, server-template, retry-on, load-server-state-from-file, server-state-file-name',
	),
	...unsupported(
		DLB,
		'use-server, hash-balance-factor, hash-preserve-affinity, dynamic-cookie-key, tcp-check comment, tcp-check send-lf, tcp-check send-binary-lf',
	),
	...unsupported(DFLB, 'stats http-request', {instead: 'use `stats auth`, or http-request deny above it'}),
	...unsupported(LB, 'stick match, stick on, stick store-request, stick store-response'),
	...unsupported(FLB, 'stick-table'),
	...unsupported(FLB, 'tcp-request connection, tcp-request content, tcp-request inspect-delay, tcp-request session'),
	...unsupported(FLB, 'use-fcgi-app'),
	...unsupported(DFL, 'option accept-invalid-http-request, option accept-unsafe-violations-in-http-request', {
		instead: 'requests that two parsers could read differently are always refused',
	}),
	...unsupported(DLB, 'option accept-invalid-http-response, option accept-unsafe-violations-in-http-response', {
		instead: 'responses that two parsers could read differently are always refused',
	}),
	...unsupported(DLB, 'option checkcache'),
	...unsupported(DLB, 'option external-check, option spop-check', {
		instead: 'without an option, `check` tries a TCP connection',
	}),
	...unsupported(DFL, 'option http-use-proxy-header, option socket-stats, option idle-close-on-response'),
	...unsupported(
		DFLB,
		'option http_proxy, option nolinger, option originalto, option http-buffer-request, timeout client-hs',
	),
	...unsupported(
		DFLB,
		'option http-restrict-req-hdr-names, option h1-case-adjust-bogus-client, option h1-case-adjust-bogus-server',
	),
	...unsupported(DFLB, 'option independant-streams', {only14: true, instead: 'write option independent-streams'}),
	...unsupported(
		GLOBAL,
		'lua-load, lua-load-per-thread, lua-prepend-path, h1-case-adjust, set-var, set-var-fmt, setenv, presetenv',
	),
	...unsupported(
		GLOBAL,
		'unsetenv, resetenv, default-path, unix-bind, server-state-base, server-state-file, external-check',
	),
	...unsupported(
		GLOBAL,
		'hard-stop-after, close-spread-time, maxconnrate, maxsessrate, insecure-fork-wanted, localpeer',
	),
	...unsupported(
		GLOBAL,
		'insecure-setuid-wanted, strict-limits, set-dumpable, profiling.tasks, numa-cpu-mapping, zero-warning',
	),
	...unsupported(
		GLOBAL,
		'wurfl-data-file, 51degrees-data-file, deviceatlas-json-file, stats bind-process, uuid, httpclient.ssl.verify',
	),
	...unsupported(PAIR, 'witness, drill, failover window'),
];
