/** `http-check` and `tcp-check` as scripts, beside haproxy: what servers receive and what the log says of it. */
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {HAPROXY, startHaproxy} from '../helpers/beside.ts';
import {answering} from '../helpers/engine.ts';
import {serve} from '../helpers/proxy.ts';
import {closedPort} from '../helpers/tcp-server.ts';
import {waitFor} from '../helpers/wait-for.ts';
import {startProxy} from '../helpers/whole-proxy.ts';

interface Checking {
	readonly name: string;
	/** What the log says of a server's first check. */
	verdict(server: string): Promise<string>;
}

async function startBoth(t: ExecutionContext, backends: string): Promise<readonly Checking[]> {
	const text = `
defaults scripts
    mode http
    timeout connect 2s
    timeout server 2s
    option log-health-checks
    log global
    default-server inter 1500ms fall 1 rise 1
${backends}`;
	const ours = await startProxy(text, 1);
	t.teardown(() => ours.close());
	const sides = [{name: 'hapair', lines: ours.logs}];
	if (existsSync(HAPROXY)) {
		const directory = mkdtempSync(join(tmpdir(), 'hapair-checks-'));
		t.teardown(() => rmSync(directory, {recursive: true, force: true}));
		sides.unshift(
			await startHaproxy(
				t,
				`${text}
frontend idle
    bind 127.0.0.1:1
`,
				directory,
			),
		);
	}
	return sides.map(({name, lines}) => ({
		name,
		verdict: server =>
			waitFor(`a check of ${server}; there are ${lines.join(' | ')}`, () => {
				const line = lines.find(one => one.includes(`Health check for server ${server} `));
				return line?.replace(/^.* (failed|succeeded), reason: (.*?),? check duration: .*$/, '$1: $2');
			}),
	}));
}

test('http-check: requests made of variables, on several connections', async t => {
	const received: string[] = [];
	const echo = (head: string) => {
		received.push(head.replace(/\r\n/g, '|').toLowerCase());
		return `HTTP/1.1 200 OK\r\nX-Next: go\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok`;
	};
	const port = await serve(t, answering(echo));
	const other = await serve(t, answering(echo));
	const sides = await startBoth(
		t,
		`
backend be
    option httpchk GET /x
    http-check set-var(check.port) int(${port})
    http-check connect port var(check.port)
    http-check set-var(check.a) str(zz)
    http-check send uri-lf "/q/%[var(check.a)]" hdr X-A "%[var(check.a)]-%[srv_name]"
    http-check expect status 200
    http-check set-var(check.st) status
    http-check set-var(check.next) res.hdr(x-next)
    http-check unset-var(check.a)
    http-check connect port int(${other})
    http-check send meth POST uri-lf "/second/%[var(check.st)]/%[var(check.next)]/%[var(check.a)]" body-lf "%[be_name]"
    http-check expect string ok
    server s1 127.0.0.1:1 check
`,
	);
	for (const side of sides) t.is(await side.verdict('be/s1'), 'succeeded: Layer7 check passed, code: 200', side.name);
	const first = received.filter(head => head.startsWith('get /q/zz http/1.0|x-a: zz-s1|'));
	const second = received.filter(head => head.startsWith('post /second/200/go/ http/1.0|content-length: 2|'));
	t.true(first.length >= sides.length && second.length >= sides.length, received.join('\n'));
});

test('what fails is told with its comment and step', async t => {
	const busy = await serve(
		t,
		answering(() => 'HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno'),
	);
	const good = await serve(
		t,
		answering(() => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'),
	);
	const mute = await serve(t, () => {});
	const down = await closedPort();
	const cases: Readonly<
		Record<string, readonly [option: string, port: number, steps: readonly string[], verdict: string]>
	> = {
		own: [
			'httpchk',
			busy,
			['http-check expect status 200 comment "exp c"'],
			'failed: Layer7 wrong status, code: 503, info: "No comment: exp c",',
		],
		before: [
			'httpchk',
			busy,
			['http-check comment "c2"', 'http-check expect status 200'],
			'failed: Layer7 wrong status, code: 503, info: "No comment: c2",',
		],
		content: [
			'httpchk',
			good,
			['http-check expect status 200', 'http-check comment "second must"', 'http-check expect string nothere'],
			'failed: Layer7 invalid response, info: "HTTP content check did not match comment: second must",',
		],
		several: [
			'httpchk',
			good,
			['http-check expect status 200', 'http-check expect ! string nothere', 'http-check expect string ok'],
			'succeeded: Layer7 check passed, code: 200,',
		],
		refused: [
			'httpchk',
			down,
			['http-check connect comment "nobody"'],
			'failed: Layer4 connection problem, info: "Connection refused",',
		],
		tcprefused: [
			'tcp-check',
			good,
			['tcp-check comment "nobody"', `tcp-check connect port ${down}`],
			`failed: Layer4 connection problem, info: "Connection refused at step 2 of tcp-check (connect port ${down}) comment: 'nobody'",`,
		],
		text: [
			'tcp-check',
			good,
			[
				'tcp-check connect',
				'tcp-check set-var(check.v) str(hey)',
				String.raw`tcp-check send-lf "GET /%[var(check.v)] HTTP/1.0\r\n\r\n"`,
				'tcp-check expect string 200',
			],
			'succeeded: Layer7 check passed, code: 0, info: "(tcp-check)",',
		],
		hex: [
			'tcp-check',
			good,
			[
				'tcp-check connect',
				'tcp-check set-var(check.v) str(0d0a)',
				'tcp-check send-binary-lf "474554202f20485454502f312e30%[var(check.v)]%[var(check.v)]"',
				'tcp-check expect string 200',
			],
			'succeeded: Layer7 check passed, code: 0, info: "(tcp-check)",',
		],
		nohex: [
			'tcp-check',
			good,
			['tcp-check connect', 'tcp-check send-binary-lf "zz"', 'tcp-check expect string 200'],
			'failed: Layer7 invalid response, info: "tcp-check send : failed to build log-format string at step 2",',
		],
		unwanted: [
			'tcp-check',
			good,
			[
				'tcp-check connect',
				String.raw`tcp-check send "GET / HTTP/1.0\r\n\r\n"`,
				'tcp-check comment "the expect"',
				'tcp-check expect ! string 200',
			],
			`failed: Layer7 invalid response, info: "TCPCHK matched unwanted content '200' at step 4 comment: the expect",`,
		],
		late: [
			'tcp-check',
			mute,
			['tcp-check connect', 'tcp-check send x', 'tcp-check expect string a comment "slow"'],
			`failed: Layer7 timeout, info: " at step 3 of tcp-check (expect string 'a') comment: 'slow'",`,
		],
	};
	const backends = Object.entries(cases).map(
		([name, [option, port, steps]]) => `
backend ${name}
    option ${option}
    ${steps.join('\n    ')}
    server s 127.0.0.1:${port} check`,
	);
	for (const side of await startBoth(t, backends.join('\n'))) {
		for (const [name, [, , , expected]] of Object.entries(cases)) {
			t.is(await side.verdict(`${name}/s`), expected.replace(/,$/, ''), `${side.name} ${name}`);
		}
	}
});
