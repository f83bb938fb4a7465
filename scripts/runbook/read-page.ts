/**
 * docs/runbook.md as something that can be carried out. Pure.
 *
 * Decides how the page says it: a block ```` ```sh WHERE ```` is typed there, a block ```` ```text shows ```` below it is what must be seen, and the table at the top
 * says what clients notice of each section. Nothing in the page is in a block of another kind, so nothing in it is untested. Leaves carrying it out to
 * `carry-out.ts`.
 */
export const places = ['lb1', 'lb2', 'both', 'master', 'backup', 'desk'] as const;
export type Place = (typeof places)[number];

export interface Block {
	readonly line: number;
	readonly place: Place;
	/** `once`; `waits`: it goes on while other blocks are typed; `repeat`: until it shows what it must. */
	readonly manner: 'once' | 'waits' | 'repeat';
	/** For a shell. */
	readonly script: string;
	/** Lines; `…` stands for anything. */
	readonly shows: readonly string[];
}

export interface Section {
	readonly title: string;
	/** The words of the table at the top. */
	readonly notice: string;
	readonly blocks: readonly Block[];
}

/** Throws an `Error` that names the line of what cannot be carried out. */
export function readRunbook(text: string): Section[] {
	const sections: {title: string; notice: string; blocks: Block[]}[] = [];
	const lines = text.split('\n');
	const notices = readNotices(lines);
	for (let index = 0; index < lines.length; index++) {
		const line = lines[index] ?? '';
		const title = /^## (.+)$/.exec(line)?.[1];
		if (title !== undefined) sections.push({title, notice: notices.get(title) ?? '', blocks: []});
		if (!line.startsWith('```')) continue;
		const end = lines.indexOf('```', index + 1);
		const fail = (why: string): never => {
			throw new Error(`line ${index + 1}: ${why}`);
		};
		if (end < 0) fail('this block does not end');
		const blocks = sections.at(-1)?.blocks ?? fail('a block stands above the first section');
		const body = lines.slice(index + 1, end);
		if (line === '```text shows') {
			const last = blocks.pop() ?? fail('nothing shows this');
			if (last.shows.length > 0) fail('this is the second block of what is seen');
			blocks.push({...last, shows: body});
		} else blocks.push({...readMarker(line, fail), line: index + 1, script: body.join('\n'), shows: []});
		index = end;
	}
	return sections;
}

function readMarker(line: string, fail: (why: string) => never): Pick<Block, 'place' | 'manner'> {
	const [, word, manner = 'once'] = /^```sh (\w+)(?: (waits|repeat))?$/.exec(line) ?? [];
	const place = places.find(each => each === word);
	if (place === undefined) return fail(`'${line}' is neither '\`\`\`sh PLACE [waits|repeat]' nor '\`\`\`text shows'`);
	return {place, manner: manner as Block['manner']};
}

/** `| [Title](#anchor), [Title](#anchor) | words |`. */
function readNotices(lines: readonly string[]): Map<string, string> {
	const rows = lines.flatMap(line => /^\| (\[.+\)) \| (.+) \|$/.exec(line)?.slice(1, 3) ?? []);
	const notices = new Map<string, string>();
	for (let index = 0; index < rows.length; index += 2) {
		for (const [, title = ''] of (rows[index] ?? '').matchAll(/\[([^\]]+)\]/g))
			notices.set(title, rows[index + 1] ?? '');
	}
	return notices;
}

/** The lines that must be seen and are not, whatever their order and the width of their columns. */
export function findUnseen(shows: readonly string[], output: string): string[] {
	const seen = output.split('\n').map(line => line.trim().replace(/\s+/g, ' '));
	return shows.filter(expected => {
		const parts = expected
			.trim()
			.replace(/\s+/g, ' ')
			.split('…')
			.map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
		const pattern = new RegExp(`^${parts.join('.*')}$`);
		return !seen.some(line => pattern.test(line));
	});
}
