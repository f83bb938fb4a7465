/**
 * `option smtpchk` (HAProxy manual): greeting, HELO or EHLO, QUIT (RFC 5321 §3.1, §4.2). Pure.
 *
 * A server passes when all three replies are 2yz. A reply may have several lines; the last one has a blank behind its code.
 */
import {type Conversation, emptyAnswer, type Reply, type Verdict} from '../conversation.ts';

/** `hello` is `HELO name` or `EHLO name`. */
export function talkSmtp(hello: string): Conversation {
	/** Replies that were good: to the connection, to the greeting. */
	let good = 0;
	return {
		timeoutStatus: 'L7TOUT',
		judge(answer, ended): Verdict | Reply | undefined {
			if (answer.length === 0) {
				if (!ended) return undefined;
				return good === 0 ? emptyAnswer('L7RSP', 2) : emptyAnswer('L7STS', good === 1 ? 5 : 7);
			}
			const verdict = judgeReply(answer.toString('latin1'), ended);
			if (verdict === undefined || verdict.outcome !== 'passed') return verdict;
			good++;
			if (good === 3) return verdict;
			return {say: Buffer.from(good === 1 ? `${hello}\r\n` : 'QUIT\r\n', 'latin1')};
		},
	};
}

/** Longest reply that is waited for, bytes. */
const MAX_REPLY = 4096;

function judgeReply(text: string, ended: boolean): Verdict | undefined {
	const invalid: Verdict = {outcome: 'failed', status: 'L7RSP', info: text.split(/\r?\n/, 1)[0]!};
	for (let at = 0; ; ) {
		const end = text.indexOf('\n', at);
		if (end < 0) return ended || text.length >= MAX_REPLY ? invalid : undefined;
		const line = /^(\d{3})(?:([ -])(.*))?$/s.exec(text.slice(at, end).replace(/\r$/, ''));
		if (line === null) return invalid;
		at = end + 1;
		if (line[2] === '-') continue;
		const code = Number(line[1]);
		if (code >= 200 && code < 300) return {outcome: 'passed', status: 'L7OK', code, info: line[3] ?? ''};
		return {outcome: 'failed', status: 'L7STS', code, info: line[3] ?? ''};
	}
}
