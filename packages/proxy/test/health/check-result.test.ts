import test from 'ava';
import {formatCheckResult} from '../../src/health/check-result.ts';

test('a result has its code and its time', t => {
	t.is(formatCheckResult({outcome: 'passed', status: 'L7OK', code: 200, durationMs: 1}), 'L7OK/200 in 1ms');
	t.is(formatCheckResult({outcome: 'failed', status: 'L4CON', durationMs: 0}), 'L4CON in 0ms');
});

test('what traffic showed took no time', t => {
	t.is(formatCheckResult({outcome: 'failed', status: 'HANA', durationMs: -1}), 'HANA');
});
