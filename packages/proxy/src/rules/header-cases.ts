/**
 * Spellings of header names for peers that know only one (HAProxy manual, `h1-case-adjust`, `option h1-case-adjust-bogus-client`).
 *
 * Decides how the names of a head that goes out are written. Leaves who gets it so to the policy. Pure.
 */

/** By lower-case name. */
export type HeaderCases = Readonly<Record<string, string>>;

/** `text` is a head and perhaps what follows it. */
export function spellHeaders(cases: HeaderCases, text: string): string {
	const end = text.indexOf('\r\n\r\n');
	const head = end === -1 ? text : text.slice(0, end);
	const spelled = head.replace(/\r\n([^:\r\n]+)(?=:)/g, (line, name: string) => {
		const wanted = Object.hasOwn(cases, name.toLowerCase()) ? cases[name.toLowerCase()] : undefined;
		return wanted === undefined ? line : `\r\n${wanted}`;
	});
	return end === -1 ? spelled : spelled + text.slice(end);
}
