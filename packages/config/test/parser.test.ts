import test from 'ava';
import {configurationOf, errors, remarks} from './helpers/parse.ts';

const TIMES = ' timeout client 1s\n timeout server 1s\n timeout connect 1s\n';

test('sections come in any order and word blanks before them do not matter', t => {
	const {frontends, backends} = configurationOf(
		`  backend app\n server s 10.0.0.1:80\n\tfrontend web\n bind *:80\n default_backend app\n${TIMES}   global\n maxconn 7\n`,
	);
	t.is(frontends[0]?.defaultBackend, 'app');
	t.is(backends[0]?.servers.length, 1);
});

test('several global sections are one; the last word counts', t => {
	const {global} = configurationOf(
		'global\n maxconn 5\n log 127.0.0.1 local0\nglobal\n maxconn 6\n log 127.0.0.2 local1\n daemon\n',
	);
	t.is(global.maxconn, 6);
	t.true(global.daemon);
	t.is(global.logTargets.length, 2);
});

test('a new defaults section forgets the one before; what was inherited is the own', t => {
	const {frontends, backends} = configurationOf(
		`defaults first\n mode http\n retries 7\n option redispatch\n${TIMES}backend a\nbackend b\n retries 1\n timeout connect 9s\n no option redispatch\nbackend c\ndefaults\nbackend d\nfrontend f\n bind *:80\n`,
	);
	t.deepEqual(
		backends.map(({name, mode, retries, redispatch}) => [name, mode, retries, redispatch]),
		[
			['a', 'http', 7, true],
			['b', 'http', 1, false],
			['c', 'http', 7, true],
			['d', 'tcp', 3, false],
		],
	);
	t.deepEqual(
		backends.map(({timeouts}) => timeouts.connectMs),
		[1000, 9000, 1000, undefined],
	);
	t.deepEqual(frontends[0]?.timeouts, {});
});

test('a listen section is a frontend and a backend of one name and number', t => {
	const {frontends, backends} = configurationOf(`listen web\n bind *:80\n server s 10.0.0.1:80\n${TIMES}`);
	t.like(frontends[0], {name: 'web', id: 2, fromListen: true, defaultBackend: 'web', mode: 'tcp'});
	t.like(backends[0], {name: 'web', id: 2, fromListen: true, balance: 'roundrobin'});
});

test('1.4 gave addresses on listen and frontend lines, with options behind them', t => {
	const {syntax, frontends} = configurationOf(
		`listen a 10.0.0.1:80,:8080\n${TIMES}frontend b *:81 name x\n timeout client 1s\n`,
	);
	t.is(syntax, '1.4');
	t.deepEqual(
		frontends.map(({binds}) => binds.map(({text, name}) => [text, name])),
		[
			[
				['10.0.0.1:80', undefined],
				[':8080', undefined],
			],
			[['*:81', 'x']],
		],
	);
	t.deepEqual(errors('backend b 10.0.0.1:80\n'), [
		"error 1:11 '10.0.0.1:80' is one word too many here (a backend has no address; 'listen' and 'frontend' have)",
	]);
});

test('quotes are read by the syntax of the file, and in a pair always', t => {
	const old =
		'defaults\n contimeout 1s\n clitimeout 1s\n srvtimeout 1s\n mode http\nfrontend f\n bind *:80\n acl a hdr(x) "y\n';
	const pair =
		'pair p\n node a 10.0.0.1 priority 2\n node b 10.0.0.2\n virtual-ip 10.0.0.3/24 dev eth0\n track script "/bin/check a b" every 2s\n secret file /k\n';
	const {frontends, pair: read} = configurationOf(`${pair}${old}`);
	t.deepEqual(frontends[0]?.acls[0]?.test.patterns, [{kind: 'text', text: '"y'}]);
	t.like(read?.tracks[0], {kind: 'script', argv: ['/bin/check', 'a', 'b']});
	t.is(configurationOf(`${old}${pair}`).pair?.tracks.length, 1);
});

test('a section of later versions is one error, and its lines are passed over', t => {
	t.deepEqual(remarks('peers p\n peer a 10.0.0.1:1024\n nonsense\nglobal\n daemon\n'), [
		"error 1:1 section 'peers' is not supported by this version of hapair",
	]);
});

test('a keyword of the other half of a proxy is a warning, as in HAProxy; one of another section an error', t => {
	const text = (kind: string, line: string) => `${kind} x\n ${line}\n`;
	for (const line of ['balance roundrobin', 'timeout connect 1s', 'retries 3', 'option persist', 'cookie S insert']) {
		t.true(
			remarks(text('frontend', line)).some(
				remark =>
					remark.startsWith('warning 2:2') && remark.includes(" has no effect in section 'frontend' (it belongs in "),
			),
			line,
		);
		t.deepEqual(errors(text('frontend', line)), [], line);
	}
	for (const line of [
		'bind *:80',
		'timeout client 1s',
		'monitor-uri /x',
		'maxconn 5',
		'option dontlognull',
		'option httplog',
		'option tcplog',
	]) {
		t.true(
			remarks(text('backend', line)).some(
				remark => remark.startsWith('warning 2:2') && remark.includes(" has no effect in section 'backend'"),
			),
			line,
		);
		t.deepEqual(errors(text('backend', line)), [], line);
	}
	t.deepEqual(errors(text('frontend', 'server s 10.0.0.1:80')), [
		"error 2:2 'server' is not allowed in section 'frontend' (it belongs in 'listen' or 'backend')",
	]);
	t.is(errors(text('frontend', 'default-server check')).length, 1);
	t.is(errors(text('frontend', 'daemon')).length, 1);
});

test('no and default stand before options and log alone', t => {
	t.deepEqual(errors('defaults\n no option httplog\n'), [
		"error 2:2 'no' cannot stand before 'option httplog' (it inverts 'option' lines and 'log')",
	]);
	t.deepEqual(errors('defaults\n no option dontlognull\n default option redispatch\n no log\n no option tcpka\n'), []);
	t.deepEqual(errors('defaults\n no mode http\n'), [
		"error 2:2 'no' cannot stand before 'mode' (it inverts 'option' lines and 'log')",
	]);
});

test('an unknown second word is pointed at, a missing one lists what there is', t => {
	t.regex(errors('defaults\n stats\n').join('\n'), /2:2 'stats' is not complete \(one of enable, uri, /);
	t.deepEqual(errors('global\n stats sockett /x\n'), [
		"error 2:8 unknown 'stats sockett' in section 'global' (did you mean 'socket'?)",
	]);
	t.deepEqual(errors('pair p\n track\n').slice(0, 1).length, 1);
	t.regex(
		errors('pair p\n track\n').join('\n'),
		/'track' is not complete \(one of frontend, backend, script, interface, process, file, steal, delay, gateway\)/,
	);
	t.regex(
		errors('pair p\n track zzzz x\n').join('\n'),
		/2:8 unknown 'track zzzz' in section 'pair' \(one of frontend, /,
	);
});

test('lines before the first section are one error for a file, unless a section word was meant', t => {
	t.is(errors('a\nb\nc\n').length, 1);
	t.deepEqual(errors('gobal\n daemon\n'), ["error 1:1 unknown section 'gobal' (did you mean 'global'?)"]);
});
