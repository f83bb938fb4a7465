/** `option forwardfor` with `except`, `header` and `if-none`. */
import test from 'ava';
import {serveEcho, simple, startProxy} from '../helpers/proxy.ts';

const forwarded = test.macro<[{frontend?: string; backend?: string; lines?: string; expected: string}]>({
	async exec(t, {frontend = '', backend = '', lines = '', expected}) {
		const proxy = await startProxy(t, simple(await serveEcho(t), {frontend, backend}));
		const client = proxy.connect();
		client.send(`GET / HTTP/1.1\r\nHost: x\r\n${lines}\r\n`);
		await client.untilText('\r\n\r\nGET ');
		t.is(client.text.slice(client.text.indexOf('Host: x\r\n') + 9), `${expected}\r\n`);
	},
	title: (name = '') => name,
});

const OWN = 'X-Forwarded-For: 127.0.0.1\r\n';
const GIVEN = 'X-Forwarded-For: 192.0.2.7\r\n';

test('without the option nothing is added', forwarded, {lines: GIVEN, expected: GIVEN});
test('a line is added', forwarded, {frontend: 'option forwardfor', expected: OWN});
test('behind those that are there', forwarded, {frontend: 'option forwardfor', lines: GIVEN, expected: GIVEN + OWN});
test('once, when both sides ask', forwarded, {
	frontend: 'option forwardfor',
	backend: 'option forwardfor',
	expected: OWN,
});
test('except for clients of a network', forwarded, {frontend: 'option forwardfor except 127.0.0.0/8', expected: ''});
test('but for the others', forwarded, {frontend: 'option forwardfor except 192.0.2.0/24', expected: OWN});
test('under another name', forwarded, {
	backend: 'option forwardfor header X-Client',
	expected: 'X-Client: 127.0.0.1\r\n',
});
test('if-none: not behind another', forwarded, {frontend: 'option forwardfor if-none', lines: GIVEN, expected: GIVEN});
test('if-none: where there is none', forwarded, {frontend: 'option forwardfor if-none', expected: OWN});
test('if-none counts only when both sides say it', forwarded, {
	frontend: 'option forwardfor if-none',
	backend: 'option forwardfor',
	lines: GIVEN,
	expected: GIVEN + OWN,
});
