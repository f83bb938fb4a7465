/**
 * Dates inside a persistence cookie (HAProxy manual, `cookie` … `maxidle`, `maxlife`).
 *
 * Decides the format: five base64 characters, the most significant first, that count units of four seconds since 1970,
 * rounded up. Leaves to others what a date means.
 */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const DIGIT_COUNT = 5;

/** Seconds in one unit: a date that is less than one unit old is not worth a new cookie. */
const COOKIE_DATE_UNIT_S = 4;

/** Writes seconds since 1970. */
export function encodeCookieDate(seconds: number): string {
	let units = Math.ceil(seconds / COOKIE_DATE_UNIT_S);
	let text = '';
	for (let i = 0; i < DIGIT_COUNT; i++) {
		text = DIGITS.charAt(units % 64) + text;
		units = Math.floor(units / 64);
	}
	return text;
}

/** Reads five characters at `at`; seconds since 1970, or `undefined` when they are no date. */
export function decodeCookieDate(text: string, at: number): number | undefined {
	if (at + DIGIT_COUNT > text.length) return undefined;
	let units = 0;
	for (let i = 0; i < DIGIT_COUNT; i++) {
		const digit = DIGITS.indexOf(text.charAt(at + i));
		if (digit === -1) return undefined;
		units = units * 64 + digit;
	}
	return units === 0 ? undefined : units * COOKIE_DATE_UNIT_S;
}
