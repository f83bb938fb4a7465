/**
 * What a check says to a server and how it reads the answers, without a socket. Pure.
 *
 * Decides the shape that every kind of check has. One file for each kind is in `kinds/`; leaves connecting, deadlines and the
 * size of an answer to `check-connection.ts`.
 */
import type {CheckResult} from './check-result.ts';

export type Verdict = Omit<CheckResult, 'durationMs'> & {
	/** Said before the connection is closed. */
	readonly goodbye?: Buffer;
};

/** Say this and judge what comes after it. */
export interface Reply {
	readonly say: Buffer;
}

/** One check of one server. */
export interface Conversation {
	/** Said once connected; absent when the server speaks first. */
	readonly opening?: Buffer;
	/** What a silent server means. */
	readonly timeoutStatus: 'L6TOUT' | 'L7TOUT';
	/** Added to a timeout's verdict. */
	timeoutInfo?(): string;
	/**
	 * Called with all bytes since the last thing said. Undefined waits for more; with `ended` nothing more will come, and
	 * then only a verdict counts.
	 */
	judge(answer: Buffer, ended: boolean): Verdict | Reply | undefined;
}

/** What is read of an answer at most (HAProxy's `tune.chksize`). */
export const ANSWER_LIMIT_BYTES = 16_384;

/** The server closed without a word; HAProxy counts the steps of its own script. */
export function emptyAnswer(status: CheckResult['status'], step: number): Verdict {
	const info = `TCPCHK got an empty response at step ${step}`;
	return {outcome: 'failed', status, info, ...(status === 'L7STS' ? {code: 0} : {})};
}
