import test from 'ava';
import {backendOf, frontendOf, frontendRemarks} from '../helpers/sections.ts';

test('normalizers and their one word', t => {
	const {httpRequestRules} = frontendOf([
		'http-request normalize-uri path-strip-dotdot full if { path /a }',
		'http-request normalize-uri path-strip-dotdot if { path /a }',
		'http-request normalize-uri percent-to-uppercase strict',
		'http-request normalize-uri query-sort-by-name',
	]);
	t.like(httpRequestRules, [
		{normalizer: {name: 'path-strip-dotdot', isFull: true, isStrict: false}},
		{normalizer: {name: 'path-strip-dotdot', isFull: false}},
		{normalizer: {name: 'percent-to-uppercase', isStrict: true}},
		{normalizer: {name: 'query-sort-by-name'}},
	]);
});

test('strict-mode, early-hint, marks, drops and captures', t => {
	t.like(
		frontendOf([
			'http-request strict-mode off',
			'http-request early-hint Link "<%[path]>"',
			'http-request set-tos 0x20',
			'http-request set-mark 020 if { path /a }',
		]).httpRequestRules,
		[
			{kind: 'strict-mode', isOn: false},
			{kind: 'early-hint', name: 'Link', value: '<%[path]>'},
			{kind: 'set-packets', what: 'tos', number: 32},
			{kind: 'set-packets', what: 'mark', number: 16},
		],
	);
	const {httpResponseRules, afterResponseRules} = frontendOf([
		'declare capture response len 10',
		'http-response silent-drop if { status 500 }',
		'http-response strict-mode on',
		'http-response set-tos 16',
		'http-after-response strict-mode off',
		'http-after-response capture res.hdr(x) id 0',
	]);
	t.like(httpResponseRules, [{kind: 'silent-drop'}, {kind: 'strict-mode', isOn: true}, {what: 'tos'}]);
	t.like(afterResponseRules, [
		{kind: 'strict-mode', isOn: false},
		{kind: 'capture', of: 'response', slot: 0},
	]);
	t.like(backendOf(['tcp-request content set-tos 8', 'tcp-response content set-mark 1']), {
		tcpRequest: {content: [{action: {what: 'tos', number: 8}}]},
		tcpResponse: {content: [{action: {what: 'mark', number: 1}}]},
	});
});

test('what is wrong with them is pointed at', t => {
	const cases: readonly (readonly [string, RegExp])[] = [
		['http-request normalize-uri', /^error 8:15 the normalizer is missing|^error 8:15 .*is missing at the end/],
		[
			'http-request normalize-uri path-strip-dots',
			/^error 8:29 the normalizer: 'path-strip-dots' is not known \(did you mean/,
		],
		['http-request normalize-uri path-merge-slashes full', /^error 8:48 'full' is neither 'if' nor 'unless'/],
		['http-request strict-mode', /^error 8:15 /],
		['http-request strict-mode maybe', /^error 8:27 strict-mode: 'maybe' is not known/],
		['http-request early-hint Link', /^error 8:26 the value is missing/],
		['http-request set-tos 256', /^error 8:23 '256' is not a TOS byte/],
		['http-request set-mark x', /^error 8:24 'x' is not a mark/],
	];
	for (const [line, expected] of cases) t.regex(frontendRemarks(line)[0] ?? '', expected, line);
});
