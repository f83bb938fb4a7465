/**
 * Orders to a running qemu over its monitor socket (QMP: docs/interop/qmp-spec of QEMU): one JSON object a line.
 *
 * Decides that an order has ten seconds. Events are not looked at.
 */
import {once} from 'node:events';
import {connect, type Socket} from 'node:net';

const limitMs = 10_000;

interface Message {
	readonly id?: number;
	readonly return?: unknown;
	readonly error?: {readonly desc: string};
}

export class Qmp {
	readonly #socket: Socket;
	readonly #waiting = new Map<number, (message: Message | Error) => void>();
	#number = 0;

	private constructor(socket: Socket) {
		this.#socket = socket;
		let text = '';
		socket.on('data', chunk => {
			const lines = (text + chunk.toString()).split('\n');
			text = lines.pop() ?? '';
			for (const line of lines) {
				const message = JSON.parse(line) as Message;
				if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
			}
		});
		socket.on('error', () => {});
		socket.once('close', () => {
			for (const end of this.#waiting.values()) end(new Error('qemu is gone'));
		});
	}

	/** Rejects when nobody listens there. */
	static async connect(path: string): Promise<Qmp> {
		const socket = connect(path);
		await once(socket, 'connect');
		const qmp = new Qmp(socket);
		await qmp.execute('qmp_capabilities');
		return qmp;
	}

	/** What qemu returns; rejects with its words, or when it does not answer. */
	execute(command: string, argv: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
		const id = ++this.#number;
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => end(new Error(`qemu did not answer to ${command}`)), limitMs);
			const end = (message: Message | Error) => {
				clearTimeout(timer);
				this.#waiting.delete(id);
				if (message instanceof Error) reject(message);
				else if (message.error !== undefined) reject(new Error(`${command}: ${message.error.desc}`));
				else resolve(message.return);
			};
			this.#waiting.set(id, end);
			this.#socket.write(`${JSON.stringify({execute: command, arguments: argv, id})}\n`);
		});
	}

	close(): void {
		this.#socket.destroy();
	}
}
