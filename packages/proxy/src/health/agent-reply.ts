/**
 * What an agent says of its server in one line (HAProxy manual, `agent-check`).
 *
 * Pure. Decides which words are known, in any order, between blanks or commas: a weight (`75%`), `maxconn:N`, an order (`ready`, `drain`,
 * `maint`), a state (`up`, `down`, `failed`, `stopped`), and behind `#` a description.
 */
import type {CheckResult} from './check-result.ts';
import type {Conversation, Verdict} from './conversation.ts';
import type {AdminState} from './tracker.ts';

export interface AgentReply {
	/** Percent of the configured weight. */
	readonly weightPercent?: number;
	/** 0: no limit. */
	readonly maxconn?: number;
	readonly admin?: AdminState;
	readonly isUp?: boolean;
	/** The word for its state, with its description. */
	readonly words: string;
	readonly isUnderstood: boolean;
}

const MAX_LINE = 1024;
const STATES: Readonly<Record<string, boolean>> = {up: true, down: false, failed: false, fail: false, stopped: false};
const ORDERS: readonly string[] = ['ready', 'drain', 'maint'];

export function readAgentReply(line: string): AgentReply {
	const [said = '', ...description] = line.split('#');
	let reply: AgentReply = {words: '', isUnderstood: false};
	for (const word of said.toLowerCase().split(/[ \t,]+/)) {
		const percent = /^(\d{1,5})%$/.exec(word);
		const maxconn = /^maxconn:(\d{1,9})$/.exec(word);
		if (percent !== null) reply = {...reply, weightPercent: Number(percent[1]), isUnderstood: true};
		else if (maxconn !== null) reply = {...reply, maxconn: Number(maxconn[1]), isUnderstood: true};
		else if (ORDERS.includes(word)) reply = {...reply, admin: word as AdminState, isUnderstood: true};
		else if (Object.hasOwn(STATES, word)) reply = {...reply, isUp: STATES[word]!, words: word, isUnderstood: true};
	}
	const more = description.join('#').trim();
	return more === '' ? reply : {...reply, words: `${reply.words}${reply.words === '' ? '' : ' '}${more}`};
}

/** `onReply` hears of a line that was understood, before the verdict. */
export function talkAgent(send: string | undefined, onReply: (reply: AgentReply) => void): Conversation {
	return {
		...(send === undefined ? {} : {opening: Buffer.from(send, 'latin1')}),
		timeoutStatus: 'L7TOUT',
		judge(answer, ended): Verdict | undefined {
			const text = answer.toString('latin1', 0, MAX_LINE);
			const end = text.search(/[\r\n]/);
			if (end < 0 && !ended && text.length < MAX_LINE) return undefined;
			const reply = readAgentReply(end < 0 ? text : text.slice(0, end));
			if (reply.isUnderstood) onReply(reply);
			return verdictOf(reply);
		},
	};
}

function verdictOf({isUp, words, isUnderstood}: AgentReply): Omit<CheckResult, 'durationMs'> {
	const info = words === '' ? {} : {info: `via agent : ${words}`};
	if (!isUnderstood) return {outcome: 'failed', status: 'L7RSP', code: 0, info: 'The agent was not understood'};
	if (isUp === undefined) return {outcome: 'passed', status: 'CHECKED', ...info};
	return isUp === false
		? {outcome: 'failed', status: 'L7STS', code: 0, ...info}
		: {outcome: 'passed', status: 'L7OK', code: 0, ...info};
}
