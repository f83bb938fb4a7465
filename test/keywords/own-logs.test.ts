/** What hapair has beyond HAProxy's logs: JSON lines and shortened addresses of clients, as a syslog receiver sees them. */
import {type Asked, ask} from './client.ts';
import {type Case, type Run, runGroup} from './harness.ts';
import {got, web, withDefaults} from './web-case.ts';

const own = (
	line: string,
	observe: (run: Run) => Promise<string>,
	sees: string | RegExp,
	otherwise: string | RegExp,
	without?: string,
	config?: string,
): Case => web('hapair|logs', line, observe, sees, otherwise, without, config);
/** The line of a request, from its address on. */
const said =
	(pattern: RegExp, asked: Asked = {}) =>
	async (run: Run) => {
		await ask(run.port, {from: '127.1.2.3', ...asked});
		return (await run.line(pattern))
			.replace(/^.*?\]: /, '')
			.replace(/^(\S+):\d+ /, '$1:N ')
			.replace(/(Connect from \S+):\d+ /, '$1:N ');
	};
/** Some fields of the object, and that there is nothing else on the line. */
const fields =
	(names: readonly string[], asked: Asked = {}) =>
	async (run: Run) => {
		await ask(run.port, {from: '127.1.2.3', ...asked});
		const line = await run.line(/"time":/);
		const object = JSON.parse(line.replace(/^.*?\]: /, ''));
		return names.map(name => `${name}=${JSON.stringify(object[name])}`).join(' ');
	};
const CAPTURES = `
listen NAME
    bind 127.0.0.1:PORT
    capture request header X-Forwarded-For len 60
    capture request header X-Forwarded-For len 11
    capture request header X-Version len 20
    LINE
    server s1 127.0.0.1:S1
`;
const FORWARDED = {headers: ['X-Forwarded-For: 203.0.113.77, 2001:db8:1:2:3::4', 'X-Version: 1.2.3.4']};
const TCP = withDefaults('mode tcp\n    log global', 'listen NAME 127.0.0.1:PORT\n LINE\n server s1 127.0.0.1:S1');
const NO_FORMAT = withDefaults(
	'mode http\n    log global',
	'listen NAME 127.0.0.1:PORT\n LINE\n server s1 127.0.0.1:S1',
);
const UNIQUE = `
listen NAME
    bind 127.0.0.1:PORT
    unique-id-format %ci-%[src]
    unique-id-header X-Id
    LINE
    server s1 127.0.0.1:S1
`;
const FORMAT = String.raw`log-format NAME\ %ci\ %{+X}ci\ %[src]\ %[src,concat(.)]\ %[fc_src]\ %ID\ %cp`;

/** Each way in which a format can ask for what a header says of the client. */
const SAMPLES = String.raw`log-format NAME\ %[req.hdr(x-forwarded-for)]\ %[req.fhdr(x-forwarded-for),lower]\ %[req.hdr_ip(x-forwarded-for,1)]\ %[capture.req.hdr(0)]\ %[capture.req.hdr(2)]`;

const cases: readonly Case[] = [
	own(
		`${SAMPLES}\n option anonymize`,
		said(/ 1\.2\.3\.4$/m, FORWARDED),
		/2001:db8:1:2:: 203\.0\.113\.0, 2001:db8:1:2:: 203\.0\.113\.0 203\.0\.113\.0, 2001:db8:1:2:: 1\.2\.3\.4$/m,
		/2001:db8:1:2:3::4 203\.0\.113\.77, 2001:db8:1:2:3::4 203\.0\.113\.77 203\.0\.113\.77, 2001:db8:1:2:3::4 1\.2\.3\.4$/m,
		SAMPLES,
		CAPTURES,
	),
	own('option anonymize', said(/ 200 /), /^127\.1\.2\.0:N \[/, /^127\.1\.2\.3:N \[/),
	own('option anonymize 8/32', said(/ 200 /), /^127\.0\.0\.0:N/, /^127\.1\.2\.0:N/, 'option anonymize 24/64'),
	own(
		'option anonymize\n no option anonymize',
		said(/ 200 /),
		/^127\.1\.2\.3:N/,
		/^127\.1\.2\.0:N/,
		'option anonymize',
	),
	own(
		'option httplog clf\n option anonymize',
		said(/ 200 /),
		/^127\.1\.2\.0 - - /,
		/^127\.1\.2\.3 - - /,
		'option httplog clf',
	),
	own('option tcplog\n option anonymize', said(/--/), /^127\.1\.2\.0:N \[/, /^127\.1\.2\.3:N \[/, 'option tcplog', TCP),
	own('option anonymize', said(/Connect/), /from 127\.1\.2\.0:N to/, /from 127\.1\.2\.3:N to/, '', NO_FORMAT),
	own(
		'option anonymize',
		said(/ 200 /, FORWARDED),
		/\{203\.0\.113\.0, 2001:db8:1:2::\|203\.0\.113\.0\|1\.2\.3\.4\} "/,
		/\{203\.0\.113\.77, 2001:db8:1:2:3::4\|203\.0\.113\.7\|1\.2\.3\.4\} "/,
		'',
		CAPTURES,
	),
	own(
		`${FORMAT}\n option anonymize`,
		said(/7F0102/),
		/127\.1\.2\.0 7F010200 127\.1\.2\.0 127\.1\.2\.0\. 127\.1\.2\.0 127\.1\.2\.0-127\.1\.2\.0 \d+$/m,
		/127\.1\.2\.3 7F010203 127\.1\.2\.3 127\.1\.2\.3\. 127\.1\.2\.3 127\.1\.2\.3-127\.1\.2\.3 \d+$/m,
		FORMAT,
		UNIQUE,
	),
	own('option anonymize', got('x-id', {from: '127.1.2.3'}), '127.1.2.0-127.1.2.0', '127.1.2.3-127.1.2.3', '', UNIQUE),
	own('option anonymize\n option forwardfor', got('x-forwarded-for', {from: '127.1.2.3'}), '127.1.2.3', '-'),
	own(
		'option httplog json\n option anonymize',
		fields(['clientAddress', 'server', 'method', 'target', 'version', 'status', 'state', 'requestHeaders'], {
			path: '/a?b=1',
			...FORWARDED,
		}),
		'clientAddress="127.1.2.0" server="s1" method="GET" target="/a?b=1" version="HTTP/1.1" status=200 state="----" ' +
			'requestHeaders={"1":"203.0.113.0","x-forwarded-for":"203.0.113.0, 2001:db8:1:2::","x-version":"1.2.3.4"}',
		/^clientAddress="127\.1\.2\.3" /,
		'option httplog json',
		CAPTURES,
	),
	own(
		'option tcplog json\n option anonymize',
		fields(['clientAddress', 'server', 'method', 'state', 'retries']),
		'clientAddress="127.1.2.0" server="s1" method=undefined state="--" retries=0',
		/^clientAddress="127\.1\.2\.3" /,
		'option tcplog json',
		TCP,
	),
	own(
		'option httplog json',
		fields(['cut', 'method', 'version'], {path: `/${'x'.repeat(7990)}`}),
		'cut=true method="GET" version="HTTP/1.1"',
		'cut=undefined method="GET" version="HTTP/1.1"',
		'option httplog json\n no log\n log LOG len 30000 local0',
	),
];

runGroup({name: 'own logs', cases});
