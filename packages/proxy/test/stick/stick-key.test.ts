import test from 'ava';
import {parseAddress} from '../../src/rules/address.ts';
import {formatKey, KeyBuffer, type KeySample} from '../../src/stick/stick-key.ts';
import {makeStickTable} from '../helpers/stick-table.ts';

const lengths = {ip: 4, ipv6: 16, integer: 4, string: 5, binary: 6} as const;

function convert(type: keyof typeof lengths, sample: KeySample): string | undefined {
	const table = makeStickTable({type, keyBytes: lengths[type]});
	const key = new KeyBuffer(table).fill(sample);
	return key && formatKey(table, key.bytes.slice(0, key.length));
}

test('samples become keys of the table, or none', t => {
	t.is(convert('ip', parseAddress('192.0.2.1')!), '192.0.2.1');
	t.is(convert('ip', '192.0.2.1'), '192.0.2.1');
	t.is(convert('ip', parseAddress('2001:db8::1')!), undefined);
	t.is(convert('ip', 'nobody'), undefined);
	t.is(convert('ipv6', parseAddress('192.0.2.1')!), '::ffff:192.0.2.1');
	t.is(convert('ipv6', parseAddress('2001:db8:0:0:1::1')!), '2001:db8::1:0:0:1');
	t.is(convert('integer', '42'), '42');
	t.is(convert('integer', -1), '4294967295');
	t.is(convert('integer', 'x1'), undefined);
	t.is(convert('string', 'abcdefgh'), 'abcde');
	t.is(convert('string', ''), undefined);
	t.is(convert('string', true), '1');
	t.is(convert('binary', '/ab'), '2F6162000000');
	t.is(convert('binary', parseAddress('192.0.2.1')!), 'C00002010000');
});
