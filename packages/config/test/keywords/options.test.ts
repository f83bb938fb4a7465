import test from 'ava';
import {configurationOf} from '../helpers/parse.ts';
import {backendOf, backendRemarks, frontendOf, frontendRemarks} from '../helpers/sections.ts';

test('switches of a frontend', t => {
	t.deepEqual(
		frontendOf([
			'option dontlognull',
			'option dontlog-normal',
			'option logasap',
			'option log-separate-errors',
			'option httplog',
		]).log,
		{
			format: 'http',
			dontLogNull: true,
			dontLogNormal: true,
			logAsap: true,
			separateErrors: true,
		},
	);
	t.is(frontendOf(['option httplog clf']).log.format, 'clf');
	t.is(frontendOf(['option tcplog']).log.format, 'tcp');
	t.is(frontendOf([]).log.format, 'default');
	t.is(frontendOf(['option dontlognull', 'no option dontlognull']).log.dontLogNull, false);
});

test('switches of a backend', t => {
	t.like(
		backendOf([
			'option persist',
			'option abortonclose',
			'option allbackups',
			'option log-health-checks',
			'option redispatch',
			'http-check disable-on-404',
		]),
		{
			persist: true,
			abortOnClose: true,
			allBackups: true,
			logHealthChecks: true,
			redispatch: true,
			disableOn404: true,
		},
	);
	t.like(backendOf([]), {
		persist: false,
		abortOnClose: false,
		allBackups: false,
		logHealthChecks: false,
		redispatch: false,
		disableOn404: false,
	});
	t.deepEqual(backendRemarks('option redispatch 2'), [
		'notice 9:20 the interval has no effect: redispatch happens on the last retry, as in 1.4',
	]);
	for (const word of ['redispatch', 'redisp']) t.true(backendOf([word], {syntax: '1.4'}).redispatch);
});

test('a section takes back what defaults said', t => {
	const {backends} = configurationOf(
		'defaults\n option redispatch\n option forwardfor\n option httpchk /x\n mode http\nbackend a\n no option redispatch\n no option forwardfor\n no option httpchk\nbackend b\n',
	);
	t.deepEqual(
		backends.map(({redispatch, forwardFor, check}) => [redispatch, forwardFor?.header, check.kind]),
		[
			[false, undefined, 'tcp'],
			[true, 'X-Forwarded-For', 'http'],
		],
	);
});

test('forwardfor has exceptions, another header, and may leave what is there', t => {
	t.deepEqual(frontendOf(['option forwardfor']).forwardFor, {header: 'X-Forwarded-For', except: [], ifNone: false});
	t.deepEqual(frontendOf(['option forwardfor except 127.0.0.0/8 header X-Client if-none']).forwardFor, {
		header: 'X-Client',
		except: [{address: '127.0.0.0', bits: 8, family: 4}],
		ifNone: true,
	});
	t.deepEqual(frontendRemarks('option forwardfor except web'), [
		"error 8:27 'web' is not a network (such as 127.0.0.0/8)",
	]);
	t.deepEqual(frontendRemarks('option forwardfor header X:'), [
		"error 8:27 'X:' is not a header name (such as X-Client)",
	]);
	t.deepEqual(frontendRemarks('option forwardfor exept 10.0.0.1'), [
		"error 8:20 'exept' is not an option of forwardfor (did you mean 'except'?)",
	]);
});

test('httpchk has a method, a URI and a version with headers behind it', t => {
	const check = (line: string) => backendOf([`option httpchk ${line}`]).check;
	t.deepEqual(check(''), {kind: 'http', method: 'OPTIONS', uri: '/', version: 'HTTP/1.0'});
	t.deepEqual(check('/health'), {kind: 'http', method: 'OPTIONS', uri: '/health', version: 'HTTP/1.0'});
	t.deepEqual(check('HEAD /health'), {kind: 'http', method: 'HEAD', uri: '/health', version: 'HTTP/1.0'});
	t.deepEqual(check('GET / HTTP/1.1\\r\\nHost:\\ www'), {
		kind: 'http',
		method: 'GET',
		uri: '/',
		version: 'HTTP/1.1\r\nHost: www',
	});
	t.deepEqual(backendRemarks('option httpchk GET health'), [
		"error 9:21 'health' is not a URI (a path that begins with /, such as /health)",
	]);
	t.deepEqual(backendRemarks('option httpchk G:T /'), [
		"error 9:17 'G:T' is not a method (option httpchk METHOD URI [VERSION])",
	]);
	t.deepEqual(backendRemarks('option httpchk GET / HTTP/3'), [
		"error 9:23 'HTTP/3' is not an HTTP version (HTTP/1.0 or HTTP/1.1)",
	]);
});

test('surplus words are refused', t => {
	t.deepEqual(frontendRemarks('option dontlognull yes'), ["error 8:21 'yes' is one word too many here"]);
	t.deepEqual(frontendRemarks('option httplog clff'), ["error 8:17 'clff' is one word too many here"]);
	t.deepEqual(frontendRemarks('option httpclose x'), ["error 8:19 'x' is one word too many here"]);
});
