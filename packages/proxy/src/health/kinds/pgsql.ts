/**
 * `option pgsql-check user NAME` (HAProxy manual): a start-up message of protocol 3.0 (PostgreSQL manual, "Message Formats"). Pure.
 *
 * Any request for authentication passes: the server is there and knows its work. An error response fails with its message.
 */
import {type Conversation, emptyAnswer, type Verdict} from '../conversation.ts';

/** Version 3.0 in the upper and lower half. */
const PROTOCOL = 0x0003_0000;
const AUTHENTICATION = 'R';
const ERROR = 'E';
const TERMINATE = Buffer.from([0x58, 0, 0, 0, 4]);

export function talkPgsql(user: string): Conversation {
	return {
		opening: formatStartup(user),
		timeoutStatus: 'L7TOUT',
		judge(answer, ended): Verdict | undefined {
			if (answer.length === 0) return ended ? emptyAnswer('L7RSP', 3) : undefined;
			const type = answer.toString('latin1', 0, 1);
			if (type !== AUTHENTICATION && type !== ERROR) {
				return {outcome: 'failed', status: 'L7STS', code: 0, info: 'PostgreSQL unknown error'};
			}
			const whole = answer.length >= 5 && answer.length >= 1 + answer.readUInt32BE(1);
			if (!whole && !ended) return undefined;
			if (type === ERROR) return {outcome: 'failed', status: 'L7RSP', info: readError(answer.subarray(5))};
			if (!whole) return {outcome: 'failed', status: 'L7RSP', info: 'PostgreSQL unknown error'};
			return {outcome: 'passed', status: 'L7OK', code: 0, info: 'PostgreSQL server is ok', goodbye: TERMINATE};
		},
	};
}

function formatStartup(user: string): Buffer {
	const parameters = Buffer.from(`user\0${user}\0\0`);
	const head = Buffer.alloc(8);
	head.writeUInt32BE(8 + parameters.length, 0);
	head.writeUInt32BE(PROTOCOL, 4);
	return Buffer.concat([head, parameters]);
}

/** Severity and message of an ErrorResponse: fields of one letter and a text, each ended by a zero byte. */
function readError(fields: Buffer): string {
	const texts = fields.toString('latin1').split('\0');
	const field = (letter: string) => texts.find(text => text.startsWith(letter))?.slice(1);
	const message = field('M');
	return [field('S'), message].filter(text => text !== undefined).join(': ') || 'PostgreSQL unknown error';
}
