import type {HttpCheck, HttpExpect} from '@hapair/config';
import test from 'ava';
import {talkHttp} from '../../../src/health/kinds/http.ts';
import {converse, drops} from '../../helpers/converse.ts';

const head: HttpCheck = {kind: 'http', method: 'HEAD', uri: '/up', version: 'HTTP/1.0'};
const rules = {disableOn404: false};

for (const [title, check, stateLine, expected] of [
	['nothing of its own in 1.0', head, undefined, 'HEAD /up HTTP/1.0\r\n\r\n'],
	[
		'Connection: close in 1.1',
		{...head, version: 'HTTP/1.1\r\nHost: a'},
		undefined,
		'HEAD /up HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
	],
	[
		'no second Connection',
		{...head, version: 'HTTP/1.1\r\nConnection: x'},
		undefined,
		'HEAD /up HTTP/1.1\r\nConnection: x\r\n\r\n',
	],
	[
		'headers, state and body',
		{...head, method: 'PUT', headers: ['Host: a', 'X-Y: z'], body: 'hello'},
		'X-Haproxy-Server-State: UP',
		'PUT /up HTTP/1.0\r\nHost: a\r\nX-Y: z\r\nX-Haproxy-Server-State: UP\r\nContent-Length: 5\r\n\r\nhello',
	],
] as const) {
	test(`a request has ${title}`, t => {
		t.deepEqual(converse(talkHttp(check, rules, stateLine), []).said, [expected]);
	});
}

const ok = 'HTTP/1.1 200 OK\r\n\r\n';
const withBody = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const status = (min: number, max = min, negate = false): HttpExpect => ({
	negate,
	match: 'status',
	ranges: [{min, max}],
});
const text = (value: string, negate = false): HttpExpect => ({negate, match: 'string', text: value});
const noMatch = {outcome: 'failed', status: 'L7RSP', info: 'HTTP content check did not match'};

for (const [title, answer, expect, closes, expected] of [
	['200 passes', ok, undefined, false, {outcome: 'passed', status: 'L7OK', code: 200}],
	['302 passes', 'HTTP/1.0 302 Found\r\n\r\n', undefined, false, {outcome: 'passed', status: 'L7OK', code: 302}],
	[
		'500 fails',
		'HTTP/1.0 500 Bad Thing\r\n\r\n',
		undefined,
		false,
		{outcome: 'failed', status: 'L7STS', code: 500, info: 'Bad Thing'},
	],
	['an unfinished head waits', 'HTTP/1.1 200 OK\r\nA: b\r\n', undefined, false, undefined],
	[
		'an unfinished head that ends fails',
		'HTTP/1.1 200 OK\r\nA: b\r\n',
		undefined,
		true,
		{outcome: 'failed', status: 'L7RSP'},
	],
	['another protocol fails at its first byte', '2', undefined, false, {outcome: 'failed', status: 'L7RSP'}],
	['no code fails', 'HTTP/1.0 abc\r\n\r\n', undefined, false, {outcome: 'failed', status: 'L7RSP'}],
	['nothing fails', '', undefined, true, {outcome: 'failed', status: 'L7RSP'}],
	[
		'an expected status passes',
		'HTTP/1.0 404 No\r\n\r\n',
		status(404),
		false,
		{outcome: 'passed', status: 'L7OK', code: 404},
	],
	[
		'a status in a range passes',
		'HTTP/1.0 404 No\r\n\r\n',
		status(400, 499),
		false,
		{outcome: 'passed', status: 'L7OK', code: 404},
	],
	['another status fails', ok, status(201), false, {outcome: 'failed', status: 'L7STS', code: 200, info: 'OK'}],
	[
		'an unwanted status fails',
		ok,
		status(200, 200, true),
		false,
		{outcome: 'failed', status: 'L7STS', code: 200, info: 'OK'},
	],
	[
		'rstatus matches the code',
		ok,
		{negate: false, match: 'rstatus', regex: '^2'},
		false,
		{outcome: 'passed', status: 'L7OK', code: 200},
	],
	[
		'a text passes whatever the status',
		withBody('alive').replace('200', '500'),
		text('alive'),
		false,
		{outcome: 'passed', status: 'L7OK', code: 500},
	],
	['another text fails', withBody('dead'), text('alive'), false, noMatch],
	['a text behind the body does not count', `${withBody('dead')}alive`, text('alive'), false, noMatch],
	[
		'a text in the head does not count',
		'HTTP/1.1 200 alive\r\nContent-Length: 4\r\n\r\ndead',
		text('alive'),
		false,
		noMatch,
	],
	['a text that may still come waits', 'HTTP/1.1 200 OK\r\n\r\nali', text('alive'), false, undefined],
	['a text that did not come fails', 'HTTP/1.1 200 OK\r\n\r\nali', text('alive'), true, noMatch],
	[
		'an unwanted text fails',
		withBody('dead'),
		text('dead', true),
		false,
		{outcome: 'failed', status: 'L7RSP', info: 'HTTP check matched unwanted content'},
	],
	[
		'no unwanted text passes',
		withBody('alive'),
		text('dead', true),
		false,
		{outcome: 'passed', status: 'L7OK', code: 200},
	],
	[
		'an unwanted text may still come',
		'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nali',
		text('dead', true),
		false,
		undefined,
	],
	[
		'no body fails',
		withBody(''),
		text('x'),
		false,
		{outcome: 'failed', status: 'L7RSP', info: 'HTTP content check could not find a response body'},
	],
	[
		'a pattern matches the body',
		withBody('alive 7'),
		{negate: false, match: 'rstring', regex: '^al.*[0-9]$'},
		false,
		{outcome: 'passed', status: 'L7OK', code: 200},
	],
	[
		'chunks are unpacked',
		'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nal\r\n3\r\nive\r\n0\r\n\r\n',
		text('alive'),
		false,
		{outcome: 'passed', status: 'L7OK', code: 200},
	],
	[
		'the end of the chunks ends the waiting',
		'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nal\r\n0\r\n\r\n',
		text('alive'),
		false,
		noMatch,
	],
] as const) {
	test(title, t => {
		const all = {disableOn404: false, ...(expect === undefined ? {} : {expect: expect as HttpExpect})};
		t.deepEqual(converse(talkHttp(head, all), [answer], closes).verdict as unknown, expected);
		t.deepEqual(converse(talkHttp(head, all), drops([answer]), closes).verdict as unknown, expected);
	});
}

test('404 closes a server with disable-on-404, whatever is expected', t => {
	const {verdict} = converse(talkHttp(head, {disableOn404: true, expect: status(404)}), ['HTTP/1.0 404 No\r\n\r\n']);
	t.deepEqual(verdict as unknown, {outcome: 'closing', status: 'L7OKC', code: 404});
});
