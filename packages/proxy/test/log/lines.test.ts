import test from 'ava';
import {formatClfLine} from '../../src/log/clf-line.ts';
import {formatDefaultLine} from '../../src/log/default-line.ts';
import {formatHttpLine} from '../../src/log/http-line.ts';
import {formatTcpLine} from '../../src/log/tcp-line.ts';
import {sampleRecord as record} from '../helpers/log-record.ts';

const START = '192.0.2.1:4000 [03/Feb/2026:04:05:06.007] in out/s1';

test('http', t => {
	t.is(formatHttpLine(record), `${START} 1/2/3/4/10 200 500 - - --VN 5/4/3/2/1 7/8 "GET / HTTP/1.1"`);
});

test('http: partial, redispatched, no server, cookies', t => {
	const line = formatHttpLine({
		...record,
		partial: true,
		redispatched: true,
		server: undefined,
		requestCookie: 'a=b',
		responseCookie: 'c="d"',
	});
	t.is(
		line,
		`${START.replace('s1', '<NOSRV>')} 1/2/3/4/+10 200 +500 a=b c=#22d#22 --VN 5/4/3/2/+1 7/8 "GET / HTTP/1.1"`,
	);
});

test('http: captures are framed and escaped, the request line too', t => {
	const line = formatHttpLine({
		...record,
		requestCaptures: ['a b', undefined, '{|}'],
		responseCaptures: ['\xe6"#\x00'],
		requestLine: 'GET /"\x1b[2J HTTP/1.1',
	});
	t.true(line.endsWith(' 7/8 {a b||#7B#7C#7D} {#E6#22#23#00} "GET /#22#1B[2J HTTP/1.1"'), line);
});

test('http: a request that could not be read has no captures and no line', t => {
	const line = formatHttpLine({...record, requestCaptures: ['x'], responseCaptures: ['y'], requestLine: undefined});
	t.true(line.endsWith(' 7/8 "<BADREQ>"'), line);
});

test('http: a long request line is cut at 1024', t => {
	const line = formatHttpLine({...record, requestLine: `GET /${'a'.repeat(3000)}`});
	t.is(line.slice(line.indexOf('"')).length, 1026);
});

test('tcp', t => {
	t.is(formatTcpLine({...record, state: 'cD--'}), `${START} 2/3/10 500 cD 5/4/3/2/1 7/8`);
	t.is(formatTcpLine({...record, partial: true}), `${START} 2/3/+10 +500 -- 5/4/3/2/1 7/8`);
});

test('clf', t => {
	t.regex(
		formatClfLine({...record, requestCookie: 'a=b', requestCaptures: ['x', undefined], responseCaptures: ['{']}),
		/^192\.0\.2\.1 - - \[03\/Feb\/2026:04:05:06 [+-]\d{4}\] "GET \/ HTTP\/1\.1" 200 500 "-" "-" 4000 007 "in" "out" "s1" 1 2 3 4 10 "--VN" 5 4 3 2 1 7 8 "a=b" "-" "x" "-" "#7B"$/,
	);
});

test('default', t => {
	const ends = {clientAddress: '192.0.2.1', clientPort: 4000, address: '192.0.2.2', port: 80, frontend: 'in'};
	t.is(formatDefaultLine({...ends, mode: 'tcp'}), 'Connect from 192.0.2.1:4000 to 192.0.2.2:80 (in/TCP)');
	t.is(formatDefaultLine({...ends, mode: 'http'}), 'Connect from 192.0.2.1:4000 to 192.0.2.2:80 (in/HTTP)');
});
