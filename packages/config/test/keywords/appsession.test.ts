import test from 'ava';
import {configurationOf} from '../helpers/parse.ts';
import {backendOf, backendRemarks} from '../helpers/sections.ts';

const wrong = (line: string) => backendRemarks(line).filter(remark => remark.startsWith('error '));

const session = (line: string) => {
	const {position: _position, ...said} = backendOf(['mode http', `appsession ${line}`, 'server s 10.0.0.1:80'])
		.appSession!;
	return said;
};

test('a cookie, its length and how long it is held; times are milliseconds', t => {
	t.deepEqual(session('JSESSIONID len 52 timeout 3h'), {
		cookie: 'JSESSIONID',
		lengthBytes: 52,
		holdMs: 10_800_000,
		requestLearn: false,
		prefix: false,
		mode: 'path-parameters',
		table: 'web/appsession',
	});
	t.like(session('S timeout 500 len 8 mode query-string request-learn prefix'), {
		holdMs: 500,
		requestLearn: true,
		prefix: true,
		mode: 'query-string',
	});
});

test('sessions are remembered in a table of their own, which is not larger than memory allows', t => {
	const tables = (length: number) =>
		configurationOf(`backend web\n mode http\n stick-table type ip size 5\n appsession S len ${length} timeout 5s\n`)
			.stickTables;
	t.like(tables(32)[1], {
		name: 'web/appsession',
		type: 'string',
		keyBytes: 32,
		size: 1_048_576,
		expireMs: 5000,
		holdsServers: true,
	});
	t.is(tables(4096)[1]!.size, 32_768);
});

test('mistakes', t => {
	t.deepEqual(wrong('appsession S len 5'), [
		"error 9:2 'appsession' needs 'len' and 'timeout' (appsession COOKIE len N timeout T [request-learn] [prefix] [mode path-parameters|query-string])",
	]);
	t.deepEqual(wrong('appsession S len 0 timeout 5'), ['error 9:19 len: 0 is out of range (a number from 1 to 4096)']);
	t.deepEqual(wrong('appsession S lenn 5 timeout 5'), [
		"error 9:15 'lenn' is not an option of appsession (did you mean 'len'?)",
	]);
	t.deepEqual(wrong('appsession S len 5 timeout 5 mode query'), [
		"error 9:36 mode: 'query' is not known (one of path-parameters, query-string)",
	]);
	t.deepEqual(wrong('appsession a;b len 5 timeout 5'), ["error 9:13 'a;b' is not a cookie name"]);
});
