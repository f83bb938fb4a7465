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
			return undefined;
		},
	};
	return {start: (target, done) => runCheck(target, conversation, done)};
}
