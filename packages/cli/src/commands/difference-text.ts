/**
 * The difference of files as lines for people: unified, coloured on a terminal only.
 *
 * Decides the look, and that nothing in a file moves the cursor. Leaves what may be shown to `sync/compare.ts`.
 */
import type {FileDifference} from '../sync/compare.ts';
import type {Difference} from '../sync/coordinator.ts';
import {clean, type Paint} from '../terminal.ts';

export function formatDifference({own, peer, files}: Difference, paint: Paint): string[] {
	return files.flatMap(file => formatFile(file, own, peer, paint));
}

function formatFile(
	{path, peerPath = path, kind, lines, remark}: FileDifference,
	own: string,
	peer: string,
	paint: Paint,
): string[] {
	if (kind !== 'differs') return [paint('bold', `only on ${kind === 'only here' ? own : peer}: ${clean(path)}`)];
	return [
		paint('bold', `--- ${own}:${clean(path)}`),
		paint('bold', `+++ ${peer}:${clean(peerPath)}`),
		...lines.map(line => paintLine(cleanLine(line), paint)),
		...(remark === undefined ? [] : [paint('dim', `(${remark})`)]),
	];
}

/** The other node's words are cleaned of what a terminal would obey; a tab is a tab. */
function cleanLine(line: string): string {
	return line.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '?');
}

function paintLine(line: string, paint: Paint): string {
	if (line.startsWith('+')) return paint('green', line);
	if (line.startsWith('-')) return paint('red', line);
	return line.startsWith('@@') ? paint('cyan', line) : line;
}
