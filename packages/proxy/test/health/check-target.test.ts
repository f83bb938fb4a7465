import test from 'ava';
import {makeCheckTarget} from '../../src/health/check-target.ts';
import {makeBackend, makeServer} from '../helpers/configuration.ts';

const check = {interMs: 2000, rise: 2, fall: 3};

test('without timeout check the interval bounds the whole check', t => {
	const server = makeServer(80, {check});
	const target = makeCheckTarget(makeBackend([server], {timeouts: {connectMs: 100}}), server);
	t.is(target?.wholeTimeoutMs, 2000);
	t.is(target?.connectTimeoutMs, 2000);
});

test('with timeout check the connection has the smaller of timeout connect and the interval', t => {
	const server = makeServer(80, {check});
	const fast = makeCheckTarget(makeBackend([server], {timeouts: {connectMs: 100, checkMs: 300}}), server);
	t.like(fast, {connectTimeoutMs: 100, answerTimeoutMs: 300, wholeTimeoutMs: Number.POSITIVE_INFINITY});
	const slow = makeCheckTarget(makeBackend([server], {timeouts: {connectMs: 5000, checkMs: 300}}), server);
	t.is(slow?.connectTimeoutMs, 2000);
});

test('addr and port override the address of the service', t => {
	const server = makeServer(80, {check: {...check, address: '127.0.0.9', port: 81}});
	t.deepEqual(makeCheckTarget(makeBackend([server]), server)?.address, {kind: 'ip', host: '127.0.0.9', port: 81});
});

test('a server without a check, or without a port to check, has no target', t => {
	const unchecked = makeServer(80);
	t.is(makeCheckTarget(makeBackend([unchecked]), unchecked), undefined);
	const portless = makeServer(0, {check, portOffset: 0});
	t.is(makeCheckTarget(makeBackend([portless]), portless), undefined);
});

test('checks come from the source address of the server line', t => {
	const server = makeServer(80, {check, sourceAddress: '127.0.0.2'});
	t.is(makeCheckTarget(makeBackend([server]), server)?.sourceAddress, '127.0.0.2');
});
