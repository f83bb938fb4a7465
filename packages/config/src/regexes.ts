/**
 * Regular expressions of a configuration (POSIX extended or PCRE in HAProxy) as JavaScript reads them.
 *
 * Decides what can be carried over with the same meaning; the rest is refused. Leaves matching to the proxy.
 */

const POSIX_CLASSES: ReadonlyMap<string, string> = new Map(
	Object.entries({
		alnum: 'A-Za-z0-9',
		alpha: 'A-Za-z',
		blank: ' \\t',
		cntrl: '\\x00-\\x1f\\x7f',
		digit: '0-9',
		graph: '\\x21-\\x7e',
		lower: 'a-z',
		print: '\\x20-\\x7e',
		punct: '\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e',
		space: '\\s',
		upper: 'A-Z',
		xdigit: '0-9A-Fa-f',
	}),
);

/** Longest expression that is compiled. */
const MAX_REGEX_LENGTH = 4096;

/** The source for `new RegExp(source)`, or what is wrong with it. */
export function toRegexSource(text: string): string | {readonly problem: string} {
	if (text.length > MAX_REGEX_LENGTH) return {problem: `longer than ${MAX_REGEX_LENGTH} characters`};
	const source = text.replace(/\[:(\w+):\]/g, (whole, name: string) => POSIX_CLASSES.get(name) ?? whole);
	// JavaScript would read `[[:word:]]` and `[[.x.]]` as something else without a word.
	if (/\[[:.=]\w*[:.=]\]/.test(source)) return {problem: 'a bracket class that is not known here'};
	try {
		new RegExp(source);
		return source;
	} catch (error) {
		const message = error instanceof Error ? error.message : 'it does not compile';
		return {problem: message.slice(message.lastIndexOf(': ') + 2).toLowerCase()};
	}
}
