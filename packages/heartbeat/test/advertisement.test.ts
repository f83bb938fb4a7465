import test from 'ava';
import fc from 'fast-check';
import {
	type Advertisement,
	type Datagram,
	decode,
	encode,
	MAC_BYTES,
	MAX_DATAGRAM_BYTES,
	MAX_NOTE_BYTES,
	MAX_REASON_BYTES,
	MAX_VERSION_BYTES,
	type Refusal,
	sign,
	verify,
} from '../src/index.ts';
import {sampleAdvertisement, sampleDatagram} from './helpers/samples.ts';

const key = {id: 7, secret: Buffer.alloc(32, 1)};
const {clusterId, nodeId} = sampleDatagram;

function read(bytes: Uint8Array): Refusal | Datagram {
	const decoded = decode(bytes, {clusterId, nodeId});
	return decoded.ok ? decoded.datagram : decoded.refusal;
}

const hexOf = (length: number): fc.Arbitrary<string> =>
	fc.uint8Array({minLength: length, maxLength: length}).map(bytes => Buffer.from(bytes).toString('hex'));
const boot = hexOf(8).filter(id => !/^0+$/.test(id));
const count48 = fc.integer({min: 0, max: 2 ** 48 - 1});
const from1 = fc.integer({min: 1, max: 2 ** 48 - 1});
const text = (maxBytes: number): fc.Arbitrary<string> =>
	fc.string({unit: 'grapheme', maxLength: 40}).filter(value => Buffer.byteLength(value) <= maxBytes);
const {boolean} = fc;

const advertisements: fc.Arbitrary<Advertisement> = fc.record({
	bootId: boot,
	sequence: from1,
	term: count48,
	state: fc.constantFrom('initialize', 'backup', 'master', 'fault', 'stopped' as const),
	holdsAddress: boolean(),
	claiming: boolean(),
	draining: boolean(),
	maintenance: boolean(),
	yields: boolean(),
	wish: count48,
	forced: boolean(),
	eligible: boolean(),
	solo: boolean(),
	resigning: boolean(),
	incumbent: boolean(),
	stepsBack: boolean(),
	missesSome: boolean(),
	passesOn: boolean(),
	keeps: boolean(),
	ajar: boolean(),
	health: fc.integer({min: 0, max: 255}),
	priority: fc.integer({min: 1, max: 254}),
	address: hexOf(16),
	advertIntervalMs: fc.integer({min: 10, max: 40_000}),
	leaseMs: fc.integer({min: 0, max: 2 ** 32 - 1}),
	configDigest: hexOf(16),
	echo: fc.option(fc.record({bootId: boot, sequence: count48, ageMs: fc.integer({min: 0, max: 2 ** 32 - 1})}), {
		nil: undefined,
	}),
	refusal: fc.option(fc.record({wish: from1, reason: text(MAX_REASON_BYTES)}), {nil: undefined}),
	note: text(MAX_NOTE_BYTES),
	version: text(MAX_VERSION_BYTES),
});

const datagrams: fc.Arbitrary<Datagram> = fc.record({
	keyId: fc.integer({min: 0, max: 255}),
	clusterId: fc.constant(clusterId),
	nodeId: fc.constant(nodeId),
	challenge: fc.option(fc.record({bootId: boot, sequence: count48}), {nil: undefined}),
	advertisement: advertisements,
});

test('What is encoded is read back, field by field, and never longer than announced', t => {
	fc.assert(
		fc.property(datagrams, datagram => {
			const bytes = encode(datagram);
			t.true(bytes.length <= MAX_DATAGRAM_BYTES);
			t.deepEqual(read(bytes), datagram);
		}),
		{seed: 7, numRuns: 500},
	);
});

test('Bytes that can be read have one reading: encoding it again gives the same bytes', t => {
	const valid = encode({
		...sampleDatagram,
		challenge: {bootId: 'dead00000000beef', sequence: 3},
		advertisement: {...sampleAdvertisement, note: 'näh', refusal: {wish: 4, reason: 'no'}},
	});
	let accepted = 0;
	fc.assert(
		fc.property(fc.nat({max: valid.length - MAC_BYTES - 1}), fc.nat({max: 255}), (offset, value) => {
			const bytes = Uint8Array.from(valid);
			bytes[offset] = value;
			const decoded = decode(bytes, {clusterId, nodeId});
			if (!decoded.ok) return;
			accepted += 1;
			t.deepEqual(encode(decoded.datagram), bytes);
		}),
		{seed: 7, numRuns: 2000},
	);
	t.true(accepted > 500);
});

test('Each flag travels by itself', t => {
	const names = Object.entries(sampleAdvertisement).filter(([, value]) => typeof value === 'boolean');
	const off = Object.fromEntries(names.map(([name]) => [name, false]));
	for (const [name] of names) {
		const advertisement = {...sampleAdvertisement, ...off, [name]: true};
		const decoded = read(encode({...sampleDatagram, advertisement}));
		t.deepEqual(typeof decoded === 'object' && decoded.advertisement, advertisement, name);
	}
});

test('Every byte of a signed datagram counts: whichever one is flipped, it is refused by a name', t => {
	const bytes = encode({...sampleDatagram, advertisement: {...sampleAdvertisement, note: 'a note', echo: undefined}});
	sign(bytes, key);
	const names = new Set<string>();
	for (let offset = 0; offset < bytes.length; offset += 1) {
		for (const mask of [0x01, 0x80, 0xff]) {
			const flipped = Uint8Array.from(bytes);
			flipped[offset]! ^= mask;
			const decoded = decode(flipped, {clusterId, nodeId});
			const refusal = decoded.ok ? verify(flipped, [key]) : decoded.refusal;
			t.not(refusal, 'ok', `byte ${offset} with ${mask}`);
			names.add(refusal);
		}
	}
	const expected = ['cluster', 'flags', 'foreignKey', 'interval', 'length', 'mac', 'magic', 'node', 'reserved'];
	t.deepEqual([...names].sort(), [...expected, 'sequence', 'state', 'utf8', 'version']);
});

test('A datagram cut short at any length is refused', t => {
	const bytes = encode(sampleDatagram);
	for (let length = 0; length < bytes.length; length += 1) {
		t.is(read(bytes.subarray(0, length)), length < 158 ? 'short' : 'length');
	}
});

const malformed: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array | undefined, Refusal])[] = [
	['an empty one', () => new Uint8Array(0), 'short'],
	['one that is longer than any', () => new Uint8Array(MAX_DATAGRAM_BYTES + 1), 'long'],
	['one with a byte too many', bytes => Uint8Array.from([...bytes, 0]), 'length'],
	['one of another protocol', bytes => void bytes.set([0x21], 0), 'magic'],
	['one of another version', bytes => void bytes.set([2], 4), 'version'],
	['one that lies about its length', bytes => void bytes.set([0, 1], 6), 'length'],
	['one of another pair', bytes => void bytes.set([0xff], 8), 'cluster'],
	['our own, come back', bytes => void bytes.set([1], 31), 'node'],
	['one without a boot', bytes => void bytes.fill(0, 48, 56), 'sequence'],
	['one with sequence 0', bytes => void bytes.fill(0, 56, 62), 'sequence'],
	['one in an unknown state', bytes => void bytes.set([5], 68), 'state'],
	['one of priority 0, which no node has', bytes => void bytes.set([0], 70), 'priority'],
	['one of priority 255, the owner that RFC 5798 knows and we do not', bytes => void bytes.set([255], 70), 'priority'],
	['one with unknown flags', bytes => void bytes.set([0x80], 72), 'flags'],
	['a note longer than allowed', bytes => void bytes.set([201], 74), 'length'],
	['a version text longer than allowed', bytes => void bytes.set([21], 75), 'length'],
	['a reason longer than allowed', bytes => void bytes.set([201], 71), 'length'],
	['an interval of 9 ms', bytes => void bytes.set([0, 9], 76), 'interval'],
	['an interval of 40001 ms', bytes => void bytes.set([0x9c, 0x41], 76), 'interval'],
	['an echo of nobody', bytes => void bytes.set([1], 111), 'reserved'],
	['a challenge of nobody', bytes => void bytes.set([1], 129), 'reserved'],
	['a text that is not UTF-8', bytes => void bytes.set([0xff], 142), 'utf8'],
];

for (const [what, damage, refusal] of malformed) {
	test(`Refused: ${what}`, t => {
		const bytes = encode(sampleDatagram);
		t.is(read(damage(bytes) ?? bytes), refusal);
	});
}

test('Refused: a reason without a wish', t => {
	const bytes = encode({...sampleDatagram, advertisement: {...sampleAdvertisement, refusal: {wish: 1, reason: 'no'}}});
	bytes[141] = 0;
	t.is(read(bytes), 'reserved');
});

test('Texts that are too long are cut at a character', t => {
	const long = `${'x'.repeat(MAX_NOTE_BYTES - 1)}€€`;
	const advertisement = {...sampleAdvertisement, note: long, version: 'ü'.repeat(30), refusal: {wish: 1, reason: long}};
	const bytes = encode({...sampleDatagram, advertisement});
	const decoded = read(bytes);
	if (typeof decoded === 'string') return t.fail(decoded);
	t.is(decoded.advertisement.note, 'x'.repeat(MAX_NOTE_BYTES - 1));
	t.is(decoded.advertisement.version, 'ü'.repeat(10));
	t.is(decoded.advertisement.refusal?.reason, 'x'.repeat(MAX_NOTE_BYTES - 1));
	t.true(bytes.length <= MAX_DATAGRAM_BYTES);
});

test('The longest datagram has exactly the length that receivers allow', t => {
	const full = 'x'.repeat(300);
	const advertisement = {...sampleAdvertisement, note: full, version: full, refusal: {wish: 1, reason: full}};
	t.is(encode({...sampleDatagram, advertisement}).length, MAX_DATAGRAM_BYTES);
});

test('Numbers that do not fit are a bug of ours and throw', t => {
	for (const wrong of [{term: 2 ** 48}, {sequence: -1}, {health: 256}, {priority: 1.5}, {bootId: 'XY'.repeat(8)}]) {
		t.throws(() => encode({...sampleDatagram, advertisement: {...sampleAdvertisement, ...wrong}}));
	}
});
