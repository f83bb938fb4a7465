import test from 'ava';
import {Anonymizer} from '../../src/log/anonymizer.ts';
import {parseAddress} from '../../src/rules/address.ts';

const capture = (header: string) => ({header, lengthBytes: 100});
const anonymizer = (bits4 = 24, bits6 = 64, headers: readonly string[] = []) =>
	new Anonymizer(
		{bits4, bits6},
		{captureRequestHeaders: headers.map(capture), captureResponseHeaders: [capture('X-Client-IP')]},
	);

test('the network stays, the rest is zeros', t => {
	const rows: [number, number, string, string][] = [
		[24, 64, '203.0.113.77', '203.0.113.0'],
		[16, 64, '203.0.113.77', '203.0.0.0'],
		[0, 0, '203.0.113.77', '0.0.0.0'],
		[32, 128, '203.0.113.77', '203.0.113.77'],
		[20, 64, '203.0.127.77', '203.0.112.0'],
		[24, 64, '::ffff:203.0.113.77', '203.0.113.0'],
		[24, 64, '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
		[24, 48, '2001:db8:1:2:3:4:5:6', '2001:db8:1::'],
		[24, 0, '2001:db8::1', '::'],
		[24, 128, '2001:db8::1', '2001:db8::1'],
		[24, 64, 'unix', 'unix'],
		[24, 64, '', ''],
	];
	for (const [bits4, bits6, address, expected] of rows) {
		const short = anonymizer(bits4, bits6);
		t.is(short.shorten(address), expected, address);
		t.is(short.shorten(address), expected, 'asked again');
	}
	const short = anonymizer();
	t.deepEqual(
		['192.0.2.1', '192.0.3.1', '192.0.2.9'].map(text => short.shorten(text)),
		['192.0.2.0', '192.0.3.0', '192.0.2.0'],
	);
	t.deepEqual(short.address(parseAddress('192.0.2.9')!), parseAddress('192.0.2.0'));
});

test('captured headers that name clients are shortened too; what only looks like an address is hidden', t => {
	const short = anonymizer(24, 64, ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'User-Agent', '']);
	t.deepEqual(
		short.shortenCaptures(false, [
			'203.0.113.77, 2001:db8:1:2:3::4, unknown, 198.51.100.9:80, 198.51.10',
			'for="[2001:db8:1:2:3::4]:4711";proto=https, for=203.0.113.77;by=_hidden',
			'2001:db8:1:2:3:',
			'Mozilla/5.0 203.0.113.77',
			'203.0.113.77 1.2.3',
		]),
		[
			'203.0.113.0, 2001:db8:1:2::, unknown, 198.51.100.0, -',
			'for="2001:db8:1:2::";proto=https, for=203.0.113.0;by=_hidden',
			'-',
			'Mozilla/5.0 203.0.113.77',
			'203.0.113.0 1.2.3',
		],
	);
	const captures = ['203.0.113.77'];
	t.is(anonymizer(24, 64, ['Host']).shortenCaptures(false, captures), captures);
	t.deepEqual(short.shortenCaptures(false, [undefined]), [undefined]);
	t.deepEqual(short.shortenCaptures(true, captures), ['203.0.113.0'], 'an answer may name its client too');
	t.is(short.header('x-forwarded-for', '2001:db8:1:2:3::4'), '2001:db8:1:2::');
	t.is(short.header('user-agent', '203.0.113.77'), '203.0.113.77');
});
