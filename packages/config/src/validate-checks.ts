/**
 * Questions about balancing and health between lines: can the mode serve them, does what is tracked exist?
 *
 * Decides on one backend and its servers. Finds the server behind each `track` and notes it in the draft for `build`.
 */
import {modeOf, needsHttp} from './build.ts';
import type {Reporter} from './diagnostics.ts';
import type {ProxyDraft, ServerDraft} from './drafts.ts';
import {didYouMean} from './suggestions.ts';

/** Reports on one backend; notes whom its servers track. */
export function validateChecks(draft: ProxyDraft, backends: ReadonlyMap<string, ProxyDraft>, reporter: Reporter): void {
	const {balance, check, tcpSteps, httpSteps} = draft.settings;
	if (balance !== undefined && needsHttp(balance) && modeOf(draft) === 'tcp') {
		const message = `'balance ${balance}' needs mode http; ${draft.kind} '${draft.name}' balances by roundrobin`;
		reporter.warn(draft.place, message, "say 'mode http', or choose another algorithm");
	}
	const ignored = draft.checkRules.find(({kind}) => kind !== check?.kind);
	if (ignored !== undefined) {
		const option = ignored.kind === 'http' ? 'option httpchk' : 'option tcp-check';
		reporter.warn(ignored.place, `this has no effect without '${option}'`, `add a line '${option}'`);
	}
	const isLate = hasLateConnect(check?.kind === 'http' ? (httpSteps ?? []) : tcpSteps);
	if ((check?.kind === 'tcp-check' || check?.kind === 'http') && isLate) {
		reporter.error(draft.place, 'the first step of a check must be a connect when there is one', 'move it to the top');
	}
	for (const server of draft.servers) checkServer(draft, server, backends, reporter);
}

/** Only comments and variables may stand before the first connection. */
function hasLateConnect(steps: readonly {readonly kind: string}[]): boolean {
	const at = steps.findIndex(({kind}) => kind === 'connect');
	return steps.slice(0, Math.max(0, at)).some(({kind}) => kind !== 'comment' && !kind.includes('var'));
}

function checkServer(
	draft: ProxyDraft,
	server: ServerDraft,
	backends: ReadonlyMap<string, ProxyDraft>,
	reporter: Reporter,
): void {
	const {options, place, name} = server;
	if (options.observe === 'layer7' && modeOf(draft) === 'tcp') {
		reporter.error(place, `server '${name}' observes layer7 and is in mode tcp`, 'observe layer4, or say mode http');
	}
	if (options.observe !== undefined && options.observe !== 'none' && options.check !== true) {
		const message = `server '${name}' observes its traffic and has no check to bring it back; it observes nothing`;
		reporter.warn(place, message, "add 'check'");
	}
	const {track} = options;
	if (track === undefined) return;
	if (options.check === true) {
		reporter.error(track.place, `server '${name}' is checked and follows another one`, "take out 'check' or 'track'");
		return;
	}
	const backend = track.backend === undefined ? draft : backends.get(track.backend);
	if (backend === undefined) {
		const hint = didYouMean(track.backend!, backends.keys()) ?? 'track BACKEND/SERVER';
		reporter.error(track.place, `there is no backend '${track.backend}'`, hint);
		return;
	}
	const found = backend.servers.find(candidate => candidate.name === track.server);
	if (found === undefined) {
		const names = backend.servers.map(candidate => candidate.name);
		const message = `there is no server '${track.server}' in ${backend.kind} '${backend.name}'`;
		reporter.error(track.place, message, didYouMean(track.server, names) ?? 'track BACKEND/SERVER');
	} else server.tracks = found;
}

/** At the end of each chain of `track` stands a server with a check. */
export function validateTracking(proxies: readonly ProxyDraft[], reporter: Reporter): void {
	for (const server of proxies.flatMap(draft => draft.servers)) {
		if (server.tracks === undefined) continue;
		const seen = new Set<ServerDraft>();
		let root: ServerDraft | undefined = server;
		while (root?.tracks !== undefined && !seen.has(root)) {
			seen.add(root);
			root = root.tracks;
		}
		const {place} = server.options.track!;
		if (root !== undefined && seen.has(root)) {
			reporter.error(place, `server '${server.name}' follows itself`, 'track a server that is checked');
		} else if (root?.options.check !== true && root?.options.track === undefined) {
			reporter.error(place, `server '${root?.name}' has no check to follow`, "add 'check' to it");
		}
	}
}
