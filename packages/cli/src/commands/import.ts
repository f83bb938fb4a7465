/**
 * `hapair import`: the pair section for a keepalived.conf, and what of it does not come along.
 *
 * Decides that a section which hapair itself would refuse is never given out. Leaves the reading to `keepalived/`.
 */
import {isIP} from 'node:net';
import {countErrors, formatFindings, parseText} from '../configuration/load.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {loadLines} from '../keepalived/load.ts';
import {type KeepalivedNode, readNode} from '../keepalived/node.ts';
import type {Note} from '../keepalived/notes.ts';
import {writePair} from '../keepalived/pair-lines.ts';
import {listIds, readStatements, type Statement} from '../keepalived/statements.ts';
import type {CommandIo} from './command-io.ts';
import {writeNewFile} from './keygen.ts';

export interface ImportOptions {
	/** This node's file, then the other's where it is known. */
	readonly files: readonly string[];
	/** `NAME=ADDRESS`, in the same order. */
	readonly nodes: readonly string[];
	readonly instance: string | undefined;
	readonly keyFile: string;
	readonly output: string | undefined;
	readonly json: boolean;
}

export function importKeepalived(options: ImportOptions, io: CommandIo): ExitCode {
	const notes: Note[] = [];
	const nodes = readNodes(options, notes);
	const named = options.nodes.map(readNamed);
	const written = writePair({nodes, named, keyFile: options.keyFile}, notes);
	const told = sortNotes(notes);
	if (written.missing.length > 0) {
		if (!options.json) tellNotes(told, io);
		throw new UserError(`not in ${options.files.join(' or ')}: ${written.missing.join('; ')}`, {
			hint: 'name the files of both nodes, or say it: --node lb1=10.0.0.11 --node lb2=10.0.0.12',
			exitCode: exitCodes.usage,
		});
	}
	const parsed = parseText(options.output ?? 'the pair section', written.text);
	if (countErrors(parsed.diagnostics) > 0) {
		io.error(formatFindings(parsed, parsed.diagnostics, io.paintError));
		throw new UserError('these lines make no valid pair section; nothing was written');
	}
	const text = `# From ${options.files.join(' and ')}. The same section on both nodes, in or beside haproxy.cfg.\n${written.text}`;
	if (options.output !== undefined) writeNewFile(options.output, text, 0o644);
	if (options.json) {
		io.out(`${JSON.stringify({ok: true, text, notes: told}, undefined, 2)}\n`);
		return exitCodes.ok;
	}
	tellNotes(told, io);
	if (options.output === undefined) io.out(text);
	else
		io.out(
			`${options.output} written. Next: hapair keygen ${options.keyFile}, on one node, and copy it to the other.\n`,
		);
	return exitCodes.ok;
}

/** A file with `@NAME` conditions for two names is the file of both nodes. */
function readNodes({files, instance}: ImportOptions, notes: Note[]): KeepalivedNode[] {
	if (files.length > 2) {
		throw new UserError('a pair has two nodes: name at most two files', {exitCode: exitCodes.usage});
	}
	const take = (statements: Statement[]): Statement[] =>
		statements.filter(({keyword, words}) => keyword !== 'vrrp_instance' || [words[0], undefined].includes(instance));
	const sources = files.map(file => loadLines(file, notes));
	const [first = []] = sources;
	const ids = sources.length === 1 ? listIds(first) : [];
	if (ids.length === 2) {
		return ids.map(id => ({routerId: id, ...readNode(take(readStatements(first, id, notes)), notes)}));
	}
	return sources.map(lines => readNode(take(readStatements(lines, listIds(lines)[0], notes)), notes));
}

function readNamed(text: string): {readonly name: string; readonly address: string} {
	const at = text.indexOf('=');
	const [name, address] = [text.slice(0, at), text.slice(at + 1)];
	if (at > 0 && isIP(address) !== 0) return {name, address};
	throw new UserError(`--node ${text}: a name and an address are needed`, {
		hint: 'write --node lb1=10.0.0.11',
		exitCode: exitCodes.usage,
	});
}

/** By place, each once: a file that both nodes have is read twice. */
function sortNotes(notes: readonly Note[]): Note[] {
	const unique = new Map(notes.map(note => [`${note.file}:${note.line}: ${note.message}`, note]));
	return [...unique.values()].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}

const noteWords: Readonly<Record<Note['kind'], readonly ['red' | 'yellow' | 'dim', string]>> = {
	lost: ['red', 'not carried over'],
	changed: ['yellow', 'changed'],
	moot: ['dim', 'not needed'],
};

function tellNotes(notes: readonly Note[], io: CommandIo): void {
	for (const {file, line, kind, message} of notes) {
		const [colour, word] = noteWords[kind];
		io.error(`${file}:${line}: ${io.paintError(colour, `${word}:`)} ${message}\n`);
	}
}
