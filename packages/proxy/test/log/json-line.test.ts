import test from 'ava';
import {compileJsonShape, formatJsonLine, type JsonShape} from '../../src/log/json-line.ts';
import type {LogRecord} from '../../src/log/log-record.ts';
import {sampleRecord} from '../helpers/log-record.ts';

const record: LogRecord = {
	...sampleRecord,
	acceptMs: Date.UTC(2026, 1, 3, 4, 5, 6, 7),
	responseCookie: 'a="b"',
	requestCaptures: ['x', undefined],
	requestLine: 'GET /a HTTP/1.1',
};
const capture = (header: string) => ({header, lengthBytes: 100});
const shapeOf = (headers: readonly string[], lengthBytes = 8192, mode: 'http' | 'tcp' = 'http'): JsonShape =>
	compileJsonShape({
		mode,
		logTargets: [{address: {kind: 'stream', name: 'stdout'}, facility: 16, level: 7, minLevel: 0, lengthBytes}],
		captureRequestHeaders: headers.map(capture),
		captureResponseHeaders: [],
	});
const parse = (line: string): unknown => JSON.parse(line);

test('every field of the line has its name', t => {
	t.deepEqual(parse(formatJsonLine(record, shapeOf(['Host', 'X-A']))), {
		time: '2026-02-03T04:05:06.007Z',
		clientAddress: '192.0.2.1',
		clientPort: 4000,
		frontend: 'in',
		backend: 'out',
		server: 's1',
		method: 'GET',
		target: '/a',
		version: 'HTTP/1.1',
		status: 200,
		requestMs: 1,
		responseMs: 4,
		requestCookie: null,
		responseCookie: 'a="b"',
		requestHeaders: {host: 'x'},
		queueMs: 2,
		connectMs: 3,
		totalMs: 10,
		bytes: 500,
		state: '--VN',
		processConnections: 5,
		frontendConnections: 4,
		backendConnections: 3,
		serverConnections: 2,
		retries: 1,
		redispatched: false,
		serverQueue: 7,
		backendQueue: 8,
	});
});

test('tcp has what a session has', t => {
	const object = parse(formatJsonLine({...record, partial: true}, shapeOf([], 8192, 'tcp')));
	t.like(object, {state: '--', partial: true, bytes: 500});
	t.false('status' in (object as object));
});

test('whatever a client sends, the line is ASCII, one line and an object', t => {
	const everything = Array.from({length: 256}, (_, code) => String.fromCharCode(code)).join('');
	const line = formatJsonLine(
		{
			...record,
			requestLine: `GET /${everything} HTTP/1.1`,
			requestCaptures: [everything, everything],
			server: undefined,
		},
		shapeOf(['X-A', 'x-a']),
	);
	t.regex(line, /^[\x20-\x7e]*$/);
	const object = parse(line) as Record<string, unknown>;
	t.is(object.target, `/${everything}`);
	t.deepEqual(object.requestHeaders, {'x-a': everything, 1: everything});
	t.is(object.server, null);
});

test('a request that could not be read, or has no version', t => {
	const request = (requestLine: string | undefined) => {
		const {method, target, version} = parse(formatJsonLine({...record, requestLine}, shapeOf([]))) as Record<
			string,
			unknown
		>;
		return [method, target, version];
	};
	t.deepEqual(request(undefined), [null, null, null]);
	t.deepEqual(request('GET /a'), ['GET', '/a', null]);
	t.deepEqual(request('rubbish'), ['rubbish', null, null]);
	t.deepEqual(request('GET /a b HTTP/1.0'), ['GET', '/a b', 'HTTP/1.0']);
});

test('a line that its shortest target would cut is an object all the same', t => {
	const long = formatJsonLine(
		{...record, requestLine: `GET /${'a'.repeat(5000)} HTTP/1.1`, requestCaptures: ['b'.repeat(3000)]},
		shapeOf(['X-A'], 1500),
	);
	t.true(long.length < 1200);
	const object = parse(long) as Record<string, unknown>;
	t.like(object, {cut: true, version: 'HTTP/1.1', status: 200});
	t.is(String(object.target).length, 128);
	t.false('requestHeaders' in object);
});
