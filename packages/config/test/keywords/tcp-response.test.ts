import test from 'ava';
import {backendOf, backendRemarks, frontendRemarks} from '../helpers/sections.ts';

test('tcp-response: rules in the order of the file, and how long they wait', t => {
	t.is(backendOf([]).tcpResponse, undefined);
	const {tcpResponse} = backendOf([
		'tcp-response inspect-delay 2s',
		'tcp-response content set-var(sess.n) res.len',
		'tcp-response content sc-inc-gpc0(1) if { res.payload(0,3) -m str bad }',
		'tcp-response content close unless { var(sess.n) gt 4 }',
		'tcp-response content reject',
	]);
	t.like(tcpResponse, {
		inspectDelayMs: 2000,
		content: [
			{action: {kind: 'set-var', name: 'sess.n'}},
			{action: {kind: 'sc-inc', counter: 1, column: 'gpc0'}},
			{action: {kind: 'close'}, condition: {negate: true}},
			{action: {kind: 'reject'}},
		],
	});
});

test('what is wrong with it is pointed at', t => {
	const cases: readonly (readonly [string, RegExp])[] = [
		['tcp-response content', /^error 9:15 what to do is missing/],
		['tcp-response content clse', /^error 9:23 'clse' is not an action of tcp-response \(did you mean 'close'\?\)/],
		['tcp-response content track-sc0 src', /^error 9:23 'track-sc0' is not an action of tcp-response/],
		['tcp-response content accept x', /^error 9:30 'x' is neither 'if' nor 'unless'/],
		['tcp-response content accept if nope', /^error 9:33 there is no ACL 'nope'/],
		['tcp-response inspect-delay x', /^error 9:29 inspect-delay: 'x' is not a time/],
		['tcp-response inspect-delay 1s', /^warning 8:9 'tcp-response inspect-delay' of 'web' has no content rule/],
		['tcp-response connection reject', /^error 9:15 unknown 'tcp-response connection' in section 'backend'/],
	];
	for (const [line, expected] of cases) t.regex(backendRemarks(line)[0] ?? '', expected, line);
	t.regex(frontendRemarks('tcp-response content accept')[0]!, /has no effect in section 'frontend'/);
});
