import test from 'ava';
import {configurationOf} from './helpers/parse.ts';
import {backendOf, frontendOf, globalOf} from './helpers/sections.ts';

test('proxies are numbered from 2 in the order of the file, around the numbers that are given', t => {
	const {frontends, backends} = configurationOf(
		'backend a\n id 3\nbackend b\nbackend c\nlisten d\n bind *:80\nbackend e\n id 2147483647\n',
	);
	t.deepEqual(
		backends.map(({name, id}) => [name, id]),
		[
			['a', 3],
			['b', 2],
			['c', 4],
			['d', 5],
			['e', 2_147_483_647],
		],
	);
	t.is(frontends[0]?.id, 5);
});

test('servers are numbered in their backend and indexed over all', t => {
	const {backends} = configurationOf(
		'backend a\n server x 10.0.0.1:80\n server y 10.0.0.2:80 id 1\nbackend b\n server z 10.0.0.3:80\n',
	);
	t.deepEqual(
		backends.flatMap(({servers}) => servers.map(({name, id, index}) => [name, id, index])),
		[
			['x', 2, 0],
			['y', 1, 1],
			['z', 1, 2],
		],
	);
});

test('rules run block first, then http-request, then redirect', t => {
	const {httpRequestRules} = frontendOf([
		'redirect location /r',
		'http-request set-header X y',
		'block if FALSE',
		'http-request allow',
		'redirect prefix /q',
	]);
	t.deepEqual(
		httpRequestRules.map(({kind, position}) => [kind, position.line]),
		[
			['deny', 10],
			['set-header', 9],
			['allow', 11],
			['redirect', 8],
			['redirect', 12],
		],
	);
});

test('connections are kept unless an option says otherwise; the last one counts today', t => {
	const mode = (...lines: readonly string[]) => frontendOf(lines).connectionMode;
	t.is(mode(), 'keep-alive');
	t.is(mode('option http-server-close'), 'server-close');
	t.is(mode('option httpclose'), 'close');
	t.is(mode('option http-tunnel'), 'tunnel');
	t.is(mode('option httpclose', 'option http-keep-alive'), 'keep-alive');
	t.is(mode('option httpclose', 'no option httpclose'), 'keep-alive');
});

test('in 1.4 close goes before server-close, in any order', t => {
	const mode = (...lines: readonly string[]) => frontendOf(lines, {syntax: '1.4'}).connectionMode;
	t.is(mode('option httpclose', 'option http-server-close'), 'close');
	t.is(mode('option forceclose', 'option http-server-close'), 'close');
	t.is(mode('option http-server-close'), 'server-close');
});

test('log global means the targets of the global section, whenever they are said', t => {
	const {frontends} = configurationOf(
		'frontend a\n log global\n log 10.0.0.2 local1\n bind *:80\n timeout client 1s\nfrontend b\n bind *:81\nglobal\n log 10.0.0.1 local0\n',
	);
	t.deepEqual(
		frontends.map(({logTargets}) => logTargets.map(({facility}) => facility)),
		[[16, 17], []],
	);
});

test('minconn alone is the limit; with maxconn it needs a fullconn, a tenth of what may come in', t => {
	const connections = (options: string) => {
		const {servers, fullconn} = backendOf([`server s 10.0.0.1:80 ${options}`]);
		return [servers[0]!.minconn, servers[0]!.maxconn, fullconn];
	};
	t.deepEqual(connections(''), [0, 0, undefined]);
	t.deepEqual(connections('maxconn 10'), [10, 10, undefined]);
	t.deepEqual(connections('minconn 10'), [10, 10, undefined]);
	t.deepEqual(connections('minconn 5 maxconn 10'), [5, 10, 200]);
	t.is(backendOf(['fullconn 7', 'server s 10.0.0.1:80 minconn 5 maxconn 10']).fullconn, 7);
	const {backends} = configurationOf(
		'frontend f\n bind *:80\n maxconn 55\n use_backend b\nbackend b\n server s 10.0.0.1:80 minconn 1 maxconn 2\n',
	);
	t.is(backends[0]?.fullconn, 5);
});

test('httplog in mode tcp is tcplog, and a cookie in mode tcp is none', t => {
	const {frontends, backends} = configurationOf('listen x\n bind *:80\n option httplog\n cookie S insert\n');
	t.is(frontends[0]?.log.format, 'tcp');
	t.is(backends[0]?.cookie, undefined);
});

test('the reserve of a buffer never takes more than half of it', t => {
	t.is(globalOf('tune.bufsize 1024', 'tune.maxrewrite 1000').maxrewriteBytes, 512);
	t.is(globalOf('tune.bufsize 4096').maxrewriteBytes, 1024);
});

test('a source that leaves the choice to the kernel is none', t => {
	const source = (...lines: readonly string[]) =>
		backendOf([...lines, 'server s 10.0.0.1:80']).servers[0]?.sourceAddress;
	t.is(source('source 10.0.0.9'), '10.0.0.9');
	t.is(source('source 0.0.0.0'), undefined);
	t.is(source('source *'), undefined);
	t.is(backendOf(['source 10.0.0.9', 'server s 10.0.0.1:80 source 10.0.0.8']).servers[0]?.sourceAddress, '10.0.0.8');
});

test('all conditions of one name share its list of tests', t => {
	const {useBackends} = frontendOf(['acl a path /x', 'acl a path /y', 'use_backend app if a', 'use_backend api if !a']);
	const [first, second] = useBackends.map(({condition}) => condition?.anyOf[0]?.[0]?.tests);
	t.is(first?.length, 2);
	t.is(first, second);
});
