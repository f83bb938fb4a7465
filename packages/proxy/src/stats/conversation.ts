/**
 * One connection to a stats socket, without the socket: lines in, answers out, in order.
 *
 * Decides when a connection is over. Without `prompt` it is when everything that has arrived is answered. A last line without a line feed
 * is not carried out: it may be the beginning of another command. A line that ends with `<<` has a payload: the lines up to an empty
 * one. Leaves bytes and timeouts to `socket.ts`.
 */
import {type CommandContext, splitCommands} from './command.ts';
import {runCommand} from './commands.ts';

/** A line longer than this is no command, a longer payload is none. */
const MAX_LINE = 16_384;
const MAX_PAYLOAD = 1_048_576;
const PAYLOAD_MARK = /(?:^|[ \t])<<[ \t]*$/;
const PROMPT = '> ';

interface Order {
	readonly line: string;
	readonly payload: string | undefined;
}

export interface ConversationPort {
	write(text: string): void;
	/** Resolves when the peer has taken so much that more may be written, or is gone. */
	drained(): Promise<void>;
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
		if (this.#isTooLong()) this.#close();
		else if (!this.#isBusy) void this.#run();
	}

	#isTooLong(): boolean {
		const end = this.#text.indexOf('\n');
		if (end < 0) return this.#text.length > MAX_LINE;
		return this.#text.length > end + MAX_PAYLOAD && !this.#isBusy;
	}

	/** The peer has ended its direction: what is complete is still answered. */
	end(): void {
		this.#hasEnded = true;
		if (!this.#isBusy) void this.#run();
	}

	/** The peer is gone: nobody wants the rest. */
	abandon(): void {
		this.#isClosed = true;
		this.#text = '';
	}

	async #run(): Promise<void> {
		this.#isBusy = true;
		let hasAnswered = false;
		for (let order = this.#nextOrder(); order !== undefined && !this.#isClosed; order = this.#nextOrder()) {
			this.#port.hold(true);
			await this.#answer(order);
			hasAnswered = true;
		}
		this.#isBusy = false;
		if (this.#isClosed) return;
		const {isInteractive} = this.#context.conversation;
		if (this.#hasEnded || (hasAnswered && !isInteractive)) this.#close();
		else this.#port.hold(false);
	}

	/** A line, and its payload once all of it is there. */
	#nextOrder(): Order | undefined {
		const end = this.#text.indexOf('\n');
		if (end < 0) return undefined;
		const line = this.#text.slice(0, end).replace(/\r$/, '');
		if (!PAYLOAD_MARK.test(line)) {
			this.#text = this.#text.slice(end + 1);
			return {line, payload: undefined};
		}
		const rest = this.#text.slice(end);
		const blank = /\n\r?\n/.exec(rest);
		if (blank === null) return undefined;
		this.#text = rest.slice(blank.index + blank[0].length);
		return {line: line.replace(PAYLOAD_MARK, ''), payload: rest.slice(1, Math.max(1, blank.index))};
	}

	async #answer({line, payload}: Order): Promise<void> {
		const {conversation} = this.#context;
		for (const command of splitCommands(line)) {
			const answer =
				command === '' && conversation.isInteractive ? '\n' : await runCommand(this.#context, command, payload);
			if (conversation.isOver) {
				this.#close();
				return;
			}
			this.#port.write(conversation.isInteractive ? answer + PROMPT : answer);
			// Who does not read gets no more answers: they would pile up here.
			await this.#port.drained();
			if (this.#isClosed) return;
		}
	}

	#close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#port.close();
	}
}
