/**
 * Accepts connections on a socket that listens, with the kernel's calls.
 *
 * Decides how many are taken at a time, and what happens when there is no descriptor left: the kernel keeps them, and is asked again a little later.
 */
import type {Server} from 'node:net';
import {readSocketAddress} from '../system/socket-address.ts';
import {SOCK_CLOEXEC, SOCK_NONBLOCK} from '../system/socket-constants.ts';
import {setKeepAlive, setNoDelay} from './raw-connect.ts';
import {IN, type RawLoop, type Watcher} from './raw-loop.ts';
import {RawWire} from './raw-wire.ts';

const EAGAIN = 11;
const F_DUPFD_CLOEXEC = 1030;
const AT_ONCE = 16;
const PAUSE_MS = 100;
/** A queue is as long as `backlog`; new ones may come while it is emptied. */
const MOST_WAITING = 4096;

export class RawListener implements Watcher {
	readonly port: number;
	readonly fd: number;
	readonly #loop: RawLoop;
	readonly #onAccept: (wire: RawWire) => void;
	/** Undefined: a connection says itself which port it came to. */
	readonly #clientPort: number | undefined;
	#pause: NodeJS.Timeout | undefined;
	#isOpen = true;
	#isHeld: boolean;

	/** Takes a second descriptor of the socket; Node's is closed. */
	constructor(
		loop: RawLoop,
		server: Server,
		fd: number,
		clientPort: number | undefined,
		port: number,
		{keepAlive, isHeld}: {readonly keepAlive: boolean; readonly isHeld: boolean},
		onAccept: (wire: RawWire) => void,
	) {
		const {calls} = loop;
		this.#loop = loop;
		this.port = port;
		this.#clientPort = clientPort;
		this.#onAccept = onAccept;
		this.fd = loop.own(calls.fcntl(fd, F_DUPFD_CLOEXEC, 0));
		server.close();
		setNoDelay(loop, this.fd);
		if (keepAlive) setKeepAlive(loop, this.fd);
		this.#isHeld = isHeld;
		loop.watch(this.fd, this, isHeld ? 0 : IN);
	}

	onEvents(): void {
		for (let i = 0; i < AT_ONCE && this.#isOpen && !this.#isHeld; i++) {
			if (!this.#acceptOne()) return;
		}
	}

	/** False when nobody waits, or when there is no descriptor for who does. */
	#acceptOne(): boolean {
		const {calls, memory} = this.#loop;
		memory.setLength();
		const descriptor = calls.accept4(this.fd, memory.nameAt, memory.lengthAt, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (descriptor < 0) {
			if (calls.errno() !== EAGAIN) this.#rest();
			return false;
		}
		const wire = new RawWire(this.#loop, this.#loop.own(descriptor));
		const {host, port} = readSocketAddress(memory.name);
		wire.remoteAddress = host;
		wire.remotePort = port;
		wire.localPort = this.#clientPort ?? wire.localEnd?.port;
		this.#onAccept(wire);
		return true;
	}

	hold(on: boolean): void {
		if (!this.#isOpen || this.#isHeld === on) return;
		this.#isHeld = on;
		clearTimeout(this.#pause);
		this.#loop.change(this.fd, on ? 0 : IN);
	}

	/** Asked again at once it would only refuse again. */
	#rest(): void {
		this.#loop.change(this.fd, 0);
		this.#pause = setTimeout(() => this.#loop.change(this.fd, IN), PAUSE_MS);
	}

	/** Who waits in a socket that is held is another process's; else he is let in, as the kernel would reset him. */
	close(): void {
		if (!this.#isOpen) return;
		for (let i = 0; i < MOST_WAITING && !this.#isHeld && this.#acceptOne(); i++);
		this.#isOpen = false;
		clearTimeout(this.#pause);
		this.#loop.leave(this.fd);
		this.#loop.close(this.fd);
	}
}
