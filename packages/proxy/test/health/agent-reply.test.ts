/** What agents say, word by word (HAProxy manual, `agent-check`). */
import test from 'ava';
import {type AgentReply, readAgentReply, talkAgent} from '../../src/health/agent-reply.ts';

test('weights, limits, orders and states stand in any order', t => {
	t.like(readAgentReply('75%'), {weightPercent: 75, isUnderstood: true, words: ''});
	t.like(readAgentReply('maxconn:30'), {maxconn: 30});
	t.like(readAgentReply('drain'), {admin: 'drain'});
	t.like(readAgentReply('up, READY\t50%'), {isUp: true, admin: 'ready', weightPercent: 50, words: 'up'});
	t.like(readAgentReply('down # disk is full'), {isUp: false, words: 'down disk is full'});
	t.like(readAgentReply('stopped'), {isUp: false});
	t.like(readAgentReply('fail'), {isUp: false});
	t.false(readAgentReply('').isUnderstood);
	t.false(readAgentReply('constructor').isUnderstood);
});

function judge(text: string, ended: boolean) {
	const heard: AgentReply[] = [];
	const verdict = talkAgent(undefined, reply => heard.push(reply)).judge(Buffer.from(text), ended);
	return {heard: heard.length, verdict};
}

test('a line ends with a line feed, or with the connection', t => {
	t.deepEqual(judge('up', false), {heard: 0, verdict: undefined});
	t.like(judge('up\n', false), {heard: 1});
	t.like(judge('up 50%', true).verdict!, {outcome: 'passed', status: 'L7OK', info: 'via agent : up'});
	t.like(judge('down\r\n', false).verdict!, {outcome: 'failed', status: 'L7STS', info: 'via agent : down'});
	t.like(judge('50%\n', false).verdict!, {outcome: 'passed', status: 'CHECKED'});
	t.like(judge('nonsense\n', false), {heard: 0});
	t.like(judge('nonsense\n', false).verdict!, {outcome: 'failed', status: 'L7RSP'});
	t.like(judge('x'.repeat(5000), false).verdict!, {status: 'L7RSP'});
	t.deepEqual(talkAgent('hello\n', () => {}).opening, Buffer.from('hello\n'));
});
