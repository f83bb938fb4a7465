/**
 * The two documents that Debian asks for: `copyright` and `changelog` (Debian policy §4.4, §12.5). Pure.
 *
 * Decides that the changelog is the project's own, in Debian's form: one paragraph for each entry.
 */
import type {Component} from './components.ts';

export const maintainer = 'hapair contributors <hapair@hapair.invalid>';

export function writeCopyright(licence: string, components: readonly Component[]): string {
	const holder = /^Copyright \(c\) (.*)$/m.exec(licence)?.[1] ?? 'hapair contributors';
	const terms = licence.slice(licence.indexOf('Permission'));
	const indented = terms
		.trimEnd()
		.split('\n')
		.map(line => (line === '' ? ' .' : ` ${line}`))
		.join('\n');
	const list = components.map(
		({name, version, licence: id}) => ` ${name} ${version} (${id}): licences/${name.replaceAll('/', '-')}.txt.gz`,
	);
	return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: hapair
Comment:
 /usr/lib/hapair/*.js holds these programs of others, each under the licence
 in /usr/share/doc/hapair/licences:
${list.join('\n')}

Files: *
Copyright: ${holder}
License: Expat

Files: usr/lib/hapair/bin/node
Copyright: Node.js contributors, and those named in licences/node.txt.gz
License: Expat
Comment: Node.js with the libraries that are linked into it; all their terms are in
 /usr/share/doc/hapair/licences/node.txt.gz.

License: Expat
${indented}
`;
}

/** @param epoch seconds since 1970, of the source. */
export function writeDebianChangelog(changelog: string, version: string, epoch: number): string {
	const begin = changelog.indexOf(`## [${version}]`);
	const section = changelog.slice(begin).split(/\n## /)[0] ?? '';
	const entries = begin < 0 ? [] : [...section.matchAll(/^- ((?:.|\n(?= ))*)/gm)];
	const lines = entries.map(([, entry = '']) =>
		wrap(entry.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/\s+/g, ' ')),
	);
	const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000');
	const body = lines.length === 0 ? ['  * A version between releases.'] : lines;
	return `hapair (${version}) unstable; urgency=medium\n\n${body.join('\n')}\n\n -- ${maintainer}  ${date}\n`;
}

/** An entry of 76 columns, its first line marked. */
function wrap(entry: string): string {
	const lines = [''];
	for (const word of entry.trim().split(' ')) {
		const last = lines.at(-1) ?? '';
		if (last.length + word.length < 74) lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
		else lines.push(word);
	}
	return lines.map((line, index) => `${index === 0 ? '  * ' : '    '}${line}`).join('\n');
}
