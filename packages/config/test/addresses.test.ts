import {BlockList, isIPv4, isIPv6} from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import {
	addressBytes,
	addressFamily,
	addressKey,
	clearHostBits,
	formatAddress,
	isHostName,
	isInterfaceName,
	isUnicast,
	parseNetwork,
	parsePrefixBits,
	sameAddress,
} from '../src/addresses.ts';

test('literal addresses have a family; half addresses, names and octal numbers have none', t => {
	t.is(addressFamily('10.0.0.1'), 4);
	t.is(addressFamily('::'), 6);
	t.is(addressFamily('2001:db8::1'), 6);
	t.is(addressFamily('::ffff:10.0.0.1'), 6);
	for (const text of [
		'',
		'1.2.3',
		'1.2.3.256',
		'010.0.0.1',
		'1.2.3.4.5',
		'web1',
		'1::2::3',
		':::',
		'[::1]',
		'fe80::1%eth0',
		'1:2:3:4:5:6:7',
		'1:2:3:4:5:6:7:8:9',
		'12345::',
		'1:2:3:4:5:6:7::8',
		'1.2.3.4::',
	]) {
		t.is(addressFamily(text), undefined, text);
	}
});

test('IPv4 and IPv6 are told apart as Node tells them, for all addresses and their misspellings', t => {
	const spoiled = fc
		.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(45), fc.constantFrom('', ':', '.', '0', 'f', '256', 'g'))
		.map(([text, at, scrap]) => text.slice(0, at) + scrap + text.slice(at + 1));
	fc.assert(
		fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), spoiled), text => {
			const expected = isIPv4(text) ? 4 : isIPv6(text) ? 6 : undefined;
			t.is(addressFamily(text), expected, text);
		}),
		{numRuns: 2000},
	);
});

test('bytes are formatted as RFC 5952 asks', t => {
	const formatted = (text: string) => formatAddress(addressBytes(text)!);
	t.is(formatted('10.0.0.1'), '10.0.0.1');
	t.is(formatted('2001:DB8:0:0:0:0:0:1'), '2001:db8::1');
	t.is(formatted('0:0:0:0:0:0:0:0'), '::');
	t.is(formatted('1:0:0:2:0:0:0:3'), '1:0:0:2::3');
	t.is(formatted('1:0:0:2:3:0:0:4'), '1::2:3:0:0:4');
	t.is(formatted('1:0:2:3:4:5:6:7'), '1:0:2:3:4:5:6:7');
	t.is(formatted('10:0:0:1:100:0:0:1'), '10::1:100:0:0:1');
	t.is(formatted('::1'), '::1');
	t.is(formatted('1::'), '1::');
});

test('a formatted address is the same address', t => {
	fc.assert(
		fc.property(fc.array(fc.constantFrom(0, 0, 0, 1, 16, 255), {minLength: 16, maxLength: 16}), bytes => {
			t.deepEqual(addressBytes(formatAddress(bytes)), bytes);
		}),
	);
});

test('one address in two spellings is one address', t => {
	t.true(sameAddress('2001:DB8::1', '2001:db8:0::1'));
	t.false(sameAddress('2001:db8::1', '2001:db8::2'));
	t.false(sameAddress('10.0.0.1', '::10.0.0.1'));
	t.is(addressKey('2001:DB8::1'), addressKey('2001:db8:0::1'));
});

test('a network is an address with a length or a mask, host bits cleared', t => {
	t.deepEqual(parseNetwork('10.1.2.3/8'), {address: '10.0.0.0', bits: 8, family: 4});
	t.deepEqual(parseNetwork('10.1.2.3/255.255.0.0'), {address: '10.1.0.0', bits: 16, family: 4});
	t.deepEqual(parseNetwork('10.1.2.3'), {address: '10.1.2.3', bits: 32, family: 4});
	t.deepEqual(parseNetwork('0.0.0.0/0'), {address: '0.0.0.0', bits: 0, family: 4});
	t.deepEqual(parseNetwork('2001:db8:1::/33'), {address: '2001:db8::', bits: 33, family: 6});
	t.deepEqual(parseNetwork('::1'), {address: '::1', bits: 128, family: 6});
	for (const text of [
		'10.0.0.0/33',
		'::/129',
		'10.0.0.0/',
		'10.0.0.0/255.0.255.0',
		'10.0.0/8',
		'web/8',
		'::/255.0.0.0',
		'10.0.0.0/8/8',
		'10.0.0.0/-1',
	]) {
		t.is(parseNetwork(text), undefined, text);
	}
});

test('a network holds the addresses that it holds for Node', t => {
	fc.assert(
		fc.property(fc.ipV4(), fc.integer({min: 1, max: 32}), fc.ipV4(), (address, bits, other) => {
			const list = new BlockList();
			list.addSubnet(address, bits);
			const network = parseNetwork(`${address}/${bits}`)!;
			t.is(parseNetwork(`${other}/${bits}`)!.address === network.address, list.check(other));
		}),
	);
});

test('a prefix length fits its family; a mask is contiguous', t => {
	t.is(parsePrefixBits('32', 4), 32);
	t.is(parsePrefixBits('33', 4), undefined);
	t.is(parsePrefixBits('128', 6), 128);
	t.is(parsePrefixBits('0.0.0.0', 4), 0);
	t.is(parsePrefixBits('255.255.255.252', 4), 30);
	t.is(parsePrefixBits('255.0.255.0', 4), undefined);
	t.deepEqual(clearHostBits([255, 255, 255, 255], 9), [255, 128, 0, 0]);
});

test('a host name has labels of letters, digits and dashes, and no number at its end', t => {
	for (const text of ['web1', 'web1.example.com', 'a-b.c', 'example.com.', '_srv.x', 'x'.repeat(63)])
		t.true(isHostName(text), text);
	for (const text of [
		'',
		'.',
		'a..b',
		'-a',
		'a-',
		'10.0.0.300',
		'1',
		'a b',
		'a/b',
		'x'.repeat(64),
		`${'a.'.repeat(127)}`,
	])
		t.false(isHostName(text), text);
});

test('an interface name has 1 to 15 harmless characters', t => {
	for (const text of ['eth0', 'bond0.100', 'br-lan', 'e', 'abcdefghijklmno']) t.true(isInterfaceName(text), text);
	for (const text of ['', '-a', '.', '..', 'eth0:1', 'a/b', 'a b', 'abcdefghijklmnop', 'é'])
		t.false(isInterfaceName(text), text);
});

test('an address of one machine is neither unspecified nor multicast nor broadcast', t => {
	for (const text of ['10.0.0.1', '127.0.0.1', '223.255.255.255', '2001:db8::1', 'fe80::1'])
		t.true(isUnicast(text), text);
	for (const text of ['0.0.0.0', '0.0.0.1', '224.0.0.1', '255.255.255.255', '::', 'ff02::1', 'web1'])
		t.false(isUnicast(text), text);
});
