import test from 'ava';
import fc from 'fast-check';
import {decodeCookieDate, encodeCookieDate} from '../../src/persistence/cookie-date.ts';

// Measured on HAProxy 2.6.
for (const [seconds, text] of [
	[1_795_582_571.4, 'awZqb'],
	[1_795_582_573.2, 'awZqc'],
	[0, 'AAAAA'],
	[1, 'AAAAB'],
	[4, 'AAAAB'],
	[5, 'AAAAC'],
] as const) {
	test(`${seconds} s is written ${text}`, t => {
		t.is(encodeCookieDate(seconds), text);
	});
}

for (const [text, at] of [
	['', 0],
	['awZq', 0],
	['awZ!b', 0],
	['xxawZq', 2],
	['AAAAA', 0],
] as const) {
	test(`"${text}" at ${at} is no date`, t => {
		t.is(decodeCookieDate(text, at), undefined);
	});
}

test('a date read back is at most one unit later', t => {
	fc.assert(
		fc.property(fc.integer({min: 1, max: 2 ** 32 - 4}), seconds => {
			const back = decodeCookieDate(`|${encodeCookieDate(seconds)}`, 1);
			t.true(back !== undefined && back >= seconds && back < seconds + 4);
		}),
	);
});
