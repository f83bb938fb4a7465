import test from 'ava';
import fc from 'fast-check';
import {readClientHello} from '../../src/rules/client-hello.ts';
import {clientHello} from '../helpers/client-hello.ts';

test('a whole hello tells its version and the name of the server', t => {
	t.deepEqual(readClientHello(clientHello('a.example')), {version: 0x0303, serverName: 'a.example'});
	t.deepEqual(readClientHello(clientHello('a.example', '\x03\x01')), {version: 0x0301, serverName: 'a.example'});
});

test('every shorter piece is incomplete, whatever follows changes nothing', t => {
	const hello = clientHello('a.example');
	for (let length = 0; length < hello.length; length++) t.is(readClientHello(hello.slice(0, length)), 'incomplete');
	t.deepEqual(readClientHello(`${hello}more`), {version: 0x0303, serverName: 'a.example'});
});

test('what is no TLS is known by its first bytes', t => {
	for (const text of [
		'GET / HTTP/1.1',
		'\x16\x02',
		'\x17\x03\x03',
		'\x16\x03\x01\x00\x40\x02',
		'\x16\x03\x01\x00\x05\x01',
	])
		t.is(readClientHello(text), 'none');
});

test('lengths that lead out of the message lead nowhere', t => {
	const hello = clientHello('a.example');
	fc.assert(
		fc.property(fc.integer({min: 43, max: hello.length - 1}), fc.integer({min: 0, max: 255}), (at, byte) => {
			const broken = hello.slice(0, at) + String.fromCharCode(byte) + hello.slice(at + 1);
			const read = readClientHello(`${broken}${'secret'.repeat(20)}`);
			t.false(typeof read === 'object' && read.serverName?.includes('secret') === true, JSON.stringify(broken));
		}),
		{numRuns: 3000},
	);
});
