import test from 'ava';
import {errors, remarks} from './helpers/parse.ts';
import {backendRemarks, frontendRemarks} from './helpers/sections.ts';

const TIMES = 'defaults\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n';

test('a name may be that of one frontend and of one backend', t => {
	t.deepEqual(remarks(`${TIMES}frontend x\n bind *:80\n default_backend x\nbackend x\n`), []);
	t.deepEqual(errors(`${TIMES}backend x\nbackend x\n`), [
		"error 6:9 the name 'x' is taken by the backend on line 5 (choose another name)",
	]);
	t.deepEqual(errors(`${TIMES}frontend x\n bind *:80\nlisten x\n bind *:81\n`), [
		"error 7:8 the name 'x' is taken by the frontend on line 5 (choose another name)",
	]);
	t.is(errors(`${TIMES}listen x\n bind *:80\nlisten x\n bind *:81\n`).length, 1);
});

test('numbers are given once', t => {
	t.deepEqual(errors(`${TIMES}backend a\n id 5\nbackend b\n id 5\n`), [
		"error 8:5 id 5 is taken by 'a' (ids are unique over all proxies)",
	]);
	t.deepEqual(backendRemarks('server a 10.0.0.1:80 id 1', 'server b 10.0.0.2:80 id 1'), [
		"error 10:26 id 1 is taken by server 'a' (ids are unique in a backend)",
	]);
});

test('an address is bound once, except by a proxy that is disabled or as a descriptor', t => {
	t.deepEqual(frontendRemarks('bind 127.0.0.1:8080'), [
		'error 8:7 127.0.0.1:8080 is already bound by this section (take one of the two out)',
	]);
	t.deepEqual(errors(`${TIMES}frontend a\n bind *:80\nfrontend b\n bind 0.0.0.0:80\n`), [
		"error 8:7 0.0.0.0:80 is already bound by frontend 'a' (take one of the two out)",
	]);
	t.deepEqual(errors(`${TIMES}frontend a\n bind *:80\nfrontend b\n disabled\n bind *:80\n`), []);
	t.deepEqual(frontendRemarks('bind fd@5', 'bind fd@5'), []);
	t.deepEqual(
		frontendRemarks('bind *:81 interface eth0', 'bind *:81 interface eth1').filter(remark =>
			remark.includes('already'),
		),
		[],
	);
	t.is(frontendRemarks('bind /run/x', 'bind unix@/run/x').length, 1);
});

test('a frontend without an address is a warning', t => {
	t.deepEqual(remarks(`${TIMES}frontend a\n`), [
		"warning 5:10 frontend 'a' has no address to listen on (add a line such as bind *:80)",
	]);
	t.deepEqual(remarks(`${TIMES}frontend a\n disabled\n`), []);
});

test('a backend that is used exists and speaks the same mode', t => {
	t.deepEqual(frontendRemarks('use_backend apii if TRUE'), [
		"error 8:14 there is no backend 'apii' (did you mean 'api'?)",
	]);
	t.deepEqual(remarks(`${TIMES}frontend a\n bind *:80\n default_backend zzz\n`), [
		"error 7:18 there is no backend 'zzz' (add a section 'backend zzz')",
	]);
	t.deepEqual(remarks(`${TIMES}frontend a\n mode http\n bind *:80\n default_backend b\nbackend b\n`), [
		"error 8:18 frontend 'a' is in mode http and cannot use backend 'b' in mode tcp (give both the same mode)",
	]);
	t.deepEqual(remarks(`${TIMES}frontend a\n bind *:80\n default_backend b\nbackend b\n mode http\n`), []);
});

test('server names are unique in their backend, not beyond', t => {
	t.deepEqual(backendRemarks('server a 10.0.0.1:80', 'server a 10.0.0.2:80'), [
		"error 10:9 the name 'a' is taken by the server on line 9 (server names are unique in their backend)",
	]);
});

test('a checked server has a port', t => {
	t.deepEqual(backendRemarks('server a 10.0.0.1 check'), [
		"error 9:9 server 'a' is checked and has no port to check (give its address a port, or say 'port N')",
	]);
	t.deepEqual(backendRemarks('server a 10.0.0.1 check port 80', 'server b 10.0.0.1', 'server c 10.0.0.1:80 check'), []);
	t.deepEqual(backendRemarks('server a /run/x check addr 10.0.0.1'), [
		"error 9:9 server 'a' is checked at another address without a port (say 'port N')",
	]);
});

test('a cookie value without a cookie, and limits that cross, are warnings', t => {
	t.deepEqual(backendRemarks('server a 10.0.0.1:80 cookie a'), [
		"warning 9:23 server 'a' has a cookie value and backend 'web' has no cookie: no client is kept on its server (add a line such as cookie SERVERID insert indirect nocache)",
	]);
	t.deepEqual(backendRemarks('server a 10.0.0.1:80 minconn 5 maxconn 2'), [
		"warning 9:9 server 'a' has minconn 5 above maxconn 2; both count as 5 (minconn is the lower end of a range)",
	]);
});

test('one warning a proxy names the timeouts that are missing', t => {
	t.deepEqual(remarks('listen x\n bind *:80\n server s 10.0.0.1:80\n'), [
		"warning 1:8 listen 'x' has no timeout for: client, connect, server; a silent peer would hold its connection for ever (timeout client 50s, timeout connect 5s, timeout server 50s)",
	]);
	t.deepEqual(remarks('backend x\n'), []);
	t.is(remarks('backend x\n timeout connect 0\n timeout server 5s\n server s 10.0.0.1:80\n').length, 1);
});

test('what needs mode http says so in a proxy of mode tcp', t => {
	t.deepEqual(
		remarks(
			`${TIMES}listen x\n bind *:80\n option httplog\n option forwardfor\n cookie S insert\n redirect location /\n`,
		),
		[
			"warning 5:8 'option httplog' needs mode http; listen 'x' logs as by 'option tcplog' (say 'mode http' or 'option tcplog')",
			"warning 8:2 'option forwardfor' has no effect: listen 'x' is in mode tcp (say 'mode http')",
			"warning 9:2 'cookie' has no effect: listen 'x' is in mode tcp (say 'mode http')",
			"warning 10:2 'redirect' has no effect: listen 'x' is in mode tcp (say 'mode http')",
		],
	);
});

test('rules that read in another order than they run are warned of', t => {
	t.deepEqual(frontendRemarks('redirect location /', 'http-request deny'), [
		"warning 9:2 this rule runs before the 'redirect' rules above it (put it above them, or use 'http-request redirect' for rules in one order)",
	]);
	t.deepEqual(frontendRemarks('http-request deny if FALSE', 'redirect location /'), []);
});

test('the reserve of a buffer is at most its half', t => {
	t.deepEqual(remarks('global\n tune.bufsize 2048\n tune.maxrewrite 1025\n'), [
		'warning 3:18 tune.maxrewrite is more than half of tune.bufsize; 1024 is used (at most 1024)',
	]);
	t.deepEqual(remarks('global\n tune.bufsize 2048\n tune.maxrewrite 1024\n'), []);
});
