/**
 * The node's socket to the witness: sends questions, hands answers back, and knows whether anybody is there.
 *
 * Decides on the token, which the election need not know: a question that met a witness of another life is asked again with the token in the
 * answer. Once in half a minute it says hello, so that `status` tells of a dead witness before it is needed.
 */
import {randomBytes} from 'node:crypto';
import type {Socket} from 'node:dgram';
import {type Key, sign, verify} from '../authentication.ts';
import type {WitnessReply, WitnessRequest} from '../election/state.ts';
import {openSocket} from '../udp-path.ts';
import {decodeAnswer, encodeQuestion, NO_ID, type QuestionKind} from './wire.ts';

const HELLO_EVERY_MS = 30_000;
/** After a hello without an answer the next comes sooner; so does the first. */
const HELLO_AGAIN_MS = 2000;
const REOPEN_MS = 1000;
/** Questions that are remembered until they are answered. */
const MOST_OPEN = 32;

export interface WitnessLinkOptions {
	readonly host: string;
	readonly port: number;
	/** The first signs; asked for each question, since they may change. */
	readonly keys: () => readonly Key[];
	readonly clusterId: string;
	readonly nodeId: string;
	/** As a process before this one knew; absent: not known. */
	readonly reachable?: boolean | undefined;
	readonly onReply: (reply: WitnessReply) => void;
	/** The witness answers, or has ceased to. */
	readonly onReachable: (reachable: boolean) => void;
	readonly count: (name: string) => void;
	readonly now: () => number;
}

export class WitnessLink {
	readonly #options: WitnessLinkOptions;
	/** Numbers count within the life of this link, so it has an id of its own. */
	readonly #bootId = randomBytes(8).toString('hex');
	#socket: Socket | undefined;
	#token = NO_ID;
	#question: WitnessRequest | undefined;
	/** Numbers of the election by numbers on the wire, of what may yet be answered. */
	readonly #numbers = new Map<number, number>();
	/** Numbers on the wire: a question that is repeated with another token is another one. */
	#sent = 0;
	#answeredMs: number | undefined;
	#reachable: boolean | undefined;
	#unanswered = 0;
	#timer: NodeJS.Timeout | undefined;
	#closed = false;

	constructor(options: WitnessLinkOptions) {
		this.#options = options;
		this.#reachable = options.reachable;
	}

	open(): void {
		const {host, port, count} = this.#options;
		const socket = openSocket(host);
		this.#socket = socket;
		socket.on('message', (bytes, source) => {
			if (source.port === port) this.#receive(bytes);
			else count('witnessRefused');
		});
		socket.on('error', () => {
			socket.close();
			this.#socket = undefined;
			if (!this.#closed) setTimeout(() => this.#closed || this.open(), REOPEN_MS).unref();
		});
		socket.bind();
		this.#greet();
	}

	ask(question: WitnessRequest): void {
		this.#question = question;
		this.#send(question.kind, question.term, question.wantMs, question.number);
	}

	/** Since when the witness has been silent, ms; absent before its first answer. */
	answeredAgoMs(nowMs: number): number | undefined {
		return this.#answeredMs === undefined ? undefined : nowMs - this.#answeredMs;
	}

	get reachable(): boolean {
		return this.#reachable === true;
	}

	/** As it was told last; absent before the first word. */
	get toldReachable(): boolean | undefined {
		return this.#reachable;
	}

	close(): void {
		this.#closed = true;
		clearTimeout(this.#timer);
		this.#socket?.close();
		this.#socket = undefined;
	}

	#greet(): void {
		clearTimeout(this.#timer);
		if (this.#closed) return;
		if (this.#unanswered >= 3) this.#tell(false);
		this.#send('hello', 0, 0);
		const waitMs = this.#unanswered === 1 && this.#reachable === true ? HELLO_EVERY_MS : HELLO_AGAIN_MS;
		this.#timer = setTimeout(() => this.#greet(), waitMs);
	}

	#tell(reachable: boolean): void {
		if (this.#reachable === reachable) return;
		this.#reachable = reachable;
		this.#options.onReachable(reachable);
	}

	/** @param number the election's. */
	#send(kind: QuestionKind, term: number, wantMs: number, number?: number): void {
		const {keys, clusterId, nodeId, host, port, count} = this.#options;
		const [key] = keys();
		if (key === undefined || this.#socket === undefined) return;
		this.#sent += 1;
		this.#unanswered += 1;
		if (number !== undefined) this.#numbers.set(this.#sent, number);
		if (this.#numbers.size > MOST_OPEN) this.#numbers.delete(this.#numbers.keys().next().value!);
		const common = {keyId: key.id, clusterId, nodeId, bootId: this.#bootId, token: this.#token, number: this.#sent};
		const bytes = encodeQuestion({...common, kind, term, wantMs});
		sign(bytes, key);
		count('witnessAsked');
		this.#socket.send(bytes, port, host, () => {});
	}

	#receive(bytes: Uint8Array): void {
		const answer = decodeAnswer(bytes);
		const {keys, clusterId, nodeId, now, count, onReply} = this.#options;
		const isOurs = answer?.clusterId === clusterId && answer.nodeId === nodeId && answer.bootId === this.#bootId;
		if (answer === undefined || !isOurs || answer.number > this.#sent || verify(bytes, keys()) !== 'ok') {
			count('witnessRefused');
			return;
		}
		count('witnessAnswered');
		this.#answeredMs = now();
		this.#unanswered = 0;
		this.#tell(true);
		const question = this.#question;
		if (answer.verdict === 'token') {
			const isNew = answer.token !== this.#token;
			this.#token = answer.token;
			if (isNew && question !== undefined) this.#send(question.kind, question.term, question.wantMs, question.number);
			return;
		}
		const number = this.#numbers.get(answer.number);
		if (number === undefined) return;
		const {verdict, term, leftMs} = answer;
		if (verdict === 'returned' && number === question?.number) this.#question = undefined;
		onReply({number, verdict, term, leftMs});
	}
}
