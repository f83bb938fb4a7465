/**
 * Drafts into the model: defaults are filled in, names become tests, `listen` becomes two halves.
 *
 * Decides final values. Expects drafts without errors where a value matters; what refers to nothing was or will be reported by `validate`, which
 * runs on the same drafts. Leaves servers, rules, conditions and the pair to their own files (`build-….ts`). It is longer than other files because
 * what the two halves of `listen` share is built together.
 */
import {buildCondition, groupTests} from './build-conditions.ts';
import {buildPair} from './build-pair.ts';
import {buildRules, buildStickRules, buildTcpRequest} from './build-rules.ts';
import {buildServers, indexServers} from './build-servers.ts';
import {
	BALANCE,
	BUFSIZE_BYTES,
	FIRST_PROXY_ID,
	FRONTEND_MAXCONN,
	FULLCONN_DIVISOR,
	GLOBAL_MAXCONN,
	LOG_LENGTH_BYTES,
	LOG_LENGTH_LONG_BYTES,
	MAXREWRITE_BYTES,
	PROXY_MODE,
	RETRIES,
	SPREAD_CHECKS_PERCENT,
	STATS_MAXCONN,
	STATS_REALM,
	STATS_TIMEOUT_MS,
	STATS_URI,
} from './defaults.ts';
import {positionOf} from './diagnostics.ts';
import type {GlobalDraft, HttpErrorsDraft, Mutable, ProxyDraft, UserlistDraft} from './drafts.ts';
import {buildErrorPages} from './error-pages.ts';
import {tableOfSessions} from './keywords/appsession.ts';
import {spreadComments} from './keywords/check-steps.ts';
import {buildHttpCheck} from './keywords/http-check.ts';
import {stateFileOf} from './keywords/server-state.ts';
import type {
	Backend,
	BalanceAlgorithm,
	CheckKind,
	Configuration,
	ConnectionMode,
	Frontend,
	GlobalSettings,
	HttpExpect,
	LogTarget,
	ProxyCommon,
	ProxyMode,
	Server,
	StatsPage,
	StickTable,
	Userlist,
} from './model.ts';
import type {ParsedFiles} from './parser.ts';

/**
 * The model of drafts that `validate` found no fault with.
 *
 * @param countsSockets Whether connections are counted for each socket; it costs a lookup for each connection.
 */
export function buildConfiguration(parsed: ParsedFiles, countsSockets: boolean): Configuration {
	const global = buildGlobal(parsed.global);
	const ids = assignIds(parsed.proxies);
	const frontends: Frontend[] = [];
	const backends: Backend[] = [];
	const indexes = indexServers(parsed.proxies);
	for (const draft of parsed.proxies) {
		const common = buildCommon(draft, ids.get(draft)!, global.logTargets, parsed.errorSections);
		if (draft.kind !== 'backend') frontends.push(buildFrontend(draft, common));
		if (draft.kind === 'frontend') continue;
		const backend = buildBackend(draft, common, buildServers(draft, indexes));
		const stateFile = stateFileOf(parsed.global, draft.settings, draft.name);
		backends.push(stateFile === undefined ? backend : {...backend, stateFile});
	}
	const [pair] = parsed.pairs;
	const configuration: Mutable<Configuration> = {
		syntax: parsed.syntax,
		global,
		userlists: parsed.userlists.map(buildUserlist),
		stickTables: buildStickTables(parsed.proxies),
		patternLists: [],
		frontends: countsSockets ? frontends.map(frontend => ({...frontend, countsSockets: true})) : frontends,
		backends: backends.map(backend => withFullconn(backend, frontends)),
	};
	if (pair !== undefined) configuration.pair = buildPair(pair);
	return configuration;
}

function buildGlobal(draft: GlobalDraft): GlobalSettings {
	const {
		maxrewritePlace: _place,
		surroundings: _surroundings,
		defaultPath: _path,
		unixBind: _unix,
		zeroWarning: _zero,
		serverStateBase: _base,
		serverStateFile: _file,
		...values
	} = draft;
	const bufsizeBytes = draft.bufsizeBytes ?? BUFSIZE_BYTES;
	return {
		...values,
		maxconn: draft.maxconn ?? GLOBAL_MAXCONN,
		spreadChecksPercent: draft.spreadChecksPercent ?? SPREAD_CHECKS_PERCENT,
		statsTimeoutMs: draft.statsTimeoutMs ?? STATS_TIMEOUT_MS,
		statsMaxconn: draft.statsMaxconn ?? STATS_MAXCONN,
		bufsizeBytes,
		// The head must keep at least half of the buffer (HAProxy manual, `tune.maxrewrite`).
		maxrewriteBytes: Math.min(draft.maxrewriteBytes ?? MAXREWRITE_BYTES, Math.floor(bufsizeBytes / 2)),
	};
}

/** Numbers given by `id` stay; the others take the first free one, in the order of the file. */
function assignIds(proxies: readonly ProxyDraft[]): Map<ProxyDraft, number> {
	const taken = new Set(proxies.map(draft => draft.id?.value));
	const ids = new Map<ProxyDraft, number>();
	let next = FIRST_PROXY_ID;
	for (const draft of proxies) {
		if (draft.id === undefined) {
			while (taken.has(next)) next += 1;
			ids.set(draft, next);
			next += 1;
		} else ids.set(draft, draft.id.value);
	}
	return ids;
}

function buildCommon(
	draft: ProxyDraft,
	id: number,
	globalTargets: readonly LogTarget[],
	errorSections: readonly HttpErrorsDraft[],
): ProxyCommon {
	const {settings} = draft;
	const common: Mutable<ProxyCommon> = {
		name: draft.name,
		id,
		position: positionOf(draft.place),
		mode: modeOf(draft),
		timeouts: settings.timeouts,
		connectionMode: connectionModeOf(draft),
		logTargets: settings.logGlobal ? [...globalTargets, ...settings.logTargets] : settings.logTargets,
		acls: draft.acls,
		...buildRules(draft, errorSections),
		...buildErrorPages(settings.errorPages, errorSections),
		disabled: settings.disabled,
		fromListen: draft.kind === 'listen',
	};
	if (draft.id !== undefined) common.isIdGiven = true;
	if (settings.forwardFor !== undefined) common.forwardFor = settings.forwardFor;
	if (settings.unusualNames !== undefined) common.unusualNames = settings.unusualNames;
	if (settings.originalTo !== undefined) common.originalTo = settings.originalTo;
	if (settings.flags.has('nolinger')) common.noLinger = true;
	if (settings.flags.has('http-buffer-request')) common.buffersRequest = true;
	const tcpRequest = buildTcpRequest(draft);
	if (tcpRequest !== undefined) common.tcpRequest = tcpRequest;
	const stats = buildStats(draft);
	if (stats !== undefined) common.stats = stats;
	return common;
}

/** `stats admin` or `stats http-request` alone turns the page on, as any other `stats` line does. */
function buildStats(draft: ProxyDraft): StatsPage | undefined {
	const said = draft.settings.stats;
	if (modeOf(draft) !== 'http' || (said === undefined && draft.statsAdmin.length + draft.statsRules.length === 0))
		return undefined;
	const acls = groupTests(draft);
	return {
		...said,
		uri: said?.uri ?? STATS_URI,
		auth: said?.auth ?? [],
		realm: said?.realm ?? STATS_REALM,
		hideVersion: said?.hideVersion ?? false,
		scope: said?.scope ?? [],
		showLegends: said?.showLegends ?? false,
		rules: draft.statsRules.map(({condition, ...rule}) =>
			condition === undefined ? rule : {...rule, condition: buildCondition(condition, acls)},
		),
		admin: draft.statsAdmin.map(condition => buildCondition(condition, acls)),
	};
}

export function modeOf(draft: ProxyDraft): ProxyMode {
	return draft.settings.mode ?? PROXY_MODE;
}

/** In 1.4 forceclose wins, and httpclose with http-server-close means the same; today the last one said counts. */
function connectionModeOf(draft: ProxyDraft): ConnectionMode {
	const {connection} = draft.settings;
	if (connection.includes('forceclose') || connection.includes('httpclose')) return 'close';
	if (connection.includes('http-server-close')) return 'server-close';
	return connection.includes('http-tunnel') ? 'tunnel' : 'keep-alive';
}

// --- Stick tables -----------------------------------------------------------------------------------------------

function buildStickTables(proxies: readonly ProxyDraft[]): readonly StickTable[] {
	const stuck = new Set(proxies.flatMap(({name, stickRules}) => stickRules.map(({table}) => table?.name ?? name)));
	const sessions = proxies.flatMap(({appSession}) => (appSession === undefined ? [] : [tableOfSessions(appSession)]));
	const own = proxies.flatMap(({stickTable}) => {
		if (stickTable === undefined || !stuck.has(stickTable.name)) return stickTable ?? [];
		const columns = stickTable.columns.filter(({name}) => name !== 'server_id');
		return {...stickTable, holdsServers: true, columns: [{name: 'server_id' as const}, ...columns]};
	});
	return [...own, ...sessions];
}

// --- Frontends and backends -------------------------------------------------------------------------------------

function buildFrontend(draft: ProxyDraft, common: ProxyCommon): Frontend {
	const {settings} = draft;
	const acls = groupTests(draft);
	const frontend: Mutable<Frontend> = {
		...common,
		binds: draft.binds,
		maxconn: settings.maxconn ?? FRONTEND_MAXCONN,
		useBackends: draft.useBackends.map(({backend, isFormat, condition, place}) => {
			const rule = {backend: backend.name, position: positionOf(place), ...(isFormat ? {isFormat} : {})};
			return condition === undefined ? rule : {...rule, condition: buildCondition(condition, acls)};
		}),
		probesClients: settings.flags.has('clitcpka'),
		log: {
			format: logFormatOf(draft),
			dontLogNull: settings.flags.has('dontlognull'),
			dontLogNormal: settings.flags.has('dontlog-normal'),
			logAsap: settings.flags.has('logasap'),
			separateErrors: settings.flags.has('log-separate-errors'),
			...(settings.anonymize === undefined ? {} : {anonymize: settings.anonymize}),
			...(settings.logText === undefined ? {} : {text: settings.logText}),
			...(settings.structuredData === undefined ? {} : {structuredData: settings.structuredData}),
			...(settings.logTag === undefined ? {} : {tag: settings.logTag}),
		},
		monitorFail: draft.monitorFail.map(condition => buildCondition(condition, acls)),
		captureRequestHeaders: draft.captureRequestHeaders,
		captureResponseHeaders: draft.captureResponseHeaders,
	};
	if (frontend.log.format === 'json') frontend.logTargets = common.logTargets.map(forLongLines);
	if (settings.flags.has('idle-close-on-response')) frontend.closesOnResponse = true;
	if (settings.flags.has('h1-case-adjust-bogus-client')) frontend.adjustsCase = true;
	if (settings.flags.has('socket-stats')) frontend.socketStats = true;
	if (settings.uniqueIdFormat !== undefined) frontend.uniqueIdFormat = settings.uniqueIdFormat;
	if (settings.uniqueIdHeader !== undefined) frontend.uniqueIdHeader = settings.uniqueIdHeader;
	if (settings.backlog !== undefined) frontend.backlog = settings.backlog;
	if (settings.sessionRate !== undefined) frontend.sessionRate = settings.sessionRate;
	// The frontend of a listen section is served by its own backend half.
	const backend = settings.defaultBackend?.name ?? (draft.kind === 'listen' ? draft.name : undefined);
	if (backend !== undefined) frontend.defaultBackend = backend;
	if (settings.monitorNet !== undefined) frontend.monitorNet = settings.monitorNet;
	if (settings.monitorUri !== undefined) frontend.monitorUri = settings.monitorUri;
	if (draft.captureCookie !== undefined) frontend.captureCookie = draft.captureCookie;
	return frontend;
}

/** An object that is cut is none. */
function forLongLines(target: LogTarget): LogTarget {
	return target.lengthBytes === LOG_LENGTH_BYTES ? {...target, lengthBytes: LOG_LENGTH_LONG_BYTES} : target;
}

function logFormatOf(draft: ProxyDraft): Frontend['log']['format'] {
	const format = draft.settings.logFormat ?? 'default';
	return modeOf(draft) === 'tcp' && (format === 'http' || format === 'clf') ? 'tcp' : format;
}

function buildBackend(draft: ProxyDraft, common: ProxyCommon, servers: readonly Server[]): Backend {
	const {settings} = draft;
	const {flags} = settings;
	const acls = groupTests(draft);
	const {check, expect} = buildCheckKind(draft);
	const backend: Mutable<Backend> = {
		...common,
		balance: balanceOf(draft),
		servers,
		retries: settings.retries ?? RETRIES,
		redispatch: flags.has('redispatch'),
		persist: flags.has('persist'),
		persistRules: draft.persistRules.map(({kind, condition, place}) => ({
			kind,
			condition: buildCondition(condition, acls),
			position: positionOf(place),
		})),
		pretendKeepAlive: flags.has('http-pretend-keepalive'),
		checkCache: flags.has('checkcache'),
		abortOnClose: flags.has('abortonclose'),
		probesServers: flags.has('srvtcpka'),
		allBackups: flags.has('allbackups'),
		check,
		logHealthChecks: flags.has('log-health-checks'),
		disableOn404: flags.has('disable-on-404'),
	};
	if (settings.cookie !== undefined && common.mode === 'http') backend.cookie = settings.cookie;
	if (settings.sendNameHeader !== undefined) backend.sendNameHeader = settings.sendNameHeader;
	if (draft.appSession !== undefined && common.mode === 'http') backend.appSession = draft.appSession;
	if (draft.stickRules.length > 0) backend.stickRules = buildStickRules(draft);
	if (draft.tcpResponseRules.length > 0) {
		const content = draft.tcpResponseRules.map(({action, condition, place}) => ({
			action,
			position: positionOf(place),
			...(condition === undefined ? {} : {condition: buildCondition(condition, acls)}),
		}));
		backend.tcpResponse = {content, inspectDelayMs: draft.responseDelayMs ?? 0};
	}
	if (draft.useServers.length > 0) {
		backend.useServers = draft.useServers.map(({server, isFormat, condition, place}) => ({
			server: server.name,
			condition: buildCondition(condition, acls),
			position: positionOf(place),
			...(isFormat === true ? {isFormat} : {}),
		}));
	}
	if (flags.has('h1-case-adjust-bogus-server')) backend.adjustsCase = true;
	if (settings.hashBalanceFactor) backend.hashBalanceFactor = settings.hashBalanceFactor;
	if (settings.persistCookie !== undefined && common.mode === 'tcp') backend.persistCookie = settings.persistCookie;
	if (settings.retryOn !== undefined) backend.retryOn = settings.retryOn;
	if (settings.target !== undefined) backend.sendsOnward = true;
	if (settings.fullconn !== undefined) backend.fullconn = settings.fullconn;
	if (settings.balanceOptions !== undefined) backend.balanceOptions = settings.balanceOptions;
	if (settings.hashType !== undefined) backend.hashType = settings.hashType;
	if (flags.has('send-state')) backend.sendState = true;
	if (expect !== undefined) backend.httpExpect = expect;
	return backend;
}

/** What an HTTP algorithm needs is not there in mode tcp: turns are taken instead, as HAProxy does. */
function balanceOf(draft: ProxyDraft): BalanceAlgorithm {
	const balance = draft.settings.balance ?? BALANCE;
	return modeOf(draft) === 'tcp' && needsHttp(balance) ? BALANCE : balance;
}

export function needsHttp(balance: BalanceAlgorithm): boolean {
	return balance === 'uri' || balance === 'url_param' || balance === 'hdr';
}

function buildCheckKind({settings}: ProxyDraft): {readonly check: CheckKind; readonly expect?: HttpExpect} {
	const check = settings.check ?? {kind: 'tcp'};
	if (check.kind === 'http') return buildHttpCheck(check, settings.httpSteps ?? []);
	return {check: check.kind === 'tcp-check' ? {...check, steps: spreadComments(settings.tcpSteps)} : check};
}

/** Servers with `minconn` need a `fullconn`: a tenth of what the frontends that lead here let in (HAProxy ≥ 1.5). */
function withFullconn(backend: Backend, frontends: readonly Frontend[]): Backend {
	if (backend.fullconn !== undefined || backend.servers.every(server => server.minconn >= server.maxconn))
		return backend;
	const leading = frontends.filter(
		frontend =>
			frontend.defaultBackend === backend.name || frontend.useBackends.some(rule => rule.backend === backend.name),
	);
	const sum = leading.reduce((total, frontend) => total + frontend.maxconn, 0);
	return {...backend, fullconn: Math.max(1, Math.floor((sum || FRONTEND_MAXCONN) / FULLCONN_DIVISOR))};
}

/** A user is in a group when either says so (HAProxy manual, `group`, `user`). */
function buildUserlist(draft: UserlistDraft): Userlist {
	const users = draft.users.map(({user}) => {
		const listed = draft.groups.filter(group => group.users.includes(user.name)).map(group => group.name);
		return {...user, groups: [...new Set([...user.groups, ...listed])]};
	});
	return {name: draft.name, users, position: positionOf(draft.place)};
}
