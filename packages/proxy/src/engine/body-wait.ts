/**
 * A message whose rules or whose server wait for its body (HAProxy manual, `http-request wait-for-body`, `option http-buffer-request`,
 * `balance url_param … check_post`).
 *
 * Decides how much of a body is enough, and who has not sent it in time. Leaves reading it to the session.
 */
import {Counter} from '../shared-table.ts';
import type {Decision, PolicySession} from './http-policy.ts';
import {countOnSocket} from './session-counters.ts';

export type Wait = Extract<Decision, {kind: 'wait'}>;

/** `usedBytes` are those of head and body as they wait, `data` the body without chunk sizes. */
export function isEnough(
	{atLeast}: {readonly atLeast: number},
	body: {readonly done: boolean},
	usedBytes: number,
	maxBytes: number,
	data: () => string,
): boolean {
	return body.done || usedBytes >= maxBytes || (atLeast > 0 && data().length >= atLeast);
}

/** The rest of a body did not come in time: it counts as a request that never became one. */
export function countUnfinished(session: PolicySession): void {
	countOnSocket(session, Counter.requestErrors);
	session.core.table.count(session.frontend.row, Counter.requestErrors);
	session.counters?.countError();
}
