/**
 * `option smtpchk` (HAProxy manual): greeting, HELO or EHLO, QUIT (RFC 5321 §3.1, §4.2). Pure.
 *
 * A server passes when both replies are 2yz. A reply may have several lines; the last one has a blank behind its code.
 */
import {type Conversation, emptyAnswer, type Reply, type Verdict} from '../conversation.ts';

/** `hello` is `HELO name` or `EHLO name`. */
export function talkSmtp(hello: string): Conversation {
	let isGreeted = false;
	return {
		timeoutStatus: 'L7TOUT',
		judge(answer, ended): Verdict | Reply | undefined {
			if (answer.length === 0) {
				if (!ended) return undefined;
				return isGreeted ? emptyAnswer('L7STS', 5) : emptyAnswer('L7RSP', 2);
			}
			const verdict = judgeReply(answer.toString('latin1'), ended);
			if (verdict === undefined || verdict.outcome !== 'passed') return verdict;
			if (isGreeted) return {...verdict, goodbye: Buffer.from('QUIT\r\n')};
			isGreeted = true;
			return {say: Buffer.from(`${hello}\r\n`, 'latin1')};
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
		if (code >= 200 && code < 300) return {outcome: 'passed', status: 'L7OK', code};
		return {outcome: 'failed', status: 'L7STS', code, info: line[3] ?? ''};
	}
}
