import test from 'ava';
import {configurationOf, remarks} from '../helpers/parse.ts';

const FIELDS = {
	client: 'clientMs',
	server: 'serverMs',
	connect: 'connectMs',
	queue: 'queueMs',
	'http-request': 'httpRequestMs',
	'http-keep-alive': 'httpKeepAliveMs',
	check: 'checkMs',
	tunnel: 'tunnelMs',
	'client-fin': 'clientFinMs',
	'server-fin': 'serverFinMs',
	tarpit: 'tarpitMs',
} as const;

const timeouts = (...lines: readonly string[]) =>
	configurationOf(`defaults\n${lines.map(line => ` ${line}\n`).join('')}listen x\n bind *:80\n`).backends[0]?.timeouts;

for (const [name, field] of Object.entries(FIELDS)) {
	test(`timeout ${name}`, t => {
		t.deepEqual<unknown, unknown>(timeouts(`timeout ${name} 7s`), {[field]: 7000});
	});
}

test('the spellings of 1.4 mean the same', t => {
	t.deepEqual(timeouts('contimeout 1', 'clitimeout 2s', 'srvtimeout 3m'), {
		connectMs: 1,
		clientMs: 2000,
		serverMs: 180_000,
	});
	t.deepEqual(timeouts('timeout contimeout 1', 'timeout clitimeout 2', 'timeout srvtimeout 3'), {
		connectMs: 1,
		clientMs: 2,
		serverMs: 3,
	});
});

test('0 is no timeout and takes back an inherited one', t => {
	t.deepEqual(timeouts('timeout client 5s', 'timeout client 0'), {});
});

test('what is wrong is pointed at', t => {
	const wrong = (line: string) => remarks(`defaults\n ${line}\n`);
	t.deepEqual(wrong('timeout client'), [
		'error 2:10 the timeout is missing at the end of this line (a time such as 5000, 5s or 1m)',
	]);
	t.deepEqual(wrong('timeout client 30d'), ['error 2:17 the timeout: 30d is out of range (from 0ms to 2147483647ms)']);
	t.deepEqual(wrong('timeout client 5s 6s'), ["error 2:20 '6s' is one word too many here (one time, such as 5s)"]);
	t.deepEqual(wrong('timeout clinet 5s'), [
		"error 2:10 unknown 'timeout clinet' in section 'defaults' (did you mean 'client'?)",
	]);
});
