import test from 'ava';
import {pairOf, pairRemarks} from '../helpers/sections.ts';

test('an admin address may be moved, named and turned off', t => {
	t.deepEqual(pairOf('admin 127.0.0.1:9000 token file /etc/hapair/admin.token host LB.example host lb').admin, {
		host: '127.0.0.1',
		port: 9000,
		tokenFile: '/etc/hapair/admin.token',
		hostNames: ['lb.example', 'lb'],
	});
	t.deepEqual(pairOf('admin [::1]:9000').admin, {host: '::1', port: 9000, hostNames: []});
	t.deepEqual(pairOf('admin ::1').admin, {host: '::1', port: 8404, hostNames: []});
	t.deepEqual(pairOf('admin node:9000').admin, {host: 'node', port: 9000, hostNames: []});
	t.is(pairOf('admin off').admin, undefined);
});

test('an address that others reach is warned of', t => {
	const remark =
		'warning 6:8 whoever is on the way to the admin address can read the token: it is sent without encryption';
	t.deepEqual(pairRemarks('admin 10.0.0.11:8404'), [
		`${remark} (a loopback address, reached by ssh -L 8404:127.0.0.1:8404)`,
	]);
	t.deepEqual(pairRemarks('admin node:99'), [`${remark} (a loopback address, reached by ssh -L 99:127.0.0.1:99)`]);
	t.deepEqual(pairRemarks('admin 127.0.0.1:8404'), []);
});

test('mistakes in an admin line', t => {
	const form = 'admin ADDRESS[:PORT] [token file PATH] [host NAME]…, or admin off';
	const addresses = "127.0.0.1:8404 for this machine only, node:8404 for each node's own address";
	t.deepEqual(pairRemarks('admin'), [`error 6:2 the address is missing at the end of this line (${form})`]);
	t.deepEqual(pairRemarks('admin *:8404'), [
		`error 6:8 the admin address '*:8404' is not an address of one machine (${addresses})`,
	]);
	t.deepEqual(pairRemarks('admin 0.0.0.0:8404'), [
		`error 6:8 the admin address '0.0.0.0:8404' is not an address of one machine (${addresses})`,
	]);
	t.deepEqual(pairRemarks('admin 127.0.0.1:70000'), [`error 6:8 70000 is not a port (${form})`]);
	t.deepEqual(pairRemarks('admin off token file /t'), [`error 6:12 'token' is one word too many here (${form})`]);
	t.deepEqual(pairRemarks('admin 127.0.0.1 token /t'), [
		"error 6:24 'token' is followed by 'file' (token file PATH: tokens stand in files)",
	]);
	t.deepEqual(pairRemarks('admin 127.0.0.1 token file t'), [
		"error 6:29 the token file 't' is not an absolute path (begin it with /)",
	]);
	t.deepEqual(pairRemarks('admin 127.0.0.1 tokens file /t'), [
		"error 6:18 'tokens' is not an option of admin (did you mean 'token'?)",
	]);
	t.deepEqual(pairRemarks('admin 127.0.0.1 host a:80'), [
		"error 6:23 'a:80' is not the name of a host (without a port)",
	]);
	t.deepEqual(pairRemarks('admin off', 'admin off'), [
		`error 7:8 a pair has one admin address, and this is a second (${form})`,
	]);
});
