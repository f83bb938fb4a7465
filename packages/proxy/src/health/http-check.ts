/**
 * `option httpchk`: one request, one status line (HAProxy manual, `option httpchk`).
 *
 * The request is literally `<method> <uri> <version>` and an empty line, no header of its own; further headers ride in the version.
 * Leaves reading the answer to `http-reply.ts` and connections to `check-connection.ts`.
 */
import type {CheckKind} from '@hapair/config';
import {type Conversation, type RunningCheck, runCheck} from './check-connection.ts';
import type {CheckResult} from './check-result.ts';
import type {CheckTarget} from './check-target.ts';

/** HAProxy's `tune.chksize`: what is read of an answer at most. */
const answerLimitBytes = 16_384;

export interface PreparedHttpCheck {
	start(target: CheckTarget, done: (result: CheckResult) => void): RunningCheck;
}

/** Builds the request once; `disableOn404` is `http-check disable-on-404`. */
export function prepareHttpCheck(check: Extract<CheckKind, {kind: 'http'}>, disableOn404: boolean): PreparedHttpCheck {
	const request = Buffer.from(`${check.method} ${check.uri} ${check.version}\r\n\r\n`, 'latin1');
	const conversation: Conversation = {
		request,
		answerLimitBytes,
		judge(answer, ended) {
			const head = answer.toString('latin1');
			if (!ended && !head.includes('\r\n\r\n')) return undefined;
			const match = /^HTTP\/1\.\d (\d{3})(?: ([^\r\n]*))?\r?\n/.exec(head);
			if (!match) return {outcome: 'failed', status: 'L7RSP'};
			const code = Number(match[1]);
			const info = match[2] ?? '';
			if (code >= 200 && code < 400) return {outcome: 'passed', status: 'L7OK', code, info};
			if (code === 404 && disableOn404) return {outcome: 'closing', status: 'L7OKC', code, info};
			return {outcome: 'failed', status: 'L7STS', code, info};
		},
	};
	return {start: (target, done) => runCheck(target, conversation, done)};
}
