import type {TcpCheckStep} from '@hapair/config';
import test from 'ava';
import {cutScript, talkSteps} from '../../../src/health/kinds/tcp-steps.ts';
import {makeCheckSample} from '../../helpers/check-sample.ts';
import {converse} from '../../helpers/converse.ts';

const send = (bytes: string): TcpCheckStep => ({kind: 'send', bytes});
const expect = (pattern: string, match: 'string' | 'rstring' | 'binary' = 'string', negate = false): TcpCheckStep => ({
	kind: 'expect',
	negate,
	match,
	pattern,
	text: pattern,
});
const play = (steps: readonly TcpCheckStep[], answers: readonly string[], closes = false) =>
	converse(talkSteps(cutScript(steps)[0]!, makeCheckSample())!, answers, closes);
const passed = {outcome: 'passed', status: 'L7OK', code: 0, info: '(tcp-check)'};

test('sends and expectations follow each other', t => {
	const steps = [send('PING\r\n'), expect('+PONG'), send('INFO\r\n'), send('x'), expect('role'), send('QUIT\r\n')];
	const {said, verdict} = play(steps, ['+PO', 'NG\r\n', 'a role\r\n']);
	t.deepEqual(said, ['PING\r\n', 'INFO\r\nx', 'QUIT\r\n']);
	t.deepEqual(verdict as unknown, passed);
});

test('two expectations may read the same bytes', t => {
	t.deepEqual(play([expect('220'), expect('ready')], ['220 ready\r\n']).verdict as unknown, passed);
});

test('what was read before something is said does not count after it', t => {
	t.is(play([expect('a'), send('x'), expect('b')], ['ab']).verdict, undefined);
});

test('a script that only sends passes once it is said', t => {
	t.deepEqual(play([send('x')], []).verdict as unknown, passed);
});

for (const [title, step, answer, closes, info] of [
	['a text that did not come', expect('x'), 'abc', true, "TCPCHK did not match content 'x' at step 1"],
	[
		'a pattern that did not match',
		expect('x', 'rstring'),
		'abc',
		true,
		'TCPCHK did not match content (regex) at step 1',
	],
	['bytes that did not come', expect('x', 'binary'), 'abc', true, 'TCPCHK did not match content (binary) at step 1'],
	['an unwanted text', expect('b', 'string', true), 'abc', false, "TCPCHK matched unwanted content 'b' at step 1"],
	['nothing', expect('x'), '', true, 'TCPCHK got an empty response at step 1'],
] as const) {
	test(`fails on ${title}`, t => {
		t.deepEqual(play([step], answer === '' ? [] : [answer], closes).verdict as unknown, {
			outcome: 'failed',
			status: 'L7RSP',
			info,
		});
	});
}

test('a timeout names the step that waited', t => {
	const conversation = talkSteps(
		cutScript([{kind: 'connect'}, send('PING'), expect('+PONG'), expect('y', 'rstring')])[0]!,
		makeCheckSample(),
	)!;
	t.is(conversation.timeoutInfo?.(), " at step 3 of tcp-check (expect string '+PONG')");
	conversation.judge(Buffer.from('+PONG'), false);
	t.is(conversation.timeoutInfo?.(), ' at step 4 of tcp-check (expect regex)');
});

test('a script is cut at its connects', t => {
	const parts = cutScript([
		{kind: 'comment', text: 'a'},
		{kind: 'connect'},
		{kind: 'connect', port: 25},
		expect('220'),
	]);
	t.deepEqual(
		parts.map(({connect, firstStep, steps}) => [connect?.port, firstStep, steps.length]),
		[
			[undefined, 3, 0],
			[25, 4, 1],
		],
	);
	t.is(talkSteps(parts[0]!, makeCheckSample()), undefined);
	t.is(cutScript([]).length, 1);
});
