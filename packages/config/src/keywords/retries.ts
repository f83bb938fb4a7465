/**
 * `retry-on`: which failures of a server let a request go out once more.
 *
 * Decides what a line says; the last one replaces those before it. Leaves keeping requests and asking again to the proxy. HAProxy manual, `retry-on`.
 */
import type {ProxyDraft} from '../drafts.ts';
import {DLB, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {RetryReason} from '../model.ts';
import {didYouMean} from '../suggestions.ts';

const FAILURES = [
	'conn-failure',
	'empty-response',
	'junk-response',
	'response-timeout',
	// Accepted for the file's sake: there is no TLS whose early data a server could reject.
	'0rtt-rejected',
] as const;
const STATUSES = [401, 403, 404, 408, 425, 500, 501, 502, 503, 504] as const;
const ALL: readonly RetryReason[] = [...FAILURES, 500, 502, 503, 504];
const WORDS = ['none', ...FAILURES, 'all-retryable-errors'];

function readRetryOn({draft, cursor}: Statement<ProxyDraft>): void {
	const first = cursor.require('when to retry', `${WORDS.join(', ')} or a status`);
	if (first === undefined) return;
	const reasons = new Set<RetryReason>();
	for (let word: typeof first | undefined = first; word !== undefined; word = cursor.next()) {
		const {text} = word;
		const failure = FAILURES.find(one => one === text);
		const status = STATUSES.find(one => String(one) === text);
		if (failure !== undefined) reasons.add(failure);
		else if (status !== undefined) reasons.add(status);
		else if (text === 'all-retryable-errors') for (const reason of ALL) reasons.add(reason);
		else if (text !== 'none') {
			const hint = didYouMean(text, WORDS) ?? `one of ${[...WORDS, ...STATUSES].join(', ')}`;
			cursor.error(word, `'${text}' is not a reason to retry`, hint);
			cursor.rest();
			return;
		} else if (cursor.line.words.length > 2) {
			cursor.error(word, "'none' stands alone", 'take the others out');
			cursor.rest();
			return;
		}
	}
	draft.settings.retryOn = [...reasons];
}

export const retryKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'retry-on',
		sections: DLB,
		syntax: `retry-on ${WORDS.join('|')}|STATUS …`,
		summary: 'After which failures a request, kept up to `tune.bufsize`, is sent once more, within `retries`.',
		read: readRetryOn,
	},
];
