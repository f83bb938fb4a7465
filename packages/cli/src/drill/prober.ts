/**
 * Looks at the virtual address every 10 ms, as a client that never comes back: a new connection each time, and one request.
 *
 * Decides by this machine's own addresses whether a look crossed the network: while the virtual address is among them, the kernel keeps
 * connections to it inside. A look during which that changed counts for neither. Leaves what the looks mean to `gap.ts`.
 */
import {createConnection} from 'node:net';
import {networkInterfaces} from 'node:os';
import {addressIdOf} from '@hapair/heartbeat';
import type {Look} from './gap.ts';
import type {ProbeTarget} from './probe-target.ts';

export const LOOK_EVERY_MS = 10;
/** Of one look. SYNs that were dropped are repeated after a second: later looks have answered by then. */
const LOOK_LIMIT_MS = 3000;
/** Looks under way at once; beyond it none is begun. */
const MOST_OPEN = 300;
/** Kept: half a minute and more. */
const MOST_LOOKS = 6000;

export class Prober {
	readonly #target: ProbeTarget;
	readonly #looks: Look[] = [];
	readonly #open = new Set<() => void>();
	#timer: NodeJS.Timeout | undefined;
	#looksHere = true;

	constructor(target: ProbeTarget) {
		this.#target = target;
	}

	get looks(): readonly Look[] {
		return this.#looks;
	}

	start(): void {
		this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
	}

	/** Off: no look while the address is here. Such looks pass the shut door, and a handover that drains would wait for them. */
	lookHere(on: boolean): void {
		this.#looksHere = on;
	}

	stop(): void {
		clearInterval(this.#timer);
		for (const end of this.#open) end();
	}

	#look(): void {
		if (this.#open.size >= MOST_OPEN) return;
		const {address, port, path} = this.#target;
		const here = isHere(this.#target);
		if (here && !this.#looksHere) return;
		const startedMs = performance.now();
		const socket = createConnection({host: address, port, noDelay: true});
		const end = (): void => {
			this.#open.delete(end);
			socket.destroy();
		};
		const settle = (outcome: Partial<Look>): void => {
			if (this.#open.has(end)) this.#looks.push({startedMs, ...outcome});
			if (this.#looks.length > MOST_LOOKS) this.#looks.shift();
			end();
		};
		const answer = (more: Partial<Look>): void => {
			const answeredMs = performance.now();
			settle(
				isHere(this.#target) === here ? {answeredMs, here, ...more} : {error: 'the address moved during the look'},
			);
		};
		this.#open.add(end);
		socket.setTimeout(LOOK_LIMIT_MS, () => settle({error: 'no answer'}));
		socket.on('error', error => settle({error: error.message}));
		socket.on('close', () => settle({error: 'closed without an answer'}));
		socket.on('connect', () => {
			if (path === undefined) answer({});
			else socket.write(headRequest(address, path));
		});
		socket.on('data', chunk => {
			const status = /^HTTP\/1\.[01] (\d{3})/.exec(chunk.toString('latin1'))?.[1];
			if (status === undefined) settle({error: 'an answer that is not HTTP'});
			else answer({status: Number(status)});
		});
	}
}

/** On its own interface: where connections live on after a move it is on `lo`, and what is asked of it crosses the network. */
function isHere({address, device}: ProbeTarget): boolean {
	const id = addressIdOf(address);
	return networkInterfaces()[device]?.some(own => addressIdOf(own.address) === id) === true;
}

function headRequest(address: string, path: string): string {
	const host = address.includes(':') ? `[${address}]` : address;
	return `HEAD ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: hapair-drill\r\nConnection: close\r\n\r\n`;
}
