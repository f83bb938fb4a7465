/**
 * Texts of a user's own for webhooks and mail: `{{name}}` stands for a value of the event.
 *
 * Decides the names and the escaping: in a file `….json` a value is written as inside a JSON string, elsewhere as it is, on one line.
 * A name that does not exist is refused when the file is read, at the start and by `hapair check`.
 */
import {closeSync, constants, fstatSync, openSync, readSync} from 'node:fs';
import {UserError} from '../exit-codes.ts';
import {type HookOccasion, oneLine} from './events.ts';
import {headlineOf, severityOf} from './wording.ts';

export interface Template {
	/** Texts and, between them, the values' names: the odd ones. */
	readonly parts: readonly string[];
	readonly isJson: boolean;
}

const MOST_BYTES = 65_536;

const VALUES = {
	headline: headlineOf,
	severity: severityOf,
	event: ({event}: HookOccasion) => event,
	eventId: ({eventId}: HookOccasion) => eventId,
	about: ({about}: HookOccasion) => about,
	pair: ({pair}: HookOccasion) => pair,
	node: ({node}: HookOccasion) => node,
	peer: ({peer}: HookOccasion) => peer,
	oldState: ({oldState}: HookOccasion) => oldState,
	newState: ({newState}: HookOccasion) => newState,
	term: ({term}: HookOccasion) => String(term),
	reason: ({reason}: HookOccasion) => reason,
	priority: ({priority}: HookOccasion) => String(priority),
	virtualAddresses: ({virtualAddresses}: HookOccasion) => virtualAddresses.join(' '),
	interfaces: ({interfaces}: HookOccasion) => interfaces.join(' '),
	time: ({time}: HookOccasion) => time,
	test: ({test}: HookOccasion) => (test === true ? 'true' : 'false'),
} as const;

export function fillTemplate({parts, isJson}: Template, occasion: HookOccasion): string {
	let text = '';
	for (let index = 0; index < parts.length; index++) {
		const part = parts[index] ?? '';
		if (index % 2 === 0) text += part;
		else {
			const value = oneLine(VALUES[part as keyof typeof VALUES](occasion));
			text += isJson ? JSON.stringify(value).slice(1, -1) : value;
		}
	}
	return text;
}

/** @throws {UserError} when the file cannot be read or names what does not exist. */
export function readTemplate(path: string): Template {
	const text = readBounded(path);
	const parts = text.split(/\{\{\s*([A-Za-z]*)\s*\}\}/);
	const wrong = parts.find((part, index) => index % 2 === 1 && !Object.hasOwn(VALUES, part));
	if (wrong !== undefined) {
		const hint = `the values are ${Object.keys(VALUES).join(', ')}`;
		throw new UserError(`${path}: there is no value {{${wrong}}}`, {hint});
	}
	const isJson = path.endsWith('.json');
	const template = {parts, isJson};
	if (isJson) checkJson(path, template);
	return template;
}

function checkJson(path: string, template: Template): void {
	try {
		JSON.parse(template.parts.map((part, index) => (index % 2 === 0 ? part : '0')).join(''));
	} catch {
		const hint = 'values stand inside of strings: "text": "{{headline}}"';
		throw new UserError(`${path}: is not JSON when its values are filled in`, {hint});
	}
}

function readBounded(path: string): string {
	let descriptor: number | undefined;
	try {
		// Non-blocking, or a FIFO in the file's place would hold the daemon for ever.
		descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
		if (!fstatSync(descriptor).isFile()) throw new UserError(`${path}: is not a regular file`);
		const buffer = Buffer.alloc(MOST_BYTES + 1);
		const length = readSync(descriptor, buffer, 0, buffer.length, 0);
		if (length > MOST_BYTES) throw new UserError(`${path}: a template has at most ${MOST_BYTES} bytes`);
		return buffer.toString('utf8', 0, length);
	} catch (error) {
		if (error instanceof UserError) throw error;
		throw new UserError(
			`${path}: the template cannot be read: ${error instanceof Error ? error.message : String(error)}`,
		);
	} finally {
		if (descriptor !== undefined) closeSync(descriptor);
	}
}
