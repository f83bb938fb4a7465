import test from 'ava';
import {configurationOf} from '../helpers/parse.ts';
import {backendOf, backendRemarks, frontendOf, frontendRemarks} from '../helpers/sections.ts';

test('balance has a word for each algorithm', t => {
	for (const algorithm of ['roundrobin', 'static-rr', 'leastconn', 'source', 'first', 'random'] as const)
		t.is(backendOf([`balance ${algorithm}`]).balance, algorithm);
	t.is(backendOf(['balance random(3)']).balance, 'random');
	t.is(backendOf([]).balance, 'roundrobin');
	t.deepEqual(backendRemarks('balance leastcon'), [
		"error 9:10 'leastcon' is not a balance algorithm (did you mean 'leastconn'?)",
	]);
	t.is(backendOf(['balance uri']).balance, 'uri');
	t.regex(backendRemarks('balance').join(), /^error 9:2 the algorithm is missing/);
});

test('modes are http and tcp', t => {
	t.is(configurationOf('listen x\n bind *:80\n').frontends[0]?.mode, 'tcp');
	t.is(configurationOf('listen x\n mode http\n bind *:80\n').backends[0]?.mode, 'http');
	t.is(configurationOf('listen x\n mode http\n mode tcp\n bind *:80\n').backends[0]?.mode, 'tcp');
});

test('limits and retries', t => {
	t.like(frontendOf(['maxconn 7', 'backlog 9']), {maxconn: 7, backlog: 9});
	t.like(backendOf(['retries 0', 'fullconn 5']), {retries: 0, fullconn: 5});
	t.is(backendOf([]).retries, 3);
	t.deepEqual(frontendRemarks('maxconn'), [
		"error 8:2 the value of 'maxconn' is missing at the end of this line (a number from 1 to 1000000)",
	]);
	t.deepEqual(frontendRemarks('maxconn 5 6'), ["error 8:12 '6' is one word too many here"]);
});

test('a backend is used with or without a condition, in the order of the file', t => {
	const {useBackends, defaultBackend} = frontendOf(['acl a path_beg /api', 'use_backend api if a', 'use_backend app']);
	t.deepEqual(
		useBackends.map(({backend, condition}) => [backend, condition?.anyOf.length]),
		[
			['api', 1],
			['app', undefined],
		],
	);
	t.is(defaultBackend, 'app');
	t.deepEqual(frontendRemarks('use_backend %[hdr(host)]'), []);
	t.regex(frontendRemarks('use_backend %[hdrr(host)]')[0] ?? '', /'hdrr' is not a sample fetch/);
	t.deepEqual(frontendRemarks('default_backend api if TRUE'), [
		"error 8:22 'if' is one word too many here (only use_backend takes a condition: 'use_backend NAME if …')",
	]);
});

test('an error file is one for each status, the last one said', t => {
	t.deepEqual(frontendOf(['errorfile 503 /a', 'errorfile 400 /b', 'errorfile 503 /c']).errorFiles, [
		{status: 400, path: '/b', position: {file: 'test.cfg', line: 9, column: 16}},
		{status: 503, path: '/c', position: {file: 'test.cfg', line: 10, column: 16}},
	]);
	t.regex(frontendRemarks('errorfile 599 /a').join(), /^error 8:12 errorfile: '599' is not a status it can replace/);
	t.regex(frontendRemarks('errorfile 503').join(), /^error 8:12 the file is missing/);
});

test('captures', t => {
	t.like(
		frontendOf([
			'capture request header Host len 40',
			'capture response header Server len 20',
			'capture cookie SID= len 9',
		]),
		{
			captureRequestHeaders: [{header: 'Host', lengthBytes: 40}],
			captureResponseHeaders: [{header: 'Server', lengthBytes: 20}],
			captureCookie: {name: 'SID', lengthBytes: 9, prefix: false},
		},
	);
	t.true(frontendOf(['capture cookie SID len 9']).captureCookie?.prefix);
	t.deepEqual(frontendRemarks('capture request header Host 40'), [
		"error 8:30 '40' is not 'len' (capture … NAME len BYTES)",
	]);
	t.deepEqual(frontendRemarks('capture request header Host: len 40'), [
		"error 8:25 'Host:' is not a header name (letters, digits and -, without the colon)",
	]);
	t.deepEqual(frontendRemarks('capture cookie S;D len 4'), ["error 8:17 'S;D' is not a cookie name"]);
});

test('a monitor answers by itself, and fails by a condition', t => {
	const {monitorUri, monitorFail} = frontendOf([
		'monitor-uri /alive',
		'acl dead nbsrv(app) lt 1',
		'monitor fail if dead',
	]);
	t.is(monitorUri, '/alive');
	t.is(monitorFail[0]?.anyOf[0]?.[0]?.name, 'dead');
	t.regex(frontendRemarks('monitor fail').join(), /^error 8:10 'if' or 'unless' is missing/);
});

test('disabled is inherited and taken back', t => {
	const {backends} = configurationOf('defaults\n disabled\nbackend a\nbackend b\n enabled\n');
	t.deepEqual(
		backends.map(({disabled}) => disabled),
		[true, false],
	);
});

test('reuse and hashing are what they are', t => {
	t.deepEqual(backendRemarks('http-reuse safe'), []);
	t.deepEqual(backendRemarks('http-reuse always'), [
		"notice 9:13 'always' has no effect: connections are reused as by 'safe'",
	]);
	t.deepEqual(backendRemarks('hash-type map-based'), []);
	t.deepEqual(backendRemarks('hash-type consistent'), []);
});
