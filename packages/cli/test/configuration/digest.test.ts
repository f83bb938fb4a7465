import test from 'ava';
import {computeConfigDigest} from '../../src/configuration/digest.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

test('the digest is 16 bytes in hex and the same for the same parts', t => {
	t.regex(computeConfigDigest([bytes('global\n')]), /^[0-9a-f]{32}$/);
	t.is(computeConfigDigest([bytes('a'), bytes('b')]), computeConfigDigest([bytes('a'), bytes('b')]));
});

test('text that moves from one part to the next changes the digest', t => {
	t.not(computeConfigDigest([bytes('ab'), bytes('c')]), computeConfigDigest([bytes('a'), bytes('bc')]));
	t.not(computeConfigDigest([bytes('ab')]), computeConfigDigest([bytes('ab'), bytes('')]));
});
