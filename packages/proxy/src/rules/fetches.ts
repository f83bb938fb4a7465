/**
 * What each fetch takes from a transaction, prepared once (HAProxy manual, "Fetching samples").
 *
 * Decides the value of every row of the configuration's table, and which have several: a header's list, the cookies of one name, a
 * user's groups. Of several a condition asks each; a text shows the last, or the occurrence that was named. Leaves finding header
 * lines to the sample source. One table in one file, so that it can be held beside the manual's.
 */
import type {SampleExpression} from '@hapair/config';
import {hashText} from '../balance/hash-functions.ts';
import {createCookieCursor, isCookieNamed, scanCookie} from '../persistence/cookie-scan.ts';
import type {Address} from './address.ts';
import {parseAddress} from './address.ts';
import {bearerOf, credentialsOf} from './basic-credentials.ts';
import {BODY_SAMPLES} from './body-samples.ts';
import {CONTENT_SAMPLES} from './content-samples.ts';
import {countListValues, someListValue, splitListValues} from './header-list.ts';
import {RESPONSE_CONTENTS} from './response-contents.ts';
import {RuleError} from './rule-error.ts';
import {readLeadingInteger, type Sample, toAddress} from './sample.ts';
import {authorityOfTarget, pathAndQueryOfTarget, queryOfTarget, type SampleSource} from './sample-source.ts';
import {compileStickFetch} from './stick-samples.ts';
import {someUrlParameter} from './url-parameter.ts';

/** True when it has seen enough. */
export type Visit = (sample: Sample) => boolean;

export interface CompiledFetch {
	/** The one value that a text shows; `undefined` when there is none. */
	readonly value: (source: SampleSource) => Sample | undefined;
	/** Shows the values until `visit` is satisfied, and says whether it was. */
	readonly some: (source: SampleSource, visit: Visit) => boolean;
}

type Take = (source: SampleSource) => Sample | undefined;
type Maker = (args: readonly string[]) => CompiledFetch;

/** A fetch with one value at most. */
export function single(value: Take): CompiledFetch {
	return {
		value,
		some(source, visit) {
			const sample = value(source);
			return sample !== undefined && visit(sample);
		},
	};
}

/** A fetch with several values; a text shows the last. */
function several(some: CompiledFetch['some']): CompiledFetch {
	return {
		some,
		value(source) {
			let last: Sample | undefined;
			some(source, sample => {
				last = sample;
				return false;
			});
			return last;
		},
	};
}

const plain = (value: Take): Maker => {
	const compiled = single(value);
	return () => compiled;
};

const backendOf = (args: readonly string[], source: SampleSource): string => args[0] ?? source.backend;
const ofBackend = (value: (source: SampleSource, backend: string) => number): Maker => {
	return args => single(source => value(source, backendOf(args, source)));
};
const versionText = (version: number): string => `${Math.floor(version / 10)}.${version % 10}`;
const flag = (text: string | undefined): boolean => /^(?:true|on|yes|1)$/.test(text ?? '');

// --- Headers --------------------------------------------------------------------------------------------------------

type ReadLine = (source: SampleSource, name: string, n: number) => string | undefined;
const requestLine: ReadLine = (source, name, n) => source.header(name, n);
const responseLine: ReadLine = (source, name, n) => source.responseHeader(name, n);
/** In a rule for responses a bare `hdr` is the response's (HAProxy manual, `hdr`). */
const eitherLine: ReadLine = (source, name, n) =>
	source.status === 0 ? source.header(name, n) : source.responseHeader(name, n);

/** Every value of a header, or the one occurrence, made into a sample by `make`. */
function headerValues(read: ReadLine, make: (value: string) => Sample | undefined, isWhole = false): Maker {
	return ([name = '', occurrence]) => {
		const lowerName = name.toLowerCase();
		const some: CompiledFetch['some'] = (source, visit) => {
			const test = (value: string): boolean => {
				const sample = make(shownValue(source, lowerName, value));
				return sample !== undefined && visit(sample);
			};
			for (let n = 0; ; n++) {
				const line = read(source, lowerName, n);
				if (line === undefined) return false;
				if (isWhole ? test(line) : someListValue(line, test)) return true;
			}
		};
		if (occurrence === undefined || occurrence === '') return several(some);
		const place = Number(occurrence);
		return single(source => {
			const values: string[] = [];
			for (let n = 0; ; n++) {
				const line = read(source, lowerName, n);
				if (line === undefined) break;
				if (isWhole) values.push(line);
				else values.push(...splitListValues(line));
			}
			// Counted from 1, or from -1 for the last one backwards; 0 is the last (HAProxy manual, `req.hdr`).
			const value = values.at(place > 0 ? place - 1 : place || -1);
			return value === undefined ? undefined : make(shownValue(source, lowerName, value));
		});
	};
}

function headerCount(read: ReadLine, isWhole = false): Maker {
	return ([name = '']) => {
		const lowerName = name.toLowerCase();
		return single(source => {
			let count = 0;
			for (let n = 0; ; n++) {
				const line = read(source, lowerName, n);
				if (line === undefined) return count;
				count += isWhole ? 1 : countListValues(line);
			}
		});
	};
}

const headerNames =
	(ofResponse: boolean): Maker =>
	([delimiter = ',']) =>
		single(source => {
			const names: string[] = [];
			for (let n = 0; ; n++) {
				const name = source.headerName(ofResponse, n);
				if (name === undefined) return names.join(delimiter);
				names.push(name);
			}
		});

const asText = (value: string): string => value;

function headerFamily(prefix: string, read: ReadLine): [string, Maker][] {
	return [
		[`${prefix}hdr`, headerValues(read, asText)],
		[`${prefix}hdr_cnt`, headerCount(read)],
		[`${prefix}hdr_val`, headerValues(read, readLeadingInteger)],
		[`${prefix}hdr_ip`, headerValues(read, toAddress)],
	];
}

// --- Cookies and parameters -----------------------------------------------------------------------------------------

const cursor = createCookieCursor();

/** Cookies of a Cookie or Set-Cookie line; a Set-Cookie line has one, at its start. */
function cookieValues(read: ReadLine, header: string, make: (value: string) => Sample): Maker {
	return ([name = '']) =>
		several((source, visit) => {
			for (let n = 0; ; n++) {
				const line = read(source, header, n);
				if (line === undefined) return false;
				for (let at = 0; at < line.length; at = cursor.end + 1) {
					scanCookie(line, at, line.length, cursor);
					const isWanted = name === '' ? cursor.valueStart !== -1 : isCookieNamed(line, name, cursor);
					const {end} = cursor;
					if (isWanted && visit(make(line.slice(cursor.valueStart, cursor.valueEnd)))) return true;
					cursor.end = end;
					if (header === 'set-cookie') break;
				}
			}
		});
}

/** Of parameters HAProxy's texts show the first, of headers and cookies the last. */
function firstOf(maker: Maker): Maker {
	return args => {
		const {some} = maker(args);
		return {
			some,
			value(source) {
				let first: Sample | undefined;
				some(source, sample => {
					first = sample;
					return true;
				});
				return first;
			},
		};
	};
}

function countOf(maker: Maker): Maker {
	return args => {
		const {some} = maker(args);
		return single(source => {
			let count = 0;
			some(source, () => {
				count++;
				return false;
			});
			return count;
		});
	};
}

function cookieFamily(prefix: string, read: ReadLine, header: string): [string, Maker][] {
	return [
		[`${prefix}cook`, cookieValues(read, header, asText)],
		[`${prefix}cook_cnt`, countOf(cookieValues(read, header, asText))],
		[`${prefix}cook_val`, cookieValues(read, header, readLeadingInteger)],
	];
}

function urlParameter(make: (value: string) => Sample): Maker {
	return ([name = '', delimiter = '?']) =>
		firstOf(() =>
			several((source, visit) => someUrlParameter(source.url, name, delimiter || '?', value => visit(make(value)))),
		)([]);
}

/** A client's address, as much of it as may be seen here (`option anonymize`). */
function shown({anonymize}: SampleSource, address: Address | undefined): Address | undefined {
	return anonymize === undefined || address === undefined ? address : anonymize.address(address);
}

/** Likewise of a header that may name one. */
function shownValue({anonymize}: SampleSource, lowerName: string, value: string): string {
	return anonymize === undefined ? value : anonymize.header(lowerName, value);
}

function captureOf(ofResponse: boolean): Maker {
	return ([n = '0']) =>
		single(source => {
			const value = source.capture(ofResponse, Number(n));
			return value === undefined ? undefined : (source.anonymize?.capture(ofResponse, Number(n), value) ?? value);
		});
}

// --- The table ------------------------------------------------------------------------------------------------------

const withServer =
	(value: (source: SampleSource, backend: string, server: string) => Sample | undefined): Maker =>
	([text = '']) => {
		const slash = text.indexOf('/');
		const backend = slash === -1 ? undefined : text.slice(0, slash);
		const server = text.slice(slash + 1);
		return single(source => value(source, backend ?? source.backend, server));
	};

const MAKERS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
	['src', plain(source => shown(source, source.src))],
	['src_port', plain(source => source.srcPort)],
	['dst', plain(source => source.dst)],
	['dst_port', plain(source => source.dstPort)],
	['fc_src', plain(source => shown(source, source.connectionEnds.src))],
	['fc_dst', plain(source => source.connectionEnds.dst)],
	['fc_pp_authority', plain(source => source.proxied?.authority)],
	['fc_pp_unique_id', plain(source => source.proxied?.uniqueId)],
	['dst_conn', plain(source => source.listener?.connections())],
	['so_id', plain(source => source.listener?.id)],
	['so_name', plain(source => source.listener?.name)],
	['src_is_local', plain(source => source.src && source.proxies.isLocal(source.src.text))],
	['dst_is_local', plain(source => source.dst && source.proxies.isLocal(source.dst.text))],
	['date', ([offset = '0', unit = 's']) => single(source => dateIn(source.proxies.wallMs, Number(offset), unit))],
	['rand', ([range]) => single(source => Math.floor(source.proxies.random() * (Number(range) || 2 ** 32)))],
	['hostname', plain(source => source.proxies.hostname)],
	['uuid', plain(source => source.proxies.uuid())],
	// There is one process.
	['nbproc', plain(() => 1)],
	['proc', plain(() => 1)],
	['thread', plain(source => source.proxies.thread)],
	['stopping', plain(source => source.proxies.isStopping)],
	['act_conn', plain(source => source.proxies.connections)],
	['ipv4', ([text = '']) => single(() => toAddress(text))],
	['ipv6', ([text = '']) => single(() => toAddress(text))],
	['bin', ([text = '']) => single(() => Buffer.from(text, 'hex').toString('latin1'))],
	['fe_id', plain(source => source.proxies.frontendId(source.frontend))],
	['fe_name', plain(source => source.frontend)],
	['fe_conn', args => single(source => source.proxies.frontendConnections(args[0] ?? source.frontend))],
	['fe_sess_rate', args => single(source => source.proxies.frontendSessionRate(args[0] ?? source.frontend))],
	['fe_req_rate', args => single(source => source.proxies.frontendRequestRate(args[0] ?? source.frontend))],
	['be_sess_rate', ofBackend((source, name) => source.proxies.backendSessionRate(name))],
	['srv_sess_rate', withServer((source, backend, server) => source.proxies.server(backend, server)?.sessionRate)],
	['be_id', plain(source => source.proxies.backendId(source.backend))],
	['be_name', plain(source => source.backend)],
	['be_conn', ofBackend((source, name) => source.proxies.backendConnections(name))],
	['nbsrv', ofBackend((source, name) => source.proxies.nbsrv(name))],
	['queue', ofBackend((source, name) => source.proxies.queued(name))],
	[
		'avg_queue',
		// Twice the queue when no server could take it (HAProxy manual, `avg_queue`).
		ofBackend((source, name) => {
			const servers = source.proxies.nbsrv(name);
			const queued = source.proxies.queued(name);
			return servers > 0 ? Math.ceil(queued / servers) : queued * 2;
		}),
	],
	['connslots', ofBackend((source, name) => source.proxies.freeSlots(name))],
	['be_server_timeout', plain(source => source.proxies.timeoutMs(source.backend, 'serverMs') ?? 0)],
	['be_tunnel_timeout', plain(source => source.proxies.timeoutMs(source.backend, 'tunnelMs') ?? 0)],
	['cur_server_timeout', plain(source => currentMs(source, 'serverMs'))],
	['cur_tunnel_timeout', plain(source => currentMs(source, 'tunnelMs'))],
	['fe_client_timeout', plain(source => source.proxies.timeoutMs(source.frontend, 'clientMs') ?? 0)],
	['srv_is_up', withServer((source, backend, server) => source.proxies.server(backend, server)?.isUp)],
	['srv_conn', withServer((source, backend, server) => source.proxies.server(backend, server)?.connections)],
	['srv_queue', withServer((source, backend, server) => source.proxies.server(backend, server)?.queued)],
	['srv_weight', withServer((source, backend, server) => source.proxies.server(backend, server)?.weight)],
	['srv_iweight', withServer((source, backend, server) => source.proxies.server(backend, server)?.initialWeight)],
	['srv_uweight', withServer((source, backend, server) => source.proxies.server(backend, server)?.weight)],
	['always_true', plain(() => true)],
	['always_false', plain(() => false)],
	['str', ([text = '']) => single(() => text)],
	['int', ([text = '0']) => single(() => Number(text))],
	['bool', ([text]) => single(() => flag(text))],
	// There is no TLS here.
	['ssl_fc', plain(() => false)],
	['env', ([name = '']) => single(source => source.proxies.environment[name])],
	['var', ([name = '', otherwise]) => single(source => source.variable(name) ?? otherwise)],
	['method', plain(source => source.method)],
	['path', plain(source => (source.path === '' ? undefined : source.path))],
	['pathq', plain(source => pathAndQueryOfTarget(source.url))],
	['query', plain(source => queryOfTarget(source.url))],
	['url', plain(source => source.url)],
	['url_ip', plain(source => toAddress(authorityOfTarget(source.url) ?? ''))],
	['url_port', plain(source => portOf(authorityOfTarget(source.url)))],
	['url_param', urlParameter(asText)],
	['urlp_val', urlParameter(readLeadingInteger)],
	['base', plain(source => (source.header('host', 0) ?? '') + source.path)],
	['base32', plain(source => hashBytes((source.header('host', 0) ?? '').toLowerCase() + source.path))],
	[
		'url32',
		plain(source => hashBytes((source.header('host', 0) ?? '').toLowerCase() + pathAndQueryOfTarget(source.url))),
	],
	['capture.req.ver', plain(source => `HTTP/${versionText(source.version)}`)],
	[
		'capture.res.ver',
		plain(source => (source.responseVersion === 0 ? undefined : `HTTP/${versionText(source.responseVersion)}`)),
	],
	['txn.status', plain(source => (source.status === 0 ? undefined : source.status))],
	['req.ver', plain(source => (source.version === 0 ? undefined : versionText(source.version)))],
	...headerFamily('', eitherLine),
	...headerFamily('req.', requestLine),
	['req.hdr_names', headerNames(false)],
	['req.fhdr', headerValues(requestLine, asText, true)],
	['req.fhdr_cnt', headerCount(requestLine, true)],
	...cookieFamily('req.', requestLine, 'cookie'),
	['http_auth', ([list = '']) => single(source => groupsOf(source, list) !== undefined)],
	[
		'http_auth_group',
		([list = '']) => several((source, visit) => groupsOf(source, list)?.some(group => visit(group)) ?? false),
	],
	['http_auth_user', plain(source => credentialsOf(source)?.user)],
	['http_auth_pass', plain(source => credentialsOf(source)?.password)],
	['http_auth_type', plain(source => source.header('authorization', 0)?.split(' ', 1)[0])],
	['http_auth_bearer', ([name = '']) => single(source => bearerOf(source, name))],
	['unique-id', plain(source => source.view?.uniqueId)],
	['http_first_req', plain(source => source.isFirst)],
	['req.proto_http', plain(source => source.method !== '')],
	['capture.req.method', plain(source => source.method)],
	['capture.req.uri', plain(source => source.url)],
	['capture.req.hdr', captureOf(false)],
	['status', plain(source => (source.status === 0 ? undefined : source.status))],
	['res.ver', plain(source => (source.responseVersion === 0 ? undefined : versionText(source.responseVersion)))],
	...headerFamily('res.', responseLine),
	['res.hdr_names', headerNames(true)],
	['res.fhdr', headerValues(responseLine, asText, true)],
	['res.fhdr_cnt', headerCount(responseLine, true)],
	...cookieFamily('res.', responseLine, 'set-cookie'),
	['srv_id', plain(source => source.proxies.server(source.backend, source.server)?.id)],
	['srv_name', plain(source => (source.server === '' ? undefined : source.server))],
	['capture.res.hdr', captureOf(true)],
	...[...CONTENT_SAMPLES, ...BODY_SAMPLES, ...RESPONSE_CONTENTS].map(([name, take]): [string, Maker] => [
		name,
		args => single(source => take(source, args)),
	]),
]);

/** In milliseconds; 0 for a timeout that never comes. */
function currentMs(source: SampleSource, timeout: 'serverMs' | 'tunnelMs'): number {
	return source.changedMs(timeout) ?? source.proxies.timeoutMs(source.backend, timeout) ?? 0;
}

/** In whole seconds, or as `unit` says. */
function dateIn(wallMs: number, offset: number, unit: string): number {
	const factor = unit === 'us' ? 1000 : unit === 'ms' ? 1 : 0.001;
	return Math.floor(wallMs * factor) + offset;
}

/** Measured: the function that is called sdbm, scrambled. */
function hashBytes(text: string): number {
	return hashText(text, {method: 'map-based', function: 'sdbm', avalanche: true});
}

function groupsOf(source: SampleSource, list: string): readonly string[] | undefined {
	const credentials = credentialsOf(source);
	return credentials && source.proxies.groupsOf(list, credentials.user, credentials.password);
}

/** Of an absolute target, 80 when it names none; `undefined` without an authority. */
function portOf(authority: string | undefined): number | undefined {
	if (authority === undefined) return undefined;
	const port = /:([0-9]{1,5})$/.exec(authority)?.[1];
	if (port !== undefined && parseAddress(authority) === undefined) return Number(port);
	return 80;
}

/** Prepares a fetch; throws a `RuleError` for one that is not in the table. */
export function compileFetch(expression: SampleExpression): CompiledFetch {
	const make = MAKERS.get(expression.fetch);
	if (make !== undefined) return make(expression.arguments);
	const take = compileStickFetch(expression.fetch, expression.arguments);
	if (take !== undefined) return single(take);
	throw new RuleError(`the sample fetch "${expression.fetch}" is not known`);
}
