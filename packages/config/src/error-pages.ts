/**
 * Which page a proxy has for which status, once all sections are read.
 *
 * Decides what the name of a section `http-errors` stands for, in a proxy and in the answers of its rules, and what is wrong with it.
 * Leaves the words of a line to `keywords/error-pages.ts` and `keywords/replies.ts`.
 */
import {type Place, positionOf, type Reporter} from './diagnostics.ts';
import type {ErrorPageDraft, HttpErrorsDraft, ProxyDraft} from './drafts.ts';
import type {ErrorFile, ErrorLocation, ErrorReply, ProxyCommon, Reply, RequestAction, ResponseAction} from './model.ts';
import {didYouMean} from './suggestions.ts';

type Pages = Pick<ProxyCommon, 'errorFiles' | 'errorLocations'> & {readonly errorReplies?: readonly ErrorReply[]};

/** Of several lines for one status the last one counts. */
export function buildErrorPages(drafts: readonly ErrorPageDraft[], sections: readonly HttpErrorsDraft[]): Pages {
	const pages = new Map<number, {file?: ErrorFile; location?: ErrorLocation; reply?: ErrorReply}>();
	const put = (status: number, page: {file?: ErrorFile; location?: ErrorLocation; reply?: ErrorReply}) => {
		// Behind those that were said before it.
		pages.delete(status);
		pages.set(status, page);
	};
	for (const draft of drafts) {
		if (draft.kind === 'file') put(draft.file.status, {file: draft.file});
		else if (draft.kind === 'location') put(draft.location.status, {location: draft.location});
		else if (draft.kind === 'import') {
			const wanted = new Set(draft.statuses.map(({status}) => status));
			for (const file of filesOf(draft.section.name, sections))
				if (wanted.size === 0 || wanted.has(file.status)) put(file.status, {file});
		} else {
			const {status} = draft.reply;
			const position = positionOf(draft.place);
			const {isPage, errorFile, errorFiles} = draft.reply;
			const path = errorFile ?? (errorFiles === undefined ? undefined : findPath(errorFiles, status, sections));
			if (path !== undefined) put(status, {file: {status, path, position}});
			// As in HAProxy: the line only takes back what stands before it.
			else if (isPage === true || errorFiles !== undefined) pages.delete(status);
			else put(status, {reply: {status, reply: draft.reply, position}});
		}
	}
	const all = [...pages.values()];
	const errorReplies = all.flatMap(({reply}) => reply ?? []);
	return {
		errorFiles: all.flatMap(({file}) => file ?? []),
		errorLocations: all.flatMap(({location}) => location ?? []),
		...(errorReplies.length === 0 ? {} : {errorReplies}),
	};
}

/** An answer that names a section: its file for the status in the name's place. Without such a file the answer is empty, as in HAProxy. */
export function withErrorFile<Action extends RequestAction | ResponseAction>(
	action: Action,
	sections: readonly HttpErrorsDraft[],
): Action {
	if (!('reply' in action) || action.reply?.errorFiles === undefined) return action;
	const {errorFiles, ...reply} = action.reply;
	const path = findPath(errorFiles, reply.status, sections);
	return {...action, reply: path === undefined ? reply : {...reply, errorFile: path}};
}

function filesOf(name: string, sections: readonly HttpErrorsDraft[]): readonly ErrorFile[] {
	return sections.find(section => section.name === name)?.files ?? [];
}

function findPath(name: string, status: number, sections: readonly HttpErrorsDraft[]): string | undefined {
	return filesOf(name, sections).findLast(file => file.status === status)?.path;
}

/** Names are used once; what is named exists and has what is asked of it. */
export function checkErrorSections(
	proxies: readonly ProxyDraft[],
	sections: readonly HttpErrorsDraft[],
	reporter: Reporter,
): void {
	const names = new Set<string>();
	for (const {name, place} of sections) {
		if (names.has(name)) reporter.error(place, `the name '${name}' is taken by another section http-errors`);
		names.add(name);
	}
	// A page of a defaults section arrives in many proxies, and is judged once.
	const judged = new Set<ErrorPageDraft>();
	for (const draft of proxies) {
		for (const page of draft.settings.errorPages) {
			if (judged.has(page)) continue;
			judged.add(page);
			if (page.kind === 'import') {
				if (!checkName(page.section.name, page.section.place, names, reporter)) continue;
				for (const {status, place} of page.statuses) checkStatus(page.section.name, status, place, sections, reporter);
			} else if (page.kind === 'reply') checkReply(page.reply, page.place, sections, reporter);
		}
		for (const {action, place} of [...draft.rules, ...draft.responseRules])
			if ('reply' in action && action.reply !== undefined) checkReply(action.reply, place, sections, reporter);
	}
}

function checkReply(
	{errorFiles, status}: Reply,
	place: Place,
	sections: readonly HttpErrorsDraft[],
	reporter: Reporter,
): void {
	if (errorFiles === undefined) return;
	const names = new Set(sections.map(({name}) => name));
	if (checkName(errorFiles, place, names, reporter)) checkStatus(errorFiles, status, place, sections, reporter);
}

function checkName(name: string, place: Place, names: ReadonlySet<string>, reporter: Reporter): boolean {
	if (names.has(name)) return true;
	const hint = didYouMean(name, names) ?? `add a section 'http-errors ${name}'`;
	reporter.error(place, `there is no section http-errors '${name}'`, hint);
	return false;
}

function checkStatus(
	name: string,
	status: number,
	place: Place,
	sections: readonly HttpErrorsDraft[],
	reporter: Reporter,
): void {
	if (findPath(name, status, sections) !== undefined) return;
	reporter.warn(place, `section http-errors '${name}' has no file for ${status}`, `errorfile ${status} FILE`);
}
