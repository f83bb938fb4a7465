import test from 'ava';
import fc from 'fast-check';
import {encodeFrame, FrameError, FrameReader} from '../../src/peer/frames.ts';

test('frames come out as they went in, however the bytes are cut', t => {
	fc.assert(
		fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.infiniteStream(fc.nat(40)), (values, cuts) => {
			const bytes = Buffer.concat(values.map(encodeFrame));
			const reader = new FrameReader(1_000_000);
			const found: object[] = [];
			for (let at = 0; at < bytes.length; ) {
				const end = at + 1 + (cuts.next().value ?? 0);
				found.push(...reader.read(bytes.subarray(at, end)));
				at = end;
			}
			t.deepEqual(found, JSON.parse(JSON.stringify(values)));
		}),
		{numRuns: 50},
	);
});

for (const [what, bytes] of [
	['a length over the limit', Buffer.from([0, 0, 4, 1])],
	['a length of four billion', Buffer.from([255, 255, 255, 255])],
	['no JSON', Buffer.from([0, 0, 0, 1, 0x7b])],
	['an array', Buffer.from([0, 0, 0, 2, 0x5b, 0x5d])],
	['null', Buffer.from('\0\0\0\x04null')],
	['nothing', Buffer.from([0, 0, 0, 0])],
] as const) {
	test(`${what} is refused`, t => t.throws(() => new FrameReader(1024).read(bytes), {instanceOf: FrameError}));
}

test('a frame of exactly the limit is taken', t => {
	const frame = encodeFrame({a: 'x'.repeat(100)});
	t.is(new FrameReader(frame.length - 4).read(frame).length, 1);
	t.throws(() => new FrameReader(frame.length - 5).read(frame));
});
