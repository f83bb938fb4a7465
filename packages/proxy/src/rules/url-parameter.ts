/**
 * Parameters of a URL (HAProxy manual, `url_param`).
 *
 * Decides where they begin (`?`, or another delimiter for path parameters) and end (`&` or `;`). Values stay encoded: `url_dec`
 * decodes them.
 */

/** Shows the values of parameter `name` (every one when empty) until `visit` is satisfied, and says whether it was. */
export function someUrlParameter(
	url: string,
	name: string,
	delimiter: string,
	visit: (value: string) => boolean,
): boolean {
	const start = url.indexOf(delimiter);
	if (start === -1) return false;
	let from = start + 1;
	while (from <= url.length) {
		const end = endOf(url, from);
		const equals = url.indexOf('=', from);
		const hasValue = equals !== -1 && equals < end;
		const isWanted = name === '' || (hasValue ? url.slice(from, equals) === name : url.slice(from, end) === name);
		if (isWanted && visit(hasValue ? url.slice(equals + 1, end) : '')) return true;
		from = end + 1;
	}
	return false;
}

function endOf(url: string, from: number): number {
	for (let at = from; at < url.length; at++) {
		const char = url.charCodeAt(at);
		if (char === 38 || char === 59) return at;
	}
	return url.length;
}
