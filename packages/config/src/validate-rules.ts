/**
 * Do samples and rules name what exists?
 *
 * Decides on backends, servers, frontends and userlists in sample expressions, backends that a rule switches to, and userlists
 * themselves. Leaves proxies and their conditions to `validate`.
 */
import type {Place, Reporter} from './diagnostics.ts';
import type {ProxyDraft, UserlistDraft} from './drafts.ts';
import type {Reply, RequestAction, ResponseAction, SampleExpression, StickTable} from './model.ts';
import {FETCHES} from './samples/fetches.ts';
import {parseFormat} from './samples/format-text.ts';
import {didYouMean} from './suggestions.ts';
import {checkSampleTables, checkTable} from './validate-tables.ts';

export interface KnownNames {
	readonly frontends: ReadonlyMap<string, ProxyDraft>;
	readonly backends: ReadonlyMap<string, ProxyDraft>;
	readonly userlists: ReadonlySet<string>;
	/** Stick tables, by their section's name. */
	readonly tables: ReadonlyMap<string, StickTable>;
}

/** What a sample names must exist; a backend that it does not name is the section's own. */
export function checkSample(
	draft: ProxyDraft,
	sample: SampleExpression,
	place: Place,
	names: KnownNames,
	reporter: Reporter,
): void {
	const row = FETCHES.get(sample.fetch);
	const [argument] = sample.arguments;
	checkSampleTables(draft, sample, place, names.tables, reporter);
	switch (row?.parameters[0]?.kind) {
		case 'backend':
			if (argument === undefined && draft.kind === 'frontend' && sample.fetch === 'nbsrv') {
				reporter.error(place, `'${sample.fetch}' needs the name of a backend in a frontend`, 'write nbsrv(NAME)');
			} else if (argument !== undefined) mustExist('backend', argument, names.backends.keys(), place, reporter);
			return;
		case 'frontend':
			if (argument !== undefined) mustExist('frontend', argument, names.frontends.keys(), place, reporter);
			return;
		case 'userlist':
			mustExist('userlist', argument!, names.userlists, place, reporter);
			return;
		case 'server':
			checkServerName(draft, argument!, place, names, reporter);
	}
}

function mustExist(
	kind: 'backend' | 'frontend' | 'userlist',
	name: string,
	known: Iterable<string>,
	place: Place,
	reporter: Reporter,
): void {
	const list = [...known];
	if (list.includes(name)) return;
	const hint = didYouMean(name, list) ?? `add a section '${kind} ${name}'`;
	reporter.error(place, `there is no ${kind} '${name}'`, hint);
}

function checkServerName(draft: ProxyDraft, text: string, place: Place, names: KnownNames, reporter: Reporter): void {
	const [first, second] = text.split('/') as [string, string | undefined];
	const backend = second === undefined ? draft : names.backends.get(first);
	const server = second ?? first;
	if (backend === undefined) mustExist('backend', first, names.backends.keys(), place, reporter);
	else if (!backend.servers.some(({name}) => name === server)) {
		const hint = didYouMean(
			server,
			backend.servers.map(({name}) => name),
		);
		reporter.error(place, `there is no server '${server}' in ${backend.kind} '${backend.name}'`, hint);
	}
}

/** Everything that the rules of a section name. */
export function checkRuleNames(draft: ProxyDraft, names: KnownNames, reporter: Reporter): void {
	for (const page of draft.settings.errorPages) {
		if (page.kind !== 'reply') continue;
		for (const sample of samplesOfReply(page.reply)) checkSample(draft, sample, page.place, names, reporter);
	}
	for (const {server, isFormat} of draft.useServers) {
		if (isFormat !== true) checkServerName(draft, server.name, server.place, names, reporter);
		else for (const sample of samplesOfText(server.name)) checkSample(draft, sample, server.place, names, reporter);
	}
	for (const {action, place} of [...draft.rules, ...draft.responseRules]) {
		for (const sample of samplesOf(action)) checkSample(draft, sample, place, names, reporter);
		if (action.kind === 'track') checkTable(action.table, place, names.tables, reporter);
		if (action.kind === 'line' && action.backend !== undefined) {
			mustExist('backend', action.backend, names.backends.keys(), place, reporter);
		}
	}
}

/** `http-error`, and what rules answer. */
function samplesOfReply({body = '', headers}: Reply): readonly SampleExpression[] {
	return [body, ...headers.map(({value}) => value)].flatMap(samplesOfText);
}

function samplesOf(action: RequestAction | ResponseAction): readonly SampleExpression[] {
	if (action.kind === 'set-timeout') return typeof action.value === 'number' ? [] : [action.value];
	if (action.kind === 'set-var' || action.kind === 'capture' || action.kind === 'set-end') return [action.sample];
	if (action.kind === 'track') return [action.key];
	if (action.kind === 'sc-set') return typeof action.tag === 'object' ? [action.tag] : [];
	const ofReply = 'reply' in action && action.reply !== undefined ? samplesOfReply(action.reply) : [];
	return [...textsOf(action).flatMap(samplesOfText), ...ofReply];
}

function samplesOfText(text: string): readonly SampleExpression[] {
	const parts = parseFormat(text);
	if ('problem' in parts) return [];
	return parts.flatMap(part => (typeof part === 'object' && 'sample' in part ? [part.sample] : []));
}

function textsOf(action: RequestAction | ResponseAction): readonly string[] {
	const texts: string[] = [];
	if ('value' in action && typeof action.value === 'string') texts.push(action.value);
	if (action.kind === 'redirect') texts.push(action.redirect.to);
	if ('replacement' in action && action.kind !== 'line' && action.replacement !== undefined)
		texts.push(action.replacement);
	return texts;
}

/** Names are used once, and a group's members are users. */
export function checkUserlists(lists: readonly UserlistDraft[], reporter: Reporter): void {
	const seen = new Set<string>();
	for (const list of lists) {
		if (seen.has(list.name))
			reporter.error(list.place, `the name '${list.name}' is taken by another userlist`, 'choose another name');
		seen.add(list.name);
		const users = new Set<string>();
		const groups = new Set(list.groups.map(({name}) => name));
		for (const {user, place} of list.users) {
			if (users.has(user.name)) reporter.error(place, `user '${user.name}' stands twice in userlist '${list.name}'`);
			users.add(user.name);
			for (const group of user.groups) {
				if (!groups.has(group))
					reporter.error(
						place,
						`there is no group '${group}' in userlist '${list.name}'`,
						didYouMean(group, groups) ?? `add a line 'group ${group}'`,
					);
			}
		}
		for (const {users: members, place} of list.groups) {
			for (const member of members) {
				if (!users.has(member))
					reporter.error(place, `there is no user '${member}' in userlist '${list.name}'`, didYouMean(member, users));
			}
		}
	}
}
