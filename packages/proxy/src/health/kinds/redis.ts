/**
 * `option redis-check` (HAProxy manual): PING, PONG in the Redis serialization protocol (redis.io, "RESP"). Pure.
 */
import {type Conversation, emptyAnswer, type Verdict} from '../conversation.ts';

const PING = Buffer.from('*1\r\n$4\r\nPING\r\n');
const MAX_LINE = 1024;

export function talkRedis(): Conversation {
	return {
		opening: PING,
		timeoutStatus: 'L7TOUT',
		judge(answer, ended): Verdict | undefined {
			if (answer.length === 0) return ended ? emptyAnswer('L7STS', 2) : undefined;
			const text = answer.toString('latin1', 0, MAX_LINE);
			const end = text.indexOf('\r\n');
			if (end === -1 && !ended && text.length < MAX_LINE) return undefined;
			if (text.startsWith('+PONG\r\n')) return {outcome: 'passed', status: 'L7OK', code: 0, info: 'Redis server is ok'};
			return {outcome: 'failed', status: 'L7STS', code: 0, info: end === -1 ? text : text.slice(0, end)};
		},
	};
}
