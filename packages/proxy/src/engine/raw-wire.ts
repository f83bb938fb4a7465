/**
 * A TCP connection whose bytes this thread moves itself, with the kernel's calls and nothing of Node's between.
 *
 * Decides when the kernel is asked: events come once a change (epoll's edge), so whoever has not read all remembers it, and a read that
 * did not fill its buffer has read all. Whatever the user must not hear within its own call is put off to the loop's next turn.
 * It is longer than other files because reading, writing and closing change one state.
 */
import {getSystemErrorName} from 'node:util';
import {SOL_SOCKET} from '../system/socket-constants.ts';
import {readLocalEnd, readOriginalEnd} from './raw-ends.ts';
import {EDGE, ERR, HUP, IN, OUT, PEER_ENDED, type RawLoop, type Turn, type Watcher} from './raw-loop.ts';
import {markPackets} from './raw-mark.ts';
import {vanish} from './raw-vanish.ts';
import {sharedBuffer} from './read-buffers.ts';
import type {LocalEnd, Wire, WireUser} from './wire.ts';

// asm-generic/errno-base.h, asm-generic/socket.h, netinet/tcp.h
const EAGAIN = 11;
const ECONNRESET = 104;
const SO_ERROR = 4;
const SHUT_WR = 1;
/** Reads in a row before others have their turn. */
const MOST_READS = 8;

export class RawWire implements Wire, Watcher, Turn {
	remoteAddress: string | undefined;
	remotePort: number | undefined;
	localPort: number | undefined;
	isGone = false;
	#user: WireUser | undefined;
	#onConnect: (() => void) | undefined;
	#errorCode = '';
	#isReadable = false;
	/** The peer has ended: read until the end is met, as no event follows. */
	#readsToEnd = false;
	#seesOut: boolean;
	#isClosed = false;
	#hasEnded = false;
	#hasShut = false;
	#isDraining = false;
	#after: 'nothing' | 'shut' | 'close' = 'nothing';
	/** What the kernel has not taken. */
	#queue: Uint8Array[] | undefined;
	#queued = 0;
	/** Bytes gathered in `out`; -1 outside `cork`. */
	#corked = -1;
	readonly #loop: RawLoop;
	readonly #descriptor: number;

	/** `onConnect`: it connects, and is watched already. */
	constructor(loop: RawLoop, descriptor: number, user?: WireUser, onConnect?: () => void) {
		this.#loop = loop;
		this.#descriptor = descriptor;
		this.#user = user;
		this.#onConnect = onConnect;
		this.#seesOut = onConnect !== undefined;
		if (onConnect !== undefined) loop.watch(descriptor, this, IN | OUT | PEER_ENDED | EDGE);
	}

	/** A second user takes the first one's place. */
	use(user: WireUser): void {
		const isWatched = this.#user !== undefined;
		this.#user = user;
		if (isWatched) return;
		this.#loop.watch(this.#descriptor, this, IN | PEER_ENDED | EDGE);
	}

	get localEnd(): LocalEnd | undefined {
		return this.isGone ? undefined : readLocalEnd(this.#loop, this.#descriptor);
	}

	markPackets(what: 'tos' | 'mark' | 'linger', value: number): void {
		if (!this.isGone) markPackets(this.#loop, this.#descriptor, what, value);
	}

	vanish(): void {
		if (!this.isGone) vanish(this.#loop, this.#descriptor);
	}

	get originalEnd(): LocalEnd | undefined {
		return this.isGone ? undefined : readOriginalEnd(this.#loop, this.#descriptor);
	}

	onEvents(events: number): void {
		if (this.#onConnect !== undefined && !this.#connected(events)) return;
		if ((events & OUT) !== 0 && this.#queued > 0) this.#flush();
		if ((events & ~OUT) === 0) return;
		this.#isReadable = true;
		if ((events & (PEER_ENDED | HUP | ERR)) !== 0) this.#readsToEnd = true;
		this.#read();
	}

	#connected(events: number): boolean {
		if ((events & (ERR | HUP)) !== 0) {
			const {calls, memory} = this.#loop;
			memory.setLength(4);
			calls.getsockopt(this.#descriptor, SOL_SOCKET, SO_ERROR, memory.nameAt, memory.lengthAt);
			this.fail(memory.name.readInt32LE(0) || ECONNRESET);
			return false;
		}
		if ((events & OUT) === 0) return false;
		const onConnect = this.#onConnect;
		this.#onConnect = undefined;
		onConnect?.();
		return true;
	}

	onTurn(): void {
		if (this.isGone) {
			if (this.#isClosed) return;
			this.#isClosed = true;
			this.#loop.close(this.#descriptor);
			this.#user?.onWireClose(this.#errorCode);
			return;
		}
		if (this.#isDraining && this.#queued === 0) {
			this.#isDraining = false;
			this.#user?.onWireDrained();
		}
		this.#read();
	}

	// --- Reading ------------------------------------------------------------------------------------------------------

	#read(): void {
		const user = this.#user;
		if (user === undefined) return;
		const {calls, memory} = this.#loop;
		for (let reads = 0; this.#isReadable && !user.isPaused && !this.isGone; reads++) {
			if (reads === MOST_READS) {
				this.#loop.putOff(this);
				return;
			}
			const buffer = user.readBuffer;
			const at = buffer === sharedBuffer ? memory.sharedAt : calls.addressOf(buffer);
			const count = calls.read(this.#descriptor, at, buffer.length);
			if (count > 0) {
				if (count < buffer.length && !this.#readsToEnd) this.#isReadable = false;
				user.onRead(buffer, count);
			} else {
				this.#isReadable = false;
				if (count === 0) this.#meetEnd(user);
				else if (calls.errno() !== EAGAIN) this.fail(calls.errno());
			}
		}
	}

	#meetEnd(user: WireUser): void {
		this.#hasEnded = true;
		user.onWireEnd();
		if (this.#hasShut) this.destroy();
	}

	pause(): void {}

	resume(): void {
		if (this.#isReadable) this.#loop.putOff(this);
	}

	// --- Writing ------------------------------------------------------------------------------------------------------

	get backlog(): number {
		return this.#queued;
	}

	writeText(text: string): void {
		if (this.isGone) return;
		if (this.#queued > 0 || text.length > this.#loop.memory.out.length) this.#enqueue(Buffer.from(text, 'latin1'));
		else if (this.#corked >= 0) this.#gather(Buffer.from(text, 'latin1'));
		else this.#write(this.#loop.memory.out.write(text, 0, 'latin1'));
	}

	writeBytes(bytes: Uint8Array): void {
		if (this.isGone || bytes.length === 0) return;
		if (this.#queued > 0) {
			this.#enqueue(bytes);
		} else if (this.#corked >= 0) {
			this.#gather(bytes);
		} else {
			const {calls} = this.#loop;
			const taken = calls.write(this.#descriptor, calls.addressOf(bytes), bytes.length);
			if (taken < bytes.length && this.#mayWait(taken)) this.#enqueue(bytes.subarray(Math.max(taken, 0)));
		}
	}

	writeTogether(head: string, bytes: Buffer, start: number, end: number, isStable: boolean): void {
		if (this.isGone) return;
		const {out} = this.#loop.memory;
		const size = head.length + end - start;
		if (this.#queued > 0 || size > out.length) {
			this.writeText(head);
			this.writeBytes(isStable ? bytes.subarray(start, end) : Buffer.from(bytes.subarray(start, end)));
		} else if (head === '' && isStable) {
			this.writeBytes(bytes.subarray(start, end));
		} else {
			if (head !== '') out.write(head, 0, 'latin1');
			bytes.copy(out, head.length, start, end);
			this.#write(size);
		}
	}

	/** The first `size` bytes of `out`. */
	#write(size: number): void {
		if (size === 0) return;
		const taken = this.#loop.calls.write(this.#descriptor, this.#loop.memory.outAt, size);
		if (taken < size && this.#mayWait(taken))
			this.#enqueue(Buffer.from(this.#loop.memory.out.subarray(Math.max(taken, 0), size)));
	}

	/** After a write that was not taken whole. */
	#mayWait(taken: number): boolean {
		if (taken >= 0) return true;
		const code = this.#loop.calls.errno();
		if (code === EAGAIN) return true;
		this.fail(code);
		return false;
	}

	#enqueue(bytes: Uint8Array): void {
		if (bytes.length === 0) return;
		this.#queue ??= [];
		this.#queue.push(bytes);
		this.#queued += bytes.length;
		if (this.#seesOut) return;
		this.#seesOut = true;
		this.#loop.change(this.#descriptor, IN | OUT | PEER_ENDED | EDGE);
	}

	#flush(): void {
		const queue = this.#queue ?? [];
		const {calls} = this.#loop;
		for (let first = queue[0]; first !== undefined; first = queue[0]) {
			const taken = calls.write(this.#descriptor, calls.addressOf(first), first.length);
			if (taken < 0) {
				this.#mayWait(taken);
				return;
			}
			this.#queued -= taken;
			if (taken < first.length) queue[0] = first.subarray(taken);
			else queue.shift();
		}
		if (this.#after === 'close') this.destroy();
		else if (this.#after === 'shut') this.#shut();
		if (this.#isDraining) this.#loop.putOff(this);
	}

	cork(): void {
		this.#corked = 0;
	}

	#gather(bytes: Uint8Array): void {
		const {out} = this.#loop.memory;
		if (this.#corked + bytes.length > out.length) {
			this.uncork();
			this.writeBytes(bytes);
			return;
		}
		out.set(bytes, this.#corked);
		this.#corked += bytes.length;
	}

	uncork(): void {
		const size = this.#corked;
		this.#corked = -1;
		if (size > 0 && !this.isGone) this.#write(size);
	}

	awaitDrain(): void {
		this.#isDraining = true;
		if (this.#queued === 0) this.#loop.putOff(this);
	}

	// --- Ending -------------------------------------------------------------------------------------------------------

	end(): void {
		if (this.isGone) return;
		if (this.#queued === 0) this.#shut();
		else if (this.#after === 'nothing') this.#after = 'shut';
	}

	#shut(): void {
		if (this.#hasShut) return;
		this.#hasShut = true;
		this.#loop.calls.shutdown(this.#descriptor, SHUT_WR);
		if (this.#hasEnded) this.destroy();
	}

	closeSoon(): void {
		if (this.#queued === 0) this.destroy();
		else this.#after = 'close';
	}

	/** Closes; `code` is a number of errno(3). */
	fail(code: number): void {
		if (!this.isGone) this.#errorCode = getSystemErrorName(-code);
		this.destroy();
	}

	destroy(): void {
		if (this.isGone) return;
		this.isGone = true;
		this.#loop.forget(this.#descriptor);
		this.#loop.putOff(this);
	}
}
