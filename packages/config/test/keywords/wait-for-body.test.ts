import test from 'ava';
import {backendOf, frontendOf, frontendRemarks} from '../helpers/sections.ts';

test('wait-for-body: a time and perhaps a number of bytes', t => {
	t.like(frontendOf(['http-request wait-for-body at-least 2k time 1s if { method POST }']).httpRequestRules, [
		{kind: 'wait-for-body', timeMs: 1000, atLeastBytes: 2048},
	]);
	t.like(backendOf(['http-request wait-for-body time 50']).httpRequestRules, [{timeMs: 50, atLeastBytes: 0}]);
	t.like(backendOf(['http-response wait-for-body time 2s at-least 9']).httpResponseRules, [
		{kind: 'wait-for-body', timeMs: 2000, atLeastBytes: 9},
	]);
	t.true(frontendOf(['option http-buffer-request']).buffersRequest);
	t.is(frontendOf(['no option http-buffer-request']).buffersRequest, undefined);
});

test('what is wrong with it is pointed at', t => {
	const cases: readonly (readonly [string, RegExp])[] = [
		['http-request wait-for-body', /^error 8:15 wait-for-body needs 'time T'/],
		['http-request wait-for-body time', /^error 8:29 the value of 'time' is missing/],
		['http-request wait-for-body time x', /^error 8:34 time: 'x' is not a time/],
		['http-request wait-for-body time 1s at-least x', /^error 8:46 at-least: 'x' is not a size/],
		['http-request wait-for-body at-least 5', /^error 8:38 wait-for-body needs 'time T'/],
		['http-request wait-for-body tim 1s', /^error 8:29 'tim' is not a part of wait-for-body \(did you mean 'time'\?\)/],
		['option http-buffer-request x', /^error 8:29 'x' is one word too many here/],
	];
	for (const [line, expected] of cases) t.regex(frontendRemarks(line)[0] ?? '', expected, line);
});
