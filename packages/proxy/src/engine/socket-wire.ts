/**
 * A connection that Node moves the bytes of: unix sockets, names that must be looked up, and everything where `node:ffi` is missing.
 *
 * Decides how a socket is read into a given buffer and how few calls its writes take. `socket.handle` and `_handle` are the only
 * undocumented names used: a server's socket cannot otherwise be given a read buffer.
 */
import net from 'node:net';
import type {LocalEnd, Wire, WireUser} from './wire.ts';

/** Up to this size a copy as a string is cheaper than keeping the buffer; libuv writes it from the stack. */
const TEXT_BYTES = 16_384;

const NO_BYTES = Buffer.alloc(0);
/** What is copied before it is written, used again when it has left at once: 14 % of a 1 MiB response, against new memory each time. */
let copyBuffer = NO_BYTES;

export class SocketWire implements Wire {
	#socket: net.Socket;
	#errorCode = '';

	/** A socket that `net.Server` has accepted with `pauseOnConnect`, or one that connects. */
	constructor(socket: net.Socket) {
		this.#socket = socket;
		socket.on('error', (error: NodeJS.ErrnoException) => {
			this.#errorCode = error.code ?? 'EIO';
		});
	}

	/** Begins to connect; `onConnect` follows, or the user's `onWireClose`. */
	static connect(options: net.NetConnectOpts, user: WireUser, onConnect: () => void): SocketWire {
		const socket = net.connect({
			...options,
			allowHalfOpen: true,
			noDelay: true,
			onread: readInto(user),
		} as net.NetConnectOpts);
		socket.once('connect', onConnect);
		const wire = new SocketWire(socket);
		wire.#tell(user);
		return wire;
	}

	use(user: WireUser): void {
		const carrier = this.#socket as unknown as {_handle: unknown};
		const handle = carrier._handle;
		// The carrier must not close the handle; destroyed without one it only leaves the server's count.
		carrier._handle = null;
		this.#socket.destroy();
		const socket = new net.Socket({handle, allowHalfOpen: true, onread: readInto(user)} as net.SocketConstructorOpts);
		this.#socket = socket;
		socket.on('error', (error: NodeJS.ErrnoException) => {
			this.#errorCode = error.code ?? 'EIO';
		});
		this.#tell(user);
	}

	#tell(user: WireUser): void {
		this.#socket.on('end', () => user.onWireEnd());
		this.#socket.on('close', () => user.onWireClose(this.#errorCode));
		this.#user = user;
	}

	#user: WireUser | undefined;

	get remoteAddress(): string | undefined {
		return this.#socket.remoteAddress;
	}

	get remotePort(): number | undefined {
		return this.#socket.remotePort;
	}

	get localEnd(): LocalEnd | undefined {
		const {localAddress, localPort} = this.#socket;
		return localAddress === undefined ? undefined : {host: localAddress, port: localPort ?? 0};
	}

	/** Node cannot: the other end is told. */
	vanish(): void {}

	markPackets(): void {}

	/** Node does not ask the kernel for it. */
	get originalEnd(): LocalEnd | undefined {
		return this.localEnd;
	}

	get localPort(): number | undefined {
		return this.#socket.localPort;
	}

	get backlog(): number {
		return this.#socket.writableLength;
	}

	get isGone(): boolean {
		return this.#socket.destroyed;
	}

	pause(): void {
		this.#socket.pause();
	}

	resume(): void {
		this.#socket.resume();
	}

	writeText(text: string): void {
		this.#socket.write(text, 'latin1');
	}

	writeBytes(bytes: Uint8Array): void {
		this.#socket.write(bytes);
	}

	writeTogether(head: string, bytes: Buffer, start: number, end: number, isStable: boolean): void {
		const length = head.length + end - start;
		if (length <= TEXT_BYTES) {
			this.writeText(head + bytes.toString('latin1', start, end));
		} else if (head === '' && isStable) {
			this.writeBytes(bytes.subarray(start, end));
		} else {
			if (copyBuffer.length < length) copyBuffer = Buffer.allocUnsafeSlow(length + TEXT_BYTES);
			copyBuffer.write(head, 0, 'latin1');
			bytes.copy(copyBuffer, head.length, start, end);
			this.writeBytes(copyBuffer.subarray(0, length));
			// Somebody still writes from it: the next one takes another.
			if (this.#socket.writableLength > 0) copyBuffer = NO_BYTES;
		}
	}

	cork(): void {
		this.#socket.cork();
	}

	uncork(): void {
		this.#socket.uncork();
	}

	/**
	 * Only now is Node asked to say when all has left. A callback with every write cost 1.3 µs a request (5 %): each is a turn of the
	 * tick queue, also when the kernel has taken everything at once.
	 */
	awaitDrain(): void {
		const socket = this.#socket;
		const onWritten = () => {
			if (socket.writableLength === 0) this.#user?.onWireDrained();
			else this.awaitDrain();
		};
		if (socket.writableNeedDrain) socket.once('drain', onWritten);
		else socket.write('', 'latin1', onWritten);
	}

	end(): void {
		this.#socket.end();
	}

	closeSoon(): void {
		// Nothing waits: close(2) sends the same FIN without a shutdown(2) before it. 5 % of a connection with one request.
		if (this.#socket.writableLength === 0) this.#socket.destroy();
		else this.#socket.destroySoon();
	}

	destroy(): void {
		this.#socket.destroy();
	}
}

function readInto(user: WireUser): net.OnReadOpts {
	return {
		buffer: () => user.readBuffer,
		callback: (length, bytes) => {
			user.onRead(bytes as Buffer, length);
			return !user.isPaused;
		},
	};
}
