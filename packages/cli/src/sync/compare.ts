/**
 * What differs between the files of the two nodes, for people. Pure.
 *
 * Decides what is shown: the lines of texts that everybody may read on both nodes. Of others only that they differ: members of the group
 * `hapair` may ask the daemon, and are not root.
 */
import type {SyncFile} from './file-set.ts';
import {diffTexts} from './unified-diff.ts';

export interface FileDifference {
	/** As this node has it, or else the other one. */
	readonly path: string;
	/** As the other node has it, where that is another place. */
	readonly peerPath?: string;
	readonly kind: 'differs' | 'only here' | 'only there';
	/** Unified, from this node to the other. */
	readonly lines: readonly string[];
	/** Why there are no lines, or not all. */
	readonly remark?: string;
}

/** What is shown of all files, in characters: the control socket keeps no more for a reader who is slow. */
const mostCharacters = 400_000;

type ComparedFile = Pick<SyncFile, 'key' | 'path' | 'bytes' | 'mode'>;

export function compareFiles(own: readonly ComparedFile[], peer: readonly ComparedFile[]): FileDifference[] {
	const theirs = new Map(peer.map(file => [file.key, file]));
	const ours = new Set(own.map(({key}) => key));
	const found = [
		...own.flatMap(file => compareFile(file, theirs.get(file.key)) ?? []),
		...peer.filter(({key}) => !ours.has(key)).map(({path}) => ({path, kind: 'only there', lines: []}) as const),
	];
	let room = mostCharacters;
	return found.map(difference => {
		const kept = difference.lines.findIndex(line => {
			room -= line.length + 1;
			return room < 0;
		});
		if (kept < 0) return difference;
		return {
			...difference,
			lines: difference.lines.slice(0, kept),
			remark: `${difference.lines.length - kept} more lines`,
		};
	});
}

function compareFile(own: ComparedFile, peer: ComparedFile | undefined): FileDifference | undefined {
	const {path} = own;
	if (peer === undefined) return {path, kind: 'only here', lines: []};
	if (own.bytes.equals(peer.bytes)) return undefined;
	const both = {path, kind: 'differs', ...(peer.path === path ? {} : {peerPath: peer.path})} as const;
	const closed = [own, peer].find(({mode}) => (mode & 0o004) === 0);
	if (closed !== undefined) {
		const mode = closed.mode.toString(8).padStart(4, '0');
		return {...both, lines: [], remark: `not shown: it is closed to others (mode ${mode})`};
	}
	if (own.bytes.includes(0) || peer.bytes.includes(0)) return {...both, lines: [], remark: 'not a text'};
	return {...both, lines: diffTexts(own.bytes.toString('utf8'), peer.bytes.toString('utf8'))};
}
