/**
 * The witness itself: one UDP port, one file, nothing else.
 *
 * Decides that no promise leaves before it is on the disk, and that a pair it has no key of gets no answer at all. Leaves the
 * judgement to `ledger.ts`.
 */
import {randomBytes} from 'node:crypto';
import type {Socket} from 'node:dgram';
import {type Key, sign, verify} from '../authentication.ts';
import {openSocket} from '../udp-path.ts';
import {answerQuestion, EMPTY_RECORD, type Ledger, type LedgerRecord, openLedger} from './ledger.ts';
import {type Records, readRecords, writeRecords} from './record-file.ts';
import {decodeQuestion, encodeAnswer, type WitnessQuestion} from './wire.ts';

/** Pairs that one witness serves. */
const MOST_PAIRS = 64;

export interface WitnessServerOptions {
	readonly address: string;
	readonly port: number;
	readonly keys: readonly Key[];
	readonly stateFile: string;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	readonly log: (level: 'info' | 'warn', message: string) => void;
}

export class WitnessServer {
	readonly #options: WitnessServerOptions;
	readonly #token = randomBytes(8).toString('hex');
	readonly #ledgers = new Map<string, Ledger>();
	#records: Records;
	#socket: Socket | undefined;
	#refused = 0;
	#trouble = '';

	/** @throws when the state file is damaged or not readable. */
	constructor(options: WitnessServerOptions) {
		this.#options = options;
		this.#records = readRecords(options.stateFile);
		// A directory that cannot be written is found out now, not when a pair needs an answer.
		writeRecords(options.stateFile, this.#records);
		for (const [cluster, record] of this.#records) {
			this.#ledgers.set(cluster, openLedger(record, this.#token, options.now()));
		}
	}

	/** Resolves when the port is open. Rejects with the socket's error. */
	async open(): Promise<void> {
		const {address} = this.#options;
		try {
			await this.#open(address);
		} catch (error) {
			// A machine without IPv6 has no such address; one that has it answers IPv4 there too.
			const code = error instanceof Error && 'code' in error ? error.code : undefined;
			if (address !== '::' || (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL')) throw error;
			await this.#open('0.0.0.0');
		}
	}

	#open(address: string): Promise<void> {
		const {port} = this.#options;
		const socket = openSocket(address);
		this.#socket = socket;
		socket.on('message', (bytes, source) => this.#receive(bytes, source.address, source.port));
		return new Promise((resolve, reject) => {
			socket.once('error', reject);
			socket.bind({address, port, exclusive: true}, () => {
				socket.off('error', reject);
				socket.on('error', error => this.#options.log('warn', error.message));
				resolve();
			});
		});
	}

	/** The port in use; of interest when 0 was asked for. */
	get port(): number {
		return this.#socket?.address().port ?? 0;
	}

	/** Datagrams that came to nothing. */
	get refused(): number {
		return this.#refused;
	}

	close(): void {
		this.#socket?.close();
		this.#socket = undefined;
	}

	#receive(bytes: Uint8Array, address: string, port: number): void {
		const question = decodeQuestion(bytes);
		const key = question && this.#options.keys.find(each => each.id === question.keyId);
		const ledger = question && this.#findLedger(question);
		if (
			question === undefined ||
			key === undefined ||
			ledger === undefined ||
			verify(bytes, this.#options.keys) !== 'ok'
		) {
			this.#refused += 1;
			return;
		}
		const {ledger: next, answer} = answerQuestion(ledger, question, this.#options.now());
		if (!this.#keep(question, ledger, next) || answer === undefined) return;
		const reply = encodeAnswer(answer);
		const signing = this.#options.keys.find(each => each.id === key.id && verify(bytes, [each]) === 'ok') ?? key;
		sign(reply, signing);
		this.#socket?.send(reply, port, address, () => {});
	}

	#findLedger({clusterId}: WitnessQuestion): Ledger | undefined {
		const known = this.#ledgers.get(clusterId);
		if (known !== undefined) return known;
		return this.#ledgers.size < MOST_PAIRS ? openLedger(EMPTY_RECORD, this.#token, this.#options.now()) : undefined;
	}

	/** @returns false when the promise could not be written down: then it is not made. */
	#keep(question: WitnessQuestion, before: Ledger, after: Ledger): boolean {
		if (after === before) return true;
		if (!isSame(before.record, after.record)) {
			const records = new Map(this.#records).set(question.clusterId, after.record);
			try {
				writeRecords(this.#options.stateFile, records);
			} catch (error) {
				const text = error instanceof Error ? error.message : String(error);
				if (text !== this.#trouble) this.#options.log('warn', `${text}: no consent is given until this is mended`);
				this.#trouble = text;
				return false;
			}
			this.#trouble = '';
			this.#records = records;
			this.#tell(question, before.record, after.record);
		}
		this.#ledgers.set(question.clusterId, after);
		return true;
	}

	#tell({clusterId, nodeId}: WitnessQuestion, before: LedgerRecord, after: LedgerRecord): void {
		if (before.holder === after.holder) return;
		const verb = after.holder === nodeId ? 'has the consent' : 'gave the consent back';
		this.#options.log('info', `pair ${clusterId.slice(0, 8)}: node ${nodeId.slice(0, 8)} ${verb}, term ${after.term}`);
	}
}

function isSame(a: LedgerRecord, b: LedgerRecord): boolean {
	return a.term === b.term && a.holder === b.holder && a.promisedMs === b.promisedMs;
}
