import test from 'ava';
import {readSocketAddress, writeSocketAddress} from '../../src/system/socket-address.ts';

for (const host of ['127.0.0.1', '::1', '2001:db8::1:0:0:5', '::ffff:10.0.0.1']) {
	test(`${host} is read as it was written`, t => {
		t.deepEqual(readSocketAddress(writeSocketAddress(host, 8080)), {host, port: 8080});
	});
}

test('family, port and address lie where ip(7) says', t => {
	t.is(writeSocketAddress('10.1.2.3', 258).toString('hex'), '020001020a0102030000000000000000');
});

test('a unix socket has no such address', t => {
	t.deepEqual(readSocketAddress(Buffer.from([1, 0, 0, 0])), {host: undefined, port: undefined});
});
