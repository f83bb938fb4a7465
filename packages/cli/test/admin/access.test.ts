import test from 'ava';
import {findNamesRefusal, listOwnNames, type RequestNames} from '../../src/admin/access.ts';

const loopback = listOwnNames({host: '127.0.0.1', hostNames: ['lb.example']});
const outer = listOwnNames({host: '10.0.0.11', hostNames: []});

function ask(host: string | undefined, origin?: string, fetchSite?: string, own = loopback) {
	const names: RequestNames = {host, origin, fetchSite};
	return findNamesRefusal(names, own)?.status;
}

test('a request is answered under the names of the server, at any port: a tunnel ends where it likes', t => {
	for (const host of ['127.0.0.1:8404', 'localhost:9000', 'LOCALHOST', '[::1]:8404', 'lb.example'])
		t.is(ask(host), undefined, host);
	t.is(ask('10.0.0.11:8404', undefined, undefined, outer), undefined);
	t.is(ask('[fd00::1]:1', undefined, undefined, listOwnNames({host: 'fd00::1', hostNames: []})), undefined);
});

test('a foreign name that leads here is refused (DNS rebinding)', t => {
	for (const host of [
		'evil.example',
		'evil.example:8404',
		'localhost.evil.example',
		'127.0.0.1.evil.example',
		'',
		undefined,
		'a b',
	])
		t.is(ask(host), 421, host);
	t.is(ask('localhost:8404', undefined, undefined, outer), 421);
	t.is(ask('127.0.0.1@evil.example'), 421);
	t.is(ask('evil.example@127.0.0.1'), 421);
});

test('a page of another origin may ask nothing', t => {
	t.is(ask('localhost:8404', 'http://localhost:8404'), undefined);
	t.is(ask('lb.example', 'https://lb.example'), undefined);
	t.is(ask('localhost:8404', 'http://localhost:9999'), 403);
	t.is(ask('localhost:8404', 'https://evil.example'), 403);
	t.is(ask('localhost:8404', 'null'), 403);
	t.is(ask('localhost:8404', undefined, 'cross-site'), 403);
	t.is(ask('localhost:8404', undefined, 'same-origin'), undefined);
	t.is(ask('localhost:8404', undefined, 'none'), undefined);
});
