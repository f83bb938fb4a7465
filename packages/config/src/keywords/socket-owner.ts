/**
 * Who owns the file of a UNIX socket, and who may open it: words of `bind`, `stats socket` and `unix-bind`.
 *
 * Decides what these words say. HAProxy manual, `unix-bind`.
 */
import type {SocketOwner} from '../drafts.ts';
import type {LineCursor} from '../line-cursor.ts';
import {readInteger, readText} from '../readers.ts';

const ID_MAX = 4_294_967_294;

function readMode(cursor: LineCursor): number | undefined {
	const word = cursor.require('the mode', 'such as mode 660');
	if (word === undefined) return undefined;
	if (/^[0-7]{1,4}$/.test(word.text)) return Number.parseInt(word.text, 8);
	cursor.error(word, `'${word.text}' is not an octal mode`, 'such as mode 660');
	return undefined;
}

/** Reads the value of `name` into `owner`; false when `name` is another option. */
export function readSocketOwner(cursor: LineCursor, name: string, owner: SocketOwner): boolean {
	if (name === 'mode') {
		const mode = readMode(cursor);
		if (mode !== undefined) owner.mode = mode;
	} else if (name === 'user' || name === 'group') {
		const text = readText(cursor, name);
		if (text !== undefined) owner[name] = text;
	} else if (name === 'uid' || name === 'gid') {
		const id = readInteger(cursor, name, 0, ID_MAX);
		if (id !== undefined) owner[name] = id;
	} else return false;
	return true;
}
