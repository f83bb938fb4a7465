/**
 * Answers that send the client elsewhere (HAProxy manual, `redirect location|prefix|scheme`).
 *
 * Decides Location, the cookies and the bytes of the answer. No header value can end its line: what came from the
 * request is percent-encoded where it holds a control character. Leaves keeping or closing the connection to the caller.
 */
import type {Redirect} from '@hapair/config';
import {pathAndQueryOfTarget, type SampleSource} from './sample-source.ts';
import {compileTemplate, type ValueTemplate} from './value-template.ts';

const REASONS: Readonly<Record<Redirect['code'], string>> = {
	301: 'Moved Permanently',
	302: 'Found',
	303: 'See Other',
	307: 'Temporary Redirect',
	308: 'Permanent Redirect',
};

/** What the answer says about the connection; `implicit` writes no header (HTTP/1.1 that stays open). */
export type ConnectionHeader = 'implicit' | 'close' | 'keep-alive';

/** A redirect, ready for requests. */
export interface RedirectPlan {
	readonly status: Redirect['code'];
	readonly location: ValueTemplate;
	/** Without a location the rule does nothing. */
	readonly ignoresEmpty: boolean;
	/** Everything up to the value of Location. */
	readonly start: string;
	/** Everything between that value and the Connection header. */
	readonly end: string;
}

/** Prepares a redirect; throws a `RuleError` when its text has an unknown variable. */
export function compileRedirect(redirect: Redirect): RedirectPlan {
	const {code} = redirect;
	let end = '\r\n';
	// What may change must be asked for again (HAProxy 2.6: 302, 303 and 307).
	if (code !== 301 && code !== 308) end += 'cache-control: no-cache\r\n';
	const cookie = cookieText(redirect);
	if (cookie !== undefined) end += `set-cookie: ${encodeControls(cookie)}\r\n`;
	return {
		status: code,
		location: compileLocation(redirect),
		ignoresEmpty: redirect.ignoreEmpty === true,
		start: `HTTP/1.1 ${code} ${REASONS[code]}\r\ncontent-length: 0\r\nlocation: `,
		end,
	};
}

/** The whole answer as latin1 text. It has no body, so it also answers HEAD. */
export function formatRedirect(plan: RedirectPlan, source: SampleSource, connection: ConnectionHeader): string {
	const header = connection === 'implicit' ? '' : `connection: ${connection}\r\n`;
	return `${plan.start}${encodeControls(plan.location(source))}${plan.end}${header}\r\n`;
}

function compileLocation(redirect: Redirect): ValueTemplate {
	const to = compileTemplate(redirect.to);
	switch (redirect.type) {
		case 'location':
			return to;
		case 'prefix':
			// The prefix `/` alone adds nothing, so that `redirect prefix / drop-query` only drops the query.
			return redirect.to === '/'
				? source => targetFor(redirect, source)
				: source => to(source) + targetFor(redirect, source);
		case 'scheme':
			return source => `${to(source)}://${source.header('host', 0) ?? ''}${targetFor(redirect, source)}`;
	}
}

function targetFor(redirect: Redirect, source: SampleSource): string {
	let target = pathAndQueryOfTarget(source.url);
	const question = target.indexOf('?');
	if (redirect.dropQuery && question !== -1) target = target.slice(0, question);
	if (redirect.appendSlash && redirect.dropQuery && !target.endsWith('/')) target += '/';
	return target;
}

function cookieText(redirect: Redirect): string | undefined {
	if (redirect.clearCookie !== undefined) return `${redirect.clearCookie}; path=/; Max-Age=0;`;
	return redirect.setCookie === undefined ? undefined : `${redirect.setCookie}; path=/;`;
}

function encodeControls(text: string): string {
	return /[\x00-\x1f\x7f]/.test(text)
		? text.replace(/[\x00-\x1f\x7f]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
		: text;
}
