/**
 * Keywords of HAProxy that are accepted and change nothing here, each with the reason that its notice gives.
 *
 * Decides nothing else: a keyword whose absence a user would notice belongs in `unsupported.ts`.
 */
import {DFL, DFLB, DLB, GLOBAL, type IneffectiveKeyword, type SectionKind} from '../keyword.ts';

const POLLERS = 'Node chooses the way to wait for events';
const SPLICE = 'bytes pass through memory, never through a kernel pipe';
const BUFFERS = 'the kernel tunes socket buffers itself';
const THREADS = 'there is one process with threads; see nbthread';
const TLS = 'this version has no TLS';
const HTTP2 = 'this version has no HTTP/2';
const LUA = 'there is no Lua here';
const KEEPALIVE = 'TCP probes go at the pace of the kernel (net.ipv4.tcp_keepalive_time and its kin)';
const MEMORY = 'memory is managed by Node';

/** Of the global section. */
const INVERTIBLE: ReadonlySet<string> = new Set(['strict-limits', 'set-dumpable', 'numa-cpu-mapping']);

function ineffective(reason: string, sections: readonly SectionKind[], names: string): IneffectiveKeyword[] {
	return names
		.trim()
		.split(/\s*\n\s*|\s*,\s*/)
		.map(name => ({
			scope: 'ineffective',
			name,
			sections,
			syntax: name,
			summary: `Accepted without effect: ${reason}.`,
			reason,
			invertible: name.startsWith('option ') || INVERTIBLE.has(name),
		}));
}

export const ineffectiveKeywords: readonly IneffectiveKeyword[] = [
	...ineffective(POLLERS, GLOBAL, 'noepoll, nokqueue, nopoll, nosepoll, noevports, busy-polling, tune.maxpollevents'),
	...ineffective(SPLICE, GLOBAL, 'nosplice, maxpipes, tune.pipesize'),
	...ineffective(BUFFERS, GLOBAL, 'tune.rcvbuf.client, tune.rcvbuf.server, tune.sndbuf.client, tune.sndbuf.server'),
	...ineffective(THREADS, GLOBAL, 'nbproc, cpu-map, master-worker, mworker-max-reloads, tune.sched.low-latency'),
	...ineffective(THREADS, GLOBAL, 'thread-groups, thread-group, tune.listener.multi-queue, tune.fd.edge-triggered'),
	...ineffective(THREADS, DFLB, 'bind-process'),
	...ineffective(THREADS, GLOBAL, 'stats bind-process'),
	...ineffective('accepts are paced by the event loop', GLOBAL, 'tune.maxaccept'),
	...ineffective('check answers share the ordinary buffer', GLOBAL, 'tune.chksize'),
	...ineffective(
		'the descriptor limit is raised to what the system allows at start',
		GLOBAL,
		'ulimit-n, fd-hard-limit',
	),
	...ineffective('start-up messages are chosen on the command line (-q)', GLOBAL, 'quiet'),
	...ineffective('debugging is chosen on the command line (-d)', GLOBAL, 'debug'),
	...ineffective(MEMORY, GLOBAL, 'tune.memory.hot-size, no-memory-trimming, tune.fail-alloc, tune.buffers.limit'),
	...ineffective(
		MEMORY,
		GLOBAL,
		'tune.buffers.reserve, tune.runqueue-depth, tune.recv_enough, tune.pattern.cache-size',
	),
	...ineffective('idle connections are shared by all threads or none', GLOBAL, 'tune.idle-pool.shared'),
	...ineffective('pools follow maxconn', GLOBAL, 'tune.pool-high-fd-ratio, tune.pool-low-fd-ratio, tune.idletimer'),
	...ineffective(
		'heads are limited by tune.bufsize alone',
		GLOBAL,
		'tune.http.maxhdr, tune.http.logurilen, tune.http.cookielen',
	),
	...ineffective(
		HTTP2,
		GLOBAL,
		'tune.h2.header-table-size, tune.h2.initial-window-size, tune.h2.max-concurrent-streams',
	),
	...ineffective(HTTP2, GLOBAL, 'tune.h2.max-frame-size'),
	...ineffective(
		LUA,
		GLOBAL,
		'tune.lua.forced-yield, tune.lua.maxmem, tune.lua.service-timeout, tune.lua.session-timeout, tune.lua.task-timeout',
	),
	...ineffective(
		'variables are limited by the buffers they come from',
		GLOBAL,
		'tune.vars.global-max-size, tune.vars.proc-max-size',
	),
	...ineffective(
		'variables are limited by the buffers they come from',
		GLOBAL,
		'tune.vars.reqres-max-size, tune.vars.sess-max-size',
	),
	...ineffective(
		'variables are limited by the buffers they come from',
		GLOBAL,
		'tune.vars.txn-max-size, tune.vars.check-max-size',
	),
	...ineffective('tables are not exchanged between nodes', GLOBAL, 'tune.peers.max-updates-at-once'),
	...ineffective('a session has three counters', GLOBAL, 'tune.stick-counters'),
	...ineffective('there is no compression', GLOBAL, 'tune.comp.maxlevel, tune.zlib.memlevel, tune.zlib.windowsize'),
	...ineffective('there is no compression', GLOBAL, 'maxcompcpuusage, maxcomprate, maxzlibmem'),
	...ineffective(
		TLS,
		GLOBAL,
		`ca-base, crt-base, ssl-default-bind-ciphers, ssl-default-bind-ciphersuites, ssl-default-bind-options,
		ssl-default-bind-curves, ssl-default-server-ciphers, ssl-default-server-ciphersuites, ssl-default-server-options,
		ssl-dh-param-file, ssl-engine, ssl-server-verify, ssl-load-extra-files, ssl-load-extra-del-ext, ssl-mode-async,
		ssl-skip-self-issued-ca, issuers-chain-path, maxsslconn, maxsslrate, tune.ssl.cachesize,
		tune.ssl.capture-cipherlist-size, tune.ssl.capture-buffer-size, tune.ssl.default-dh-param,
		tune.ssl.force-private-cache, tune.ssl.hard-maxrecord, tune.ssl.keylog, tune.ssl.lifetime, tune.ssl.maxrecord,
		tune.ssl.ssl-ctx-cache-size`.replaceAll(/,\s+/g, ', '),
	),
	...ineffective('hapair starts no programs but those that its own sections name', GLOBAL, 'insecure-fork-wanted'),
	...ineffective('nothing of hapair changes its user again', GLOBAL, 'insecure-setuid-wanted'),
	...ineffective('core dumps are a matter of the service manager', GLOBAL, 'set-dumpable'),
	...ineffective('limits are raised as far as the system allows, and what is missing is said', GLOBAL, 'strict-limits'),
	...ineffective('threads go where the kernel puts them', GLOBAL, 'numa-cpu-mapping'),
	...ineffective('there are no peers', GLOBAL, 'localpeer'),
	...ineffective('nothing here asks for it', GLOBAL, 'expose-experimental-directives'),
	...ineffective('checks start spread over their interval already', GLOBAL, 'max-spread-checks'),
	...ineffective("the statistics page shows the global section's, or that of `stats show-desc`", DFLB, 'description'),
	...ineffective('no module has counters of its own', DFLB, 'stats show-modules'),
	...ineffective(KEEPALIVE, DFL, 'clitcpka-cnt, clitcpka-idle, clitcpka-intvl'),
	...ineffective(KEEPALIVE, DLB, 'srvtcpka-cnt, srvtcpka-idle, srvtcpka-intvl'),
	...ineffective(SPLICE, DFLB, 'option splice-auto, option splice-request, option splice-response'),
	...ineffective('counters are exact at every moment', DFL, 'option contstats'),
	...ineffective('lines of connections that fail before they speak do not exist here', DFL, 'error-log-format'),
	...ineffective('small pieces are never held back', DFLB, 'option http-no-delay'),
	...ineffective('acknowledgements are left to the kernel', DFL, 'option tcp-smart-accept'),
	...ineffective('acknowledgements are left to the kernel', DLB, 'option tcp-smart-connect'),
	...ineffective('each direction has its own timer', DFLB, 'option independent-streams'),
	...ineffective(
		'a message that two parsers could read differently is always refused, and all others are accepted',
		DFL,
		'option accept-invalid-http-request, option accept-unsafe-violations-in-http-request',
	),
	...ineffective(
		'a message that two parsers could read differently is always refused, and all others are accepted',
		DLB,
		'option accept-invalid-http-response, option accept-unsafe-violations-in-http-response',
	),
	...ineffective('server connections are shared by all clients', DLB, 'option prefer-last-server'),
	...ineffective('a client that closes without a byte is never an error', DFL, 'option http-ignore-probes'),
	...ineffective('there is only one HTTP engine', DFLB, 'option http-use-htx'),
	...ineffective(HTTP2, DFL, 'option disable-h2-upgrade'),
	...ineffective('servers keep their connections as long as their own limits allow', DLB, 'max-keep-alive-queue'),
	...ineffective('a soft stop ends with the last connection or at its deadline', DFLB, 'grace'),
].map(row => withLegacy(row));

/** Spellings that HAProxy 1.4 alone understood. */
function withLegacy(row: IneffectiveKeyword): IneffectiveKeyword {
	return row.name === 'nosepoll' ? {...row, only14: true} : row;
}
