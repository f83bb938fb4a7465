import test from 'ava';
import {remarks} from '../helpers/parse.ts';
import {frontendOf, frontendText} from '../helpers/sections.ts';

const of14 = {syntax: '1.4'} as const;
const wrong = (line: string) => remarks(frontendText(line), of14).filter(remark => remark.startsWith('error'));

test('rules come in the order in which they run, whatever the order of the lines', t => {
	const lines = [
		'redirect location / if { path /r }',
		String.raw`reqadd X:\ 1`,
		'reqidel ^x-',
		'http-request allow',
		'block if { path /b }',
		String.raw`rspadd Y:\ 1`,
		'rspidel ^y',
		'http-response del-header Z',
	];
	const frontend = frontendOf(lines, of14);
	t.deepEqual(
		frontend.httpRequestRules.map(({stage}) => stage),
		['block', 'http-request', 'req', 'reqadd', 'redirect'],
	);
	t.deepEqual(
		frontend.httpResponseRules.map(({stage}) => stage),
		['http-response', 'rsp', 'rspadd'],
	);
});

test('what is wrong with a line rule is pointed at', t => {
	t.deepEqual(wrong('reqrep ( x'), ["error 8:9 '(' is not a regular expression: unterminated group"]);
	t.deepEqual(wrong('reqrep a'), [
		String.raw`error 8:9 what a matching line becomes is missing at the end of this line (such as \1\ /new\2)`,
	]);
	t.regex(wrong(String.raw`reqrep a b\r\nX:c`).join(), /^error 8:11 the replacement holds a control character/);
	t.regex(wrong(String.raw`reqadd X:\ a\r\nY:\ b`).join(), /^error 8:9 the line holds a control character/);
	t.regex(wrong('reqadd nothing').join(), /^error 8:9 'nothing' is not a header line/);
	t.regex(wrong(String.raw`rspadd Content-Length:\ 5`).join(), /^error 8:9 Content-Length says where the body ends/);
	t.deepEqual(wrong('reqsetbe ^GET nowhere'), [
		"error 8:2 there is no backend 'nowhere' (add a section 'backend nowhere')",
	]);
	t.regex(wrong('rspallow x').join(), /^error 8:2 unknown keyword 'rspallow'/);
});

test('samples name what exists', t => {
	t.deepEqual(wrong('http-request deny if { srv_is_up(app/x) }'), [
		"error 8:23 there is no server 'x' in backend 'app' (did you mean 's'?)",
	]);
	t.deepEqual(wrong('http-request deny if { be_conn(appp) gt 1 }'), [
		"error 8:23 there is no backend 'appp' (did you mean 'app'?)",
	]);
	t.deepEqual(remarks(frontendText('http-request set-header X "%[nbsrv(appp)]"')), [
		"error 8:2 there is no backend 'appp' (did you mean 'app'?)",
	]);
});
