/**
 * One end of a relayed connection: a socket with its deadline, its reading and its writing.
 *
 * Decides how bytes are read (into the thread's buffer, or an own one), how they are written (a short message as one latin1 string,
 * a long one from the buffer it was read into) and how the one side is held back while the other cannot follow.
 * Leaves what the bytes mean to sessions. `socket.handle` and `_handle` are the only undocumented names used: a server's socket
 * cannot otherwise be given a read buffer.
 */
import net from 'node:net';
import {giveBuffer, READ_BYTES, sharedBuffer, takeBuffer} from './read-buffers.ts';
import {Timer, type TimerOwner, type TimerWheel} from './timer-wheel.ts';

/** Up to this size a copy as a string is cheaper than keeping the buffer; libuv writes it from the stack. */
const TEXT_BYTES = 16_384;

const NO_BYTES = Buffer.alloc(0);
/** What is copied before it is written, used again when it has left at once: 14 % of a 1 MiB response, against new memory each time. */
let copyBuffer = NO_BYTES;

export abstract class Endpoint implements TimerOwner {
	socket!: net.Socket;
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

	/** Takes over a socket that `net.Server` has accepted with `pauseOnConnect`. */
	adopt(accepted: net.Socket): void {
		const carrier = accepted as unknown as {_handle: unknown};
		const handle = carrier._handle;
		// The carrier must not close the handle; destroyed without one it only leaves the server's count.
		carrier._handle = null;
		accepted.destroy();
		this.#use(new net.Socket({handle, allowHalfOpen: true, onread: this.#readInto()} as net.SocketConstructorOpts));
	}

	/** Begins to connect; `onConnect` follows, or `onClose` with `errorCode`. */
	connect(options: net.NetConnectOpts, onConnect: () => void): void {
		const socket = net.connect({
			...options,
			allowHalfOpen: true,
			noDelay: true,
			onread: this.#readInto(),
		} as net.NetConnectOpts);
		socket.once('connect', onConnect);
		this.#use(socket);
	}

	#readInto(): net.OnReadOpts {
		return {
			buffer: () => this.#buffer,
			callback: (length, bytes) => {
				this.onRead(bytes as Buffer, length);
				return !this.#isPaused;
			},
		};
	}

	#use(socket: net.Socket): void {
		this.socket = socket;
		socket.on('end', () => {
			this.hasEnded = true;
			this.onEnd();
		});
		socket.on('error', (error: NodeJS.ErrnoException) => {
			this.errorCode = error.code ?? 'EIO';
		});
		socket.on('close', () => {
			this.isClosed = true;
			this.#wheel.remove(this.timer);
			this.shareBuffer();
			this.#letGo();
			this.onClose();
		});
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

	get isPaused(): boolean {
		return this.#isPaused;
	}

	pause(): void {
		if (this.#isPaused || this.isClosed) return;
		this.#isPaused = true;
		this.socket.pause();
	}

	resume(): void {
		if (!this.#isPaused || this.isClosed) return;
		this.#isPaused = false;
		this.socket.resume();
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
		return this.socket.writableLength;
	}

	/** Strings are copied by the socket when they cannot leave at once. */
	writeText(text: string): void {
		if (text.length > 0 && !this.isClosed) this.socket.write(text, 'latin1');
	}

	/** `bytes` must stay as they are until all is written: see `holdBack`. */
	writeBytes(bytes: Uint8Array): void {
		if (!this.isClosed) this.socket.write(bytes);
	}

	/**
	 * Writes `head` and the bytes of a read of `from` in one call to the kernel, and holds `from` back if they did not all leave.
	 * Bytes in the shared buffer are copied, those in an own buffer are not.
	 */
	writeRead(from: Endpoint, head: string, bytes: Buffer, start: number, end: number): void {
		if (this.isClosed) return;
		const length = head.length + end - start;
		if (length <= TEXT_BYTES) {
			this.writeText(head + bytes.toString('latin1', start, end));
		} else if (head === '' && from.ownsBuffer && bytes === from.#buffer) {
			this.writeBytes(bytes.subarray(start, end));
		} else {
			if (copyBuffer.length < length) copyBuffer = Buffer.allocUnsafeSlow(length + TEXT_BYTES);
			copyBuffer.write(head, 0, 'latin1');
			bytes.copy(copyBuffer, head.length, start, end);
			this.writeBytes(copyBuffer.subarray(0, length));
			// Somebody still writes from it: the next one takes another.
			if (this.socket.writableLength > 0) copyBuffer = NO_BYTES;
		}
		if (this.socket.writableLength > 0) this.holdBack(from);
	}

	/** Stops reading from `other` until all that was written here has left. */
	holdBack(other: Endpoint): void {
		other.pause();
		const isAwaiting = this.#heldBack !== undefined;
		this.#heldBack = other;
		if (!isAwaiting) this.#awaitDrain();
	}

	/**
	 * Only now is Node asked to say when all has left. A callback with every write cost 1.3 µs a request (5 %): each is a turn of the
	 * tick queue, also when the kernel has taken everything at once.
	 */
	#awaitDrain(): void {
		const {socket} = this;
		const onWritten = () => {
			if (this.#heldBack === undefined) return;
			if (socket.writableLength === 0) this.#letGo();
			else this.#awaitDrain();
		};
		if (socket.writableNeedDrain) socket.once('drain', onWritten);
		else socket.write('', 'latin1', onWritten);
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
		if (!this.isClosed) this.socket.end();
	}

	/** Closes when everything written has left. */
	closeSoon(): void {
		if (this.isClosed) return;
		// Nothing waits: close(2) sends the same FIN without a shutdown(2) before it. 5 % of a connection with one request.
		if (this.socket.writableLength === 0) this.socket.destroy();
		else this.socket.destroySoon();
	}

	/** Closes now; what has not left is lost. */
	destroy(): void {
		if (!this.isClosed) this.socket.destroy();
	}
}
