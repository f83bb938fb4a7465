/**
 * What a command of the stats socket is: a row of the one table that dispatch, permissions and `help` are made from.
 *
 * Pure. Decides the shape of a row, who may use it and how a line finds it. Leaves the rows to `commands/*`.
 */
import type {Runtime} from './runtime.ts';

/** Each may do what those before it may. */
export const LEVELS = ['user', 'operator', 'admin'] as const;
export type Level = (typeof LEVELS)[number];

/** What a connection to the socket is like now; commands may change it. */
export interface ConversationState {
	level: Level;
	/** How long it may be silent. */
	timeoutMs: number;
	isInteractive: boolean;
	isOver: boolean;
	/** `expert-mode`, `experimental-mode` */
	isExpert: boolean;
	isExperimental: boolean;
}

export interface CommandContext {
	readonly runtime: Runtime;
	readonly conversation: ConversationState;
}

export interface Command {
	/** Fixed words at the start of the line, such as `show stat`. */
	readonly name: string;
	/** What follows them, for `help`. */
	readonly usage: string;
	readonly help: string;
	readonly level: Level;
	/** `payload` is what followed `<<`. Gives the lines of the answer, each with its line end; empty when all is said by doing it. Throws a `NameError` or a `CommandError`. */
	run(context: CommandContext, args: readonly string[], payload?: string): string | Promise<string>;
}

/** The command cannot be carried out: a sentence for whoever gave it. */
export class CommandError extends Error {}

export function mayUse(level: Level, needed: Level): boolean {
	return LEVELS.indexOf(level) >= LEVELS.indexOf(needed);
}

/** The command with the longest name that `words` begin with. */
export function findCommand(commands: readonly Command[], words: readonly string[]): Command | undefined {
	let best: Command | undefined;
	for (const command of commands) {
		if (!beginsWith(words, command) || command.name.length <= (best?.name.length ?? 0)) continue;
		best = command;
	}
	return best;
}

function beginsWith(words: readonly string[], {name}: Command): boolean {
	return name.split(' ').every((word, place) => words[place] === word);
}

/** Columns before the meaning of a command. */
const USAGE_COLUMNS = 48;

/** The commands that `level` may use; those that begin like `words` when there are any. */
export function formatHelp(commands: readonly Command[], level: Level, words: readonly string[]): string {
	const usable = commands.filter(command => mayUse(level, command.level));
	const near = nearest(usable, words);
	const title = near.length > 0 ? 'The nearest commands are:' : 'These commands can be used here:';
	const lines = (near.length > 0 ? near : usable).map(({name, usage, help}) => {
		const form = usage === '' ? name : `${name} ${usage}`;
		return `  ${form.padEnd(USAGE_COLUMNS)} : ${help}\n`;
	});
	return `${title}\n${lines.join('')}`;
}

/** Commands that share the most first words with `words`, if they share any. */
function nearest(commands: readonly Command[], words: readonly string[]): readonly Command[] {
	for (let count = words.length; count > 0; count--) {
		const start = words.slice(0, count).join(' ');
		const near = commands.filter(({name}) => name === start || name.startsWith(`${start} `));
		if (near.length > 0) return near;
	}
	return [];
}

/** The words of a command; a backslash keeps the blank behind it. */
export function splitWords(text: string): readonly string[] {
	return (text.match(/(?:\\.|[^\s\\])+/g) ?? []).map(word => word.replace(/\\(.)/g, '$1'));
}

/** The commands of a line. A backslash keeps the semicolon behind it. */
export function splitCommands(line: string): readonly string[] {
	return (line.match(/(?:\\.|[^;\\])*(?:;|$)/g) ?? [])
		.map(command => command.replace(/;$/, '').trim())
		.filter((command, place, all) => command !== '' || (place === 0 && all.every(other => other === '')));
}
