import test from 'ava';
import {backendOf, backendRemarks, frontendOf} from '../helpers/sections.ts';

test('retry-on: the last line counts, all-retryable-errors stands for many', t => {
	t.is(backendOf([]).retryOn, undefined);
	t.deepEqual(backendOf(['retry-on none']).retryOn, []);
	t.deepEqual(backendOf(['retry-on 404', 'retry-on conn-failure 503 503 0rtt-rejected']).retryOn, [
		'conn-failure',
		503,
		'0rtt-rejected',
	]);
	t.deepEqual(backendOf(['retry-on all-retryable-errors 408']).retryOn, [
		'conn-failure',
		'empty-response',
		'junk-response',
		'response-timeout',
		'0rtt-rejected',
		500,
		502,
		503,
		504,
		408,
	]);
	t.like(frontendOf(['http-request disable-l7-retry if { method POST }']).httpRequestRules, [
		{kind: 'disable-l7-retry'},
	]);
});

test('what is wrong with retry-on is pointed at', t => {
	t.regex(backendRemarks('retry-on')[0]!, /^error 9:2 when to retry is missing at the end of this line/);
	t.regex(backendRemarks('retry-on 418')[0]!, /^error 9:11 '418' is not a reason to retry \(one of none, /);
	t.regex(backendRemarks('retry-on empty-respnse')[0]!, /^error 9:11 .*did you mean 'empty-response'/);
	t.deepEqual(backendRemarks('retry-on none 503'), ["error 9:11 'none' stands alone (take the others out)"]);
});
