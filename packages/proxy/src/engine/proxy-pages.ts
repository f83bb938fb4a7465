/**
 * The error pages of a frontend, or of a backend behind it (HAProxy manual, `errorfile`, `http-error`).
 *
 * Decides whose page goes first: the backend's, else the frontend's, else the built-in one. Leaves their bytes to `responses/` and
 * `rules/reply.ts`.
 */
import type {ErrorLocation, ProxyCommon, Reply} from '@hapair/config';
import {buildErrorPages, type ErrorPages} from '../responses/error-pages.ts';
import {compileReply, type ReplyPlan} from '../rules/reply.ts';
import type {Core} from './core.ts';

export interface ProxyPages {
	readonly pages: ErrorPages;
	/** `http-error`: what is made for each answer anew; goes before `pages`. */
	readonly replies: ReadonlyMap<number, ReplyPlan>;
}

type Source = {readonly bytes: Uint8Array | ErrorLocation} | {readonly reply: Reply};

export function compilePages(core: Core, proxy: ProxyCommon, under?: ProxyCommon): ProxyPages {
	const sources = new Map<number, Source>();
	for (const {errorFiles, errorLocations, errorReplies = []} of under === undefined ? [proxy] : [under, proxy]) {
		for (const {status, path} of errorFiles) {
			const bytes = core.errorFiles[path];
			if (bytes !== undefined) sources.set(status, {bytes});
		}
		for (const location of errorLocations) sources.set(location.status, {bytes: location});
		for (const {status, reply} of errorReplies) sources.set(status, {reply});
	}
	const pages = new Map<number, Uint8Array | ErrorLocation>();
	const replies = new Map<number, ReplyPlan>();
	for (const [status, source] of sources) {
		if ('bytes' in source) pages.set(status, source.bytes);
		else replies.set(status, compileReply(source.reply));
	}
	return {pages: buildErrorPages(pages, core.configuration.global.bufsizeBytes), replies};
}
