/**
 * One end of a relayed connection: a wire with its deadline, its reading and its writing.
 *
 * Decides into which memory bytes are read (the thread's buffer, or an own one) and how the one side is held back while the other
 * cannot follow. Leaves the calls to the wire and what the bytes mean to sessions.
 */
import {type ConnectOrder, connectWire} from './open-wire.ts';
import {giveBuffer, READ_BYTES, sharedBuffer, takeBuffer} from './read-buffers.ts';
import {Timer, type TimerOwner, type TimerWheel} from './timer-wheel.ts';
import type {LocalEnd, Wire, WireUser} from './wire.ts';

export abstract class Endpoint implements TimerOwner, WireUser {
	#wire!: Wire;
	readonly timer: Timer = new Timer(this);
	readonly #wheel: TimerWheel;
	/** Where the next read goes. */
	#buffer: Buffer = sharedBuffer;
	#isPaused = false;
	/** The other end, held back until all that was written here has left. */
	#heldBack: Endpoint | undefined;
	/** The peer has ended its direction. */
	hasEnded = false;
	isClosed = false;
	errorCode = '';

	constructor(wheel: TimerWheel) {
		this.#wheel = wheel;
	}

	/** `bytes` hold `length` new bytes, valid until return unless `isOwnBuffer`. */
	abstract onRead(bytes: Buffer, length: number): void;
	abstract onEnd(): void;
	abstract onClose(): void;
	abstract onDeadline(nowMs: number): void;
	/** Everything written has left, after the other end had been held back. */
	onDrained(): void {}

	/** Takes over an accepted connection. */
	adopt(accepted: Wire): void {
		this.#wire = accepted;
		accepted.use(this);
	}

	/** Gives its connection to another endpoint and hears of nothing any more. */
	handTo(other: Endpoint): void {
		this.isClosed = true;
		this.#wheel.remove(this.timer);
		this.shareBuffer();
		this.#letGo();
		other.adopt(this.#wire);
		other.hasEnded = this.hasEnded;
	}

	/** Hears of nothing any more: the connection is somebody else's from here on. */
	protected letGo(): void {
		this.isClosed = true;
		this.#wheel.remove(this.timer);
		this.shareBuffer();
	}

	/** Begins to connect; `onConnect` follows, or `onClose` with `errorCode`. */
	connect(options: ConnectOrder, onConnect: () => void): void {
		this.#wire = connectWire(options, this, onConnect);
	}

	onWireEnd(): void {
		this.hasEnded = true;
		this.onEnd();
	}

	onWireClose(code: string): void {
		this.errorCode = code;
		this.isClosed = true;
		this.#wheel.remove(this.timer);
		this.shareBuffer();
		this.#letGo();
		this.onClose();
	}

	onWireDrained(): void {
		this.#letGo();
	}

	/** The address of this machine that the connection uses; undefined for a unix socket. */
	get localAddress(): string | undefined {
		return this.#wire.localEnd?.host;
	}

	/** The same with its port. */
	get localEnd(): LocalEnd | undefined {
		return this.#wire.localEnd;
	}

	/** What goes out from now on has this TOS byte, or this mark of the kernel's; `linger`: the kernel forgets it when it is closed. */
	markPackets(what: 'tos' | 'mark' | 'linger', value: number): void {
		this.#wire.markPackets(what, value);
	}

	/** Closes without a word to the other end. */
	vanish(): void {
		this.#wire.vanish();
		this.destroy();
	}

	/** Where the client wanted to, before the kernel redirected it. */
	get originalEnd(): LocalEnd | undefined {
		return this.#wire.originalEnd;
	}

	// --- Deadline -----------------------------------------------------------------------------------------------------

	/** `afterMs` undefined: wait for ever. */
	setDeadline(nowMs: number, afterMs: number | undefined): void {
		this.#wheel.set(this.timer, afterMs === undefined ? Number.POSITIVE_INFINITY : nowMs + afterMs);
	}

	clearDeadline(): void {
		this.timer.deadlineMs = Number.POSITIVE_INFINITY;
	}

	// --- Reading ------------------------------------------------------------------------------------------------------

	/** Counts as ended from now on, whatever it may still send. */
	stopReading(): void {
		this.hasEnded = true;
		this.pause();
	}

	get isPaused(): boolean {
		return this.#isPaused;
	}

	pause(): void {
		if (this.#isPaused || this.isClosed) return;
		this.#isPaused = true;
		this.#wire.pause();
	}

	resume(): void {
		if (!this.#isPaused || this.isClosed) return;
		this.#isPaused = false;
		this.#wire.resume();
	}

	get readBuffer(): Buffer {
		return this.#buffer;
	}

	/** The bytes of a read stay valid after it: no other connection reads into them. */
	get ownsBuffer(): boolean {
		return this.#buffer !== sharedBuffer;
	}

	/** From the next read on, this connection reads into a buffer of its own. */
	ownBuffer(): void {
		if (this.#buffer === sharedBuffer) this.#buffer = takeBuffer();
	}

	/** Back to the thread's buffer. The own one is kept for others only if nobody can still write from it. */
	shareBuffer(): void {
		const buffer = this.#buffer;
		if (buffer === sharedBuffer) return;
		this.#buffer = sharedBuffer;
		if (!this.#isPaused && buffer.length === READ_BYTES) giveBuffer(buffer);
	}

	// --- Writing ------------------------------------------------------------------------------------------------------

	/** Bytes that the kernel has not taken yet. */
	get backlog(): number {
		return this.#wire.backlog;
	}

	/** Strings are copied by the wire when they cannot leave at once. */
	writeText(text: string): void {
		if (text.length > 0 && !this.isClosed) this.#wire.writeText(text);
	}

	/** `bytes` must stay as they are until all is written: see `holdBack`. */
	writeBytes(bytes: Uint8Array): void {
		if (!this.isClosed) this.#wire.writeBytes(bytes);
	}

	/** Has `write` make its writes in one call to the kernel. */
	writeCorked(write: () => void): void {
		if (this.isClosed) return;
		this.#wire.cork();
		write();
		this.#wire.uncork();
	}

	/**
	 * Writes `head` and the bytes of a read of `from` in one call to the kernel, and holds `from` back if they did not all leave.
	 * Bytes in the shared buffer are copied, those in an own buffer are not.
	 */
	writeRead(from: Endpoint, head: string, bytes: Buffer, start: number, end: number): void {
		if (this.isClosed) return;
		const wire = this.#wire;
		wire.writeTogether(head, bytes, start, end, from.ownsBuffer && bytes === from.#buffer);
		if (wire.backlog > 0) this.holdBack(from);
	}

	/** Stops reading from `other` until all that was written here has left. */
	holdBack(other: Endpoint): void {
		other.pause();
		const isAwaiting = this.#heldBack !== undefined;
		this.#heldBack = other;
		if (!isAwaiting) this.#wire.awaitDrain();
	}

	/** The other end need not wait any more: it has nothing further to send here. */
	releaseHold(): void {
		this.#heldBack = undefined;
	}

	/** Is the other end waiting for this one? */
	get isHolding(): boolean {
		return this.#heldBack !== undefined;
	}

	#letGo(): void {
		const other = this.#heldBack;
		this.#heldBack = undefined;
		other?.resume();
		if (other !== undefined) this.onDrained();
	}

	// --- Ending -------------------------------------------------------------------------------------------------------

	/** Ends the own direction after what was written. */
	end(): void {
		if (!this.isClosed) this.#wire.end();
	}

	/** Closes when everything written has left. */
	closeSoon(): void {
		if (!this.isClosed) this.#wire.closeSoon();
	}

	/** Closes now; what has not left is lost. */
	destroy(): void {
		if (!this.isClosed) this.#wire.destroy();
	}
}
