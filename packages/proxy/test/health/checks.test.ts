import test, {type ExecutionContext} from 'ava';
import type {CheckResult} from '../../src/health/check-result.ts';
import type {CheckTarget} from '../../src/health/check-target.ts';
import {prepareCheck} from '../../src/health/checks.ts';
import {makeCheckSample} from '../helpers/check-sample.ts';
import {makeBackend} from '../helpers/configuration.ts';
import {closedPort, listenTcp} from '../helpers/tcp-server.ts';
import {waitFor} from '../helpers/wait-for.ts';

function targetOf(port: number, over: Partial<CheckTarget> = {}): CheckTarget {
	return {
		address: {kind: 'ip', host: '127.0.0.1', port},
		connectTimeoutMs: 2000,
		answerTimeoutMs: 2000,
		wholeTimeoutMs: Number.POSITIVE_INFINITY,
		...over,
	};
}

const tcp = (target: CheckTarget) =>
	new Promise<CheckResult>(resolve => prepareCheck(makeBackend([]), target, () => '', makeCheckSample)(resolve));
const httpCheck = (version = 'HTTP/1.0') =>
	({kind: 'http', method: 'HEAD', uri: '/health_check.php', version}) as const;
const http = (target: CheckTarget, version = 'HTTP/1.0', disableOn404 = false) =>
	new Promise<CheckResult>(resolve => {
		prepareCheck(
			makeBackend([], {check: httpCheck(version), disableOn404}),
			target,
			() => '',
			makeCheckSample,
		)(resolve);
	});

test('a TCP check passes when the server accepts', async t => {
	const server = await listenTcp();
	const result = await tcp(targetOf(server.port));
	t.is(result.outcome, 'passed');
	t.is(result.status, 'L4OK');
	await server.close();
});

test('a refused connection is a layer 4 failure in the words of the system', async t => {
	const {durationMs: _, ...verdict} = await tcp(targetOf(await closedPort()));
	t.deepEqual(verdict, {outcome: 'failed', status: 'L4CON', info: 'Connection refused'});
});

test('an address that is none fails the check and throws nothing', async t => {
	const result = await tcp(targetOf(80, {address: {kind: 'ip', host: '127.0.0.1', port: 70_000}}));
	t.is(result.status, 'SOCKERR');
});

test('the request is the method, the URI and the version, and no header', async t => {
	const server = await listenTcp(socket => socket.end('HTTP/1.0 200 OK\r\n\r\n'));
	const result = await http(targetOf(server.port));
	t.is(server.received[0], 'HEAD /health_check.php HTTP/1.0\r\n\r\n');
	t.is(result.outcome, 'passed');
	t.is(result.status, 'L7OK');
	t.is(result.code, 200);
	await server.close();
});

test('headers may ride in the version', async t => {
	const server = await listenTcp(socket => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
	await http(targetOf(server.port), 'HTTP/1.1\r\nHost: www');
	t.is(server.received[0], 'HEAD /health_check.php HTTP/1.1\r\nHost: www\r\nConnection: close\r\n\r\n');
	await server.close();
});

async function checkAnswer(
	t: ExecutionContext,
	answer: string,
	expected: Partial<CheckResult>,
	disableOn404 = false,
): Promise<void> {
	const server = await listenTcp(socket => socket.end(answer));
	const result = await http(targetOf(server.port), 'HTTP/1.0', disableOn404);
	t.like(result, expected);
	await server.close();
}

test('a redirection passes', checkAnswer, 'HTTP/1.1 302 Found\r\n\r\n', {outcome: 'passed', status: 'L7OK', code: 302});
test('an error status fails', checkAnswer, 'HTTP/1.1 500 No\r\n\r\n', {outcome: 'failed', status: 'L7STS', code: 500});
test('another protocol fails', checkAnswer, '220 smtp ready\r\n', {outcome: 'failed', status: 'L7RSP'});
test('a close without an answer fails', checkAnswer, '', {outcome: 'failed', status: 'L7RSP'});
test('404 fails', checkAnswer, 'HTTP/1.1 404 Gone\r\n\r\n', {outcome: 'failed', status: 'L7STS', code: 404});
test(
	'404 closes a server with disable-on-404',
	checkAnswer,
	'HTTP/1.1 404 Gone\r\n\r\n',
	{outcome: 'closing', status: 'L7OKC', code: 404},
	true,
);

test('a silent server fails at its deadline', async t => {
	const server = await listenTcp();
	const result = await http(targetOf(server.port, {wholeTimeoutMs: 60}));
	t.is(result.status, 'L7TOUT');
	t.true(result.durationMs >= 50 && result.durationMs < 1500, `took ${result.durationMs} ms`);
	await server.close();
});

test('an answer in drops does not move the deadline', async t => {
	let drip: NodeJS.Timeout | undefined;
	const server = await listenTcp(socket => {
		socket.write('HTTP/1.1 200 OK\r\nX: ');
		drip = setInterval(() => socket.write('x'), 10);
		socket.on('close', () => clearInterval(drip));
	});
	const result = await http(targetOf(server.port, {answerTimeoutMs: 100}));
	t.is(result.status, 'L7TOUT');
	await server.close();
});

test('an endless answer is read to its limit only', async t => {
	const server = await listenTcp(socket => {
		const pour = () => {
			while (!socket.destroyed && socket.write('x'.repeat(4096)));
		};
		socket.on('drain', pour);
		pour();
	});
	const result = await http(targetOf(server.port));
	t.is(result.status, 'L7RSP');
	await server.close();
});

test('a check that is cancelled closes its connection and says nothing', async t => {
	let closed = false;
	const server = await listenTcp(undefined, {onConnection: socket => socket.on('close', () => (closed = true))});
	let said = false;
	const start = prepareCheck(makeBackend([], {check: httpCheck()}), targetOf(server.port), () => '', makeCheckSample);
	const running = start(() => {
		said = true;
	});
	await waitFor('the connection', () => server.connections === 1);
	running.cancel();
	await waitFor('the close', () => closed);
	t.false(said);
	await server.close();
});
