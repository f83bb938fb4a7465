/**
 * Questions that no single line can answer: does what is named exist, is a name used twice, do halves fit together?
 *
 * Decides on proxies, their servers and addresses. Leaves the pair to `validate-pair`. Runs on drafts, so that it can speak
 * even when other lines were refused; what a refused line would have declared counts as declared.
 */
import {addressKey} from './addresses.ts';
import {modeOf} from './build.ts';
import {RULE_STAGES} from './build-rules.ts';
import {BUFSIZE_BYTES} from './defaults.ts';
import type {Place, Reporter} from './diagnostics.ts';
import type {PendingCondition, ProxyDraft, ServerDraft} from './drafts.ts';
import {checkErrorSections} from './error-pages.ts';
import type {Bind, Position} from './model.ts';
import type {ParsedFiles} from './parser.ts';
import {PREDEFINED_ACLS} from './predefined-acls.ts';
import {didYouMean} from './suggestions.ts';
import {validateChecks, validateTracking} from './validate-checks.ts';
import {validatePair} from './validate-pair.ts';
import {checkRuleNames, checkSample, checkUserlists, type KnownNames} from './validate-rules.ts';
import {checkStickRules} from './validate-stick.ts';

/** Reports everything that is wrong between lines. */
export function validate(parsed: ParsedFiles, reporter: Reporter): void {
	const {proxies} = parsed;
	const frontends = new Map<string, ProxyDraft>();
	const backends = new Map<string, ProxyDraft>();
	for (const draft of proxies) {
		checkNames(draft, frontends, backends, reporter);
	}
	checkIds(proxies, reporter);
	checkBinds(proxies, reporter);
	const names: KnownNames = {
		frontends,
		backends,
		userlists: new Set(parsed.userlists.map(({name}) => name)),
		tables: new Map(
			proxies.flatMap(({stickTable}) => (stickTable === undefined ? [] : [[stickTable.name, stickTable]])),
		),
	};
	checkUserlists(parsed.userlists, reporter);
	checkErrorSections(proxies, parsed.errorSections, reporter);
	for (const draft of proxies) {
		checkAcls(draft, names, reporter);
		checkRuleNames(draft, names, reporter);
		checkStickRules(draft, names, reporter);
		checkTimeouts(draft, reporter);
		checkMode(draft, reporter);
		checkRuleOrder(draft, reporter);
		if (draft.kind !== 'backend') checkFrontend(draft, backends, reporter);
		if (draft.kind !== 'frontend') {
			checkServers(draft, reporter);
			validateChecks(draft, backends, reporter);
		}
	}
	validateTracking(proxies, reporter);
	checkBuffer(parsed, reporter);
	validatePair(parsed, frontends, backends, reporter);
}

function where({line}: Place, file: string, other: Place): string {
	return file === other.file ? `line ${line}` : `${file}:${line}`;
}

// --- Names and numbers ------------------------------------------------------------------------------------------

/** A frontend and a backend may share a name; a listen section is both. */
function checkNames(
	draft: ProxyDraft,
	frontends: Map<string, ProxyDraft>,
	backends: Map<string, ProxyDraft>,
	reporter: Reporter,
): void {
	if (draft.name === '') return;
	let reported = false;
	for (const [half, known] of [
		['backend', frontends],
		['frontend', backends],
	] as const) {
		if (draft.kind === half) continue;
		const other = known.get(draft.name);
		if (other === undefined) known.set(draft.name, draft);
		else if (!reported) {
			reported = true;
			const message = `the name '${draft.name}' is taken by the ${other.kind} on ${where(other.place, other.place.file, draft.place)}`;
			reporter.error(draft.place, message, 'choose another name');
		}
	}
}

function checkIds(proxies: readonly ProxyDraft[], reporter: Reporter): void {
	const seen = new Map<number, ProxyDraft>();
	for (const draft of proxies) {
		if (draft.id === undefined) continue;
		const other = seen.get(draft.id.value);
		if (other === undefined) seen.set(draft.id.value, draft);
		else
			reporter.error(
				draft.id.place,
				`id ${draft.id.value} is taken by '${other.name}'`,
				'ids are unique over all proxies',
			);
	}
}

// --- Addresses --------------------------------------------------------------------------------------------------

function bindKey({address, interface: name = ''}: Bind): string | undefined {
	if (address.kind === 'ip') return `${addressKey(address.host)}:${address.port}%${name}`;
	return address.kind === 'unix' ? address.path : undefined;
}

function placeOf({file, line, column}: Position, length: number): Place {
	return {file, line, column, length};
}

/** The same address twice is one frontend that never sees a client. An inherited descriptor may stand twice. */
function checkBinds(proxies: readonly ProxyDraft[], reporter: Reporter): void {
	const seen = new Map<string, ProxyDraft>();
	for (const draft of proxies) {
		if (draft.settings.disabled) continue;
		for (const bind of draft.binds) {
			const key = bindKey(bind);
			if (key === undefined) continue;
			const other = seen.get(key);
			if (other === undefined) {
				seen.set(key, draft);
				continue;
			}
			const owner = other === draft ? 'this section' : `${other.kind} '${other.name}'`;
			reporter.error(
				placeOf(bind.position, bind.text.length),
				`${bind.text} is already bound by ${owner}`,
				'take one of the two out',
			);
		}
	}
}

function checkFrontend(draft: ProxyDraft, backends: ReadonlyMap<string, ProxyDraft>, reporter: Reporter): void {
	const {defaultBackend} = draft.settings;
	if (draft.binds.length === 0 && !draft.bindRefused && !draft.settings.disabled) {
		const message = `${draft.kind} '${draft.name}' has no address to listen on`;
		reporter.warn(draft.place, message, 'add a line such as bind *:80');
	}
	const references = draft.useBackends.filter(rule => rule.isFormat !== true).map(rule => rule.backend);
	if (defaultBackend !== undefined) references.push(defaultBackend);
	for (const {name, place} of references) {
		const backend = backends.get(name);
		if (backend === undefined) {
			reporter.error(
				place,
				`there is no backend '${name}'`,
				didYouMean(name, backends.keys()) ?? `add a section 'backend ${name}'`,
			);
		} else if (modesClash(draft, backend)) {
			const message = `${draft.kind} '${draft.name}' is in mode http and cannot use backend '${name}' in mode tcp`;
			reporter.error(place, message, 'give both the same mode');
		}
	}
}

/** A mode that could not be read clashes with none. */
function modesClash(frontend: ProxyDraft, backend: ProxyDraft): boolean {
	if (frontend.settings.modeRefused || backend.settings.modeRefused) return false;
	return modeOf(frontend) === 'http' && modeOf(backend) === 'tcp';
}

// --- Servers ----------------------------------------------------------------------------------------------------

function checkServers(draft: ProxyDraft, reporter: Reporter): void {
	if (draft.dispatch !== undefined && draft.servers.length > 1) {
		reporter.error(draft.dispatch, "'dispatch' and 'server' lines exclude each other", 'keep the server lines');
	}
	checkTarget(draft, reporter);
	const names = new Map<string, ServerDraft>();
	const ids = new Map<number, ServerDraft>();
	for (const server of draft.servers) {
		const other = names.get(server.name);
		if (other === undefined) names.set(server.name, server);
		else {
			const message = `the name '${server.name}' is taken by the server on ${where(other.place, other.place.file, server.place)}`;
			reporter.error(server.place, message, 'server names are unique in their backend');
		}
		const {id} = server.options;
		if (id !== undefined && ids.has(id.value)) {
			reporter.error(
				id.place,
				`id ${id.value} is taken by server '${ids.get(id.value)!.name}'`,
				'ids are unique in a backend',
			);
		} else if (id !== undefined) ids.set(id.value, server);
		checkServer(draft, server, reporter);
	}
}

/** What goes where the client wants is not balanced. */
function checkTarget({settings, kind, name}: ProxyDraft, reporter: Reporter): void {
	const {target, balance} = settings;
	if (target === undefined || kind === 'frontend') return;
	const option = target.kind === 'uri' ? 'option http_proxy' : 'option transparent';
	if (balance !== undefined) {
		const message = `${kind} '${name}' has both 'balance' and '${option}'`;
		reporter.error(target.place, message, 'keep one: nothing is balanced towards the address that a client wants');
	}
}

function checkServer(draft: ProxyDraft, server: ServerDraft, reporter: Reporter): void {
	const {options, place, name} = server;
	if (server.cookiePlace !== undefined && draft.settings.cookie === undefined && modeOf(draft) === 'http') {
		const message = `server '${name}' has a cookie value and ${draft.kind} '${draft.name}' has no cookie: no client is kept on its server`;
		reporter.warn(server.cookiePlace, message, 'add a line such as cookie SERVERID insert indirect nocache');
	}
	if (options.check === true && server.portOffset !== undefined && options.checkPort === undefined) {
		const message = `server '${name}' is checked and has no port to check`;
		reporter.error(place, message, "give its address a port, or say 'port N'");
	}
	if (options.check === true && server.target !== undefined && options.checkAddress === undefined) {
		reporter.error(place, `server '${name}' is checked and has no address to check`, "say 'addr A' and 'port N'");
	}
	if (
		options.check === true &&
		server.address?.kind === 'unix' &&
		options.checkAddress !== undefined &&
		options.checkPort === undefined
	) {
		reporter.error(place, `server '${name}' is checked at another address without a port`, "say 'port N'");
	}
	if (
		options.maxconn !== undefined &&
		options.minconn !== undefined &&
		options.maxconn > 0 &&
		options.minconn > options.maxconn
	) {
		const message = `server '${name}' has minconn ${options.minconn} above maxconn ${options.maxconn}; both count as ${options.minconn}`;
		reporter.warn(place, message, 'minconn is the lower end of a range');
	}
}

// --- Conditions -------------------------------------------------------------------------------------------------

function checkAcls(draft: ProxyDraft, names: KnownNames, reporter: Reporter): void {
	for (const {test, position} of draft.acls) checkSample(draft, test.sample, placeOf(position, 3), names, reporter);
	const conditions: (PendingCondition | undefined)[] = [
		...draft.useBackends.map(rule => rule.condition),
		...draft.useServers.map(rule => rule.condition),
		...draft.rules.map(rule => rule.condition),
		...draft.responseRules.map(rule => rule.condition),
		...draft.persistRules.map(rule => rule.condition),
		...draft.monitorFail,
		...draft.statsAdmin,
		...draft.statsRules.map(rule => rule.condition),
		...draft.stickRules.map(rule => rule.condition),
		...draft.tcpRules.map(rule => rule.condition),
		...draft.tcpResponseRules.map(rule => rule.condition),
	];
	for (const condition of conditions) {
		for (const term of condition?.anyOf.flat() ?? []) {
			for (const test of term.tests ?? []) checkSample(draft, test.sample, term.place, names, reporter);
			if (term.tests !== undefined || draft.aclNames.has(term.name) || PREDEFINED_ACLS.has(term.name)) continue;
			const known = [...draft.aclNames, ...PREDEFINED_ACLS.keys()];
			const hint = didYouMean(term.name, known) ?? `declare it in this section: acl ${term.name} …`;
			reporter.error(term.place, `there is no ACL '${term.name}' in ${draft.kind} '${draft.name}'`, hint);
		}
	}
}

// --- What fits together -----------------------------------------------------------------------------------------

/** One warning a proxy, as HAProxy gives: without these timeouts a silent peer holds its connection for ever. */
function checkTimeouts(draft: ProxyDraft, reporter: Reporter): void {
	const {spokenTimeouts} = draft.settings;
	const missing: string[] = [];
	if (draft.kind !== 'backend' && !spokenTimeouts.has('clientMs')) missing.push('client');
	if (draft.kind !== 'frontend' && draft.servers.length > 0) {
		if (!spokenTimeouts.has('connectMs')) missing.push('connect');
		if (!spokenTimeouts.has('serverMs')) missing.push('server');
	}
	if (missing.length === 0) return;
	const message = `${draft.kind} '${draft.name}' has no timeout for: ${missing.join(', ')}; a silent peer would hold its connection for ever`;
	reporter.warn(
		draft.place,
		message,
		missing.map(name => `timeout ${name} ${name === 'connect' ? '5s' : '50s'}`).join(', '),
	);
}

function checkMode(draft: ProxyDraft, reporter: Reporter): void {
	if (modeOf(draft) === 'http' || draft.settings.modeRefused) return;
	const {logFormat} = draft.settings;
	if (draft.kind !== 'backend' && (logFormat === 'http' || logFormat === 'clf')) {
		const message = `'option httplog' needs mode http; ${draft.kind} '${draft.name}' logs as by 'option tcplog'`;
		reporter.warn(draft.place, message, "say 'mode http' or 'option tcplog'");
	}
	for (const {name, place} of draft.httpOnly) {
		reporter.warn(place, `'${name}' has no effect: ${draft.kind} '${draft.name}' is in mode tcp`, "say 'mode http'");
	}
}

/** The order in which kinds of rules run is fixed; a file that reads otherwise misleads its reader. */
function checkRuleOrder(draft: ProxyDraft, reporter: Reporter): void {
	let highest = 0;
	for (const {stage, place} of draft.rules) {
		const order = RULE_STAGES.indexOf(stage);
		if (order < highest) {
			const later = RULE_STAGES[highest]!;
			const message = `this rule runs before the '${later}' rules above it`;
			const hint =
				later === 'redirect'
					? `put it above them, or use 'http-request redirect' for rules in one order`
					: 'put it above them';
			reporter.warn(place, message, hint);
		}
		highest = Math.max(highest, order);
	}
}

function checkBuffer({global}: ParsedFiles, reporter: Reporter): void {
	const {maxrewriteBytes, maxrewritePlace, bufsizeBytes = BUFSIZE_BYTES} = global;
	if (maxrewriteBytes === undefined || maxrewritePlace === undefined || maxrewriteBytes * 2 <= bufsizeBytes) return;
	const half = Math.floor(bufsizeBytes / 2);
	reporter.warn(
		maxrewritePlace,
		`tune.maxrewrite is more than half of tune.bufsize; ${half} is used`,
		`at most ${half}`,
	);
}
