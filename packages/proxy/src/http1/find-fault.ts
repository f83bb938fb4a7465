/**
 * Where a refused message head ceases to be one, for a person who looks for the cause.
 *
 * Pure. Decides by the form of lines alone (RFC 9112 §3–5): a head whose lines are all well formed was refused for what they mean
 * together, and then its end is the place. Leaves refusing to the parsers.
 */

const REQUEST_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32} [\x21-\x7e]+ HTTP\/1\.[01]$/;
const STATUS_LINE = /^HTTP\/1\.[01] [1-5][0-9]{2}(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/;
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;

/** The offset of the first character that does not belong there; the length of `head` when no line is to blame. */
export function findFault(head: string, kind: 'request' | 'response'): number {
	let at = 0;
	let isFirst = true;
	while (at < head.length) {
		const end = head.indexOf('\r\n', at);
		const line = head.slice(at, end < 0 ? head.length : end);
		const fault = isFirst ? faultOfFirst(line, kind) : faultOfField(line);
		if (fault >= 0) return at + fault;
		if (end < 0) return head.length;
		at = end + 2;
		isFirst = false;
	}
	return head.length;
}

function faultOfFirst(line: string, kind: 'request' | 'response'): number {
	const form = kind === 'request' ? REQUEST_LINE : STATUS_LINE;
	if (form.test(line)) return -1;
	// The longest beginning that some message could have: up to the first odd character, else the end of the line.
	const odd = line.search(kind === 'request' ? /[^\x20-\x7e]/ : /[^\t\x20-\x7e\x80-\xff]/);
	return odd < 0 ? (kind === 'request' ? faultOfWords(line) : 0) : odd;
}

/** A request line has three words with one blank between them. */
function faultOfWords(line: string): number {
	const [method = '', target = ''] = line.split(' ');
	const name = FIELD_NAME.exec(method)?.[0].length ?? 0;
	if (name < method.length || name === 0) return name;
	if (target === '') return Math.min(line.length, method.length + 1);
	return Math.min(line.length, method.length + target.length + 2);
}

function faultOfField(line: string): number {
	if (line === '') return -1;
	const name = FIELD_NAME.exec(line)?.[0].length ?? 0;
	if (name === 0 || line[name] !== ':') return name;
	return line.search(CONTROL);
}
