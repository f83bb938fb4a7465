/** Plays a server against a check's conversation, without a socket. */
import type {Conversation, Verdict} from '../../src/health/conversation.ts';

export interface Played {
	/** What the check said, in order, its goodbye included; latin1. */
	readonly said: readonly string[];
	/** Undefined: it waits for more. */
	readonly verdict: Omit<Verdict, 'goodbye'> | undefined;
}

/** Each of `answers` (latin1) is one answer of the server; with `closes` it closes after the last. */
export function converse(conversation: Conversation, answers: readonly string[], closes = false): Played {
	const said: string[] = [];
	const say = (bytes: Buffer | undefined) => {
		if (bytes !== undefined) said.push(bytes.toString('latin1'));
	};
	say(conversation.opening);
	let judged = conversation.judge(Buffer.alloc(0), false);
	let heard = '';
	for (const answer of answers) {
		if (judged !== undefined && !('say' in judged)) break;
		heard += answer;
		judged = conversation.judge(Buffer.from(heard, 'latin1'), false);
		if (judged !== undefined && 'say' in judged) {
			say(judged.say);
			heard = '';
		}
	}
	if (closes && (judged === undefined || 'say' in judged))
		judged = conversation.judge(Buffer.from(heard, 'latin1'), true);
	if (judged === undefined || 'say' in judged) return {said, verdict: undefined};
	const {goodbye, ...verdict} = judged;
	say(goodbye);
	return {said, verdict};
}

/** Every answer byte by byte means the same as in one piece. */
export function drops(answers: readonly string[]): readonly string[] {
	return answers.flatMap(answer => [...answer]);
}
