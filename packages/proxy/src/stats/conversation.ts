/**
 * One connection to a stats socket, without the socket: lines in, answers out, in order.
 *
 * Decides when a connection is over. Without `prompt` it is when everything that has arrived is answered. A last line without a line feed
 * is not carried out: it may be the beginning of another command. Leaves bytes and timeouts to `socket.ts`.
 */
import {type CommandContext, splitCommands} from './command.ts';
import {runCommand} from './commands.ts';

/** A line longer than this is no command. */
const MAX_LINE = 16_384;
const PROMPT = '> ';

export interface ConversationPort {
	write(text: string): void;
	/** After everything that was written has left. */
	close(): void;
	/** A command is being carried out, nothing more need be read; then it is done. */
	hold(on: boolean): void;
}

export class Conversation {
	readonly #context: CommandContext;
	readonly #port: ConversationPort;
	#text = '';
	#isBusy = false;
	#hasEnded = false;
	#isClosed = false;

	constructor(context: CommandContext, port: ConversationPort) {
		this.#context = context;
		this.#port = port;
	}

	/** What the peer has sent. */
	take(text: string): void {
		this.#text += text;
		if (this.#text.length > MAX_LINE && !this.#text.includes('\n')) this.#close();
		else if (!this.#isBusy) void this.#run();
	}

	/** The peer has ended its direction: what is complete is still answered. */
	end(): void {
		this.#hasEnded = true;
		if (!this.#isBusy) void this.#run();
	}

	async #run(): Promise<void> {
		this.#isBusy = true;
		let hasAnswered = false;
		for (let line = this.#nextLine(); line !== undefined && !this.#isClosed; line = this.#nextLine()) {
			this.#port.hold(true);
			await this.#answer(line);
			hasAnswered = true;
		}
		this.#isBusy = false;
		if (this.#isClosed) return;
		const {isInteractive} = this.#context.conversation;
		if (this.#hasEnded || (hasAnswered && !isInteractive)) this.#close();
		else this.#port.hold(false);
	}

	#nextLine(): string | undefined {
		const end = this.#text.indexOf('\n');
		if (end < 0) return undefined;
		const line = this.#text.slice(0, end).replace(/\r$/, '');
		this.#text = this.#text.slice(end + 1);
		return line;
	}

	async #answer(line: string): Promise<void> {
		const {conversation} = this.#context;
		for (const command of splitCommands(line)) {
			const answer = command === '' && conversation.isInteractive ? '\n' : await runCommand(this.#context, command);
			if (conversation.isOver) {
				this.#close();
				return;
			}
			this.#port.write(conversation.isInteractive ? answer + PROMPT : answer);
		}
	}

	#close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#port.close();
	}
}
