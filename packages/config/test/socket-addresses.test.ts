import test from 'ava';
import {checkHost, foreignAddressKind, splitHostPort, unixPath} from '../src/socket-addresses.ts';

test('the port is what follows the last colon', t => {
	t.deepEqual(splitHostPort('10.0.0.1:80'), {host: '10.0.0.1', port: '80', portOffset: 9});
	t.deepEqual(splitHostPort(':80'), {host: '', port: '80', portOffset: 1});
	t.deepEqual(splitHostPort('[::1]:80'), {host: '::1', port: '80', portOffset: 6});
	t.deepEqual(splitHostPort('::1:80'), {host: '::1', port: '80', portOffset: 4});
	t.deepEqual(splitHostPort('[::1]'), {host: '::1', portOffset: 5});
	t.deepEqual(splitHostPort('web1'), {host: 'web1', portOffset: 4});
	t.deepEqual(splitHostPort('ipv4@10.0.0.1:80'), {host: '10.0.0.1', port: '80', portOffset: 14});
	t.deepEqual(splitHostPort('web1:'), {host: 'web1', port: '', portOffset: 5});
});

test('what is wrong with a host is said in the terms of what it looks like', t => {
	t.is(checkHost('10.0.0.1'), undefined);
	t.is(checkHost('2001:db8::1'), undefined);
	t.is(checkHost('web1.example.com'), undefined);
	t.is(checkHost('10.0.0.300')?.message, "'10.0.0.300' is not an IPv4 address");
	t.is(checkHost('10.0.0')?.message, "'10.0.0' is not an IPv4 address");
	t.is(checkHost('1:2')?.message, "'1:2' is not an IPv6 address");
	t.is(checkHost('a_!')?.message, "'a_!' is neither an address nor a host name");
});

test('paths and addresses of other kinds are known by their beginning', t => {
	t.is(unixPath('/run/x'), '/run/x');
	t.is(unixPath('unix@/run/x'), '/run/x');
	t.is(unixPath('10.0.0.1:80'), undefined);
	t.is(foreignAddressKind('abns@x'), 'abns');
	t.is(foreignAddressKind('quic4@:443'), 'quic4');
	t.is(foreignAddressKind('fd@3'), undefined);
});
