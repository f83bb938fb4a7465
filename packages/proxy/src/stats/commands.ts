/**
 * All commands of the stats socket, and how one is carried out.
 *
 * Decides what an unknown command, a missing permission and a mistake are answered with.
 */
import {
	type Command,
	type CommandContext,
	CommandError,
	type ConversationState,
	findCommand,
	formatHelp,
	mayUse,
	splitWords,
} from './command.ts';
import {insideCommands} from './commands/inside.ts';
import {patternCommands} from './commands/patterns.ts';
import {processCommands} from './commands/process.ts';
import {serverCommands} from './commands/servers.ts';
import {showCommands} from './commands/show.ts';
import {tableCommands} from './commands/tables.ts';
import {variableCommands} from './commands/variables.ts';
import {NameError} from './names.ts';

const help: Command = {
	name: 'help',
	usage: '[<command>]',
	help: 'this list, or the commands that begin so',
	level: 'user',
	run: ({conversation}, words) => formatHelp(COMMANDS, conversation.level, words),
};

/** By name. */
export const COMMANDS: readonly Command[] = [
	...showCommands,
	...serverCommands,
	...processCommands,
	...tableCommands,
	...patternCommands,
	...variableCommands,
	...insideCommands,
	help,
].sort((a, b) => (a.name < b.name ? -1 : 1));

/** The answer to one command, with the empty line that ends it. */
export async function runCommand(context: CommandContext, text: string, payload?: string): Promise<string> {
	const words = splitWords(text);
	const command = findCommand(COMMANDS, words);
	if (command === undefined) return `Unknown command. ${formatHelp(COMMANDS, context.conversation.level, words)}\n`;
	if (!mayUse(context.conversation.level, command.level)) return 'Permission denied\n\n';
	try {
		return `${await command.run(context, words.slice(command.name.split(' ').length), payload)}\n`;
	} catch (error) {
		if (error instanceof CommandError || error instanceof NameError) return `${error.message}\n\n`;
		throw error;
	}
}

/** How a connection to a socket of this level begins. */
export function beginConversation(level: ConversationState['level'], timeoutMs: number): ConversationState {
	return {level, timeoutMs, isInteractive: false, isOver: false, isExpert: false, isExperimental: false};
}
