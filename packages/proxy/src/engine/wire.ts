/**
 * What an `Endpoint` needs of a connection, whoever moves its bytes.
 *
 * Decides nothing. `socket-wire.ts` does it with `net.Socket`, `raw-wire.ts` with the kernel's calls.
 */

export interface WireUser {
	/** Where the next read goes. */
	readonly readBuffer: Buffer;
	/** Nothing may be read now. */
	readonly isPaused: boolean;
	onRead(bytes: Buffer, length: number): void;
	onWireEnd(): void;
	/** Once, and never from within a call of the user's; `code` as in `ECONNRESET`, empty when nothing failed. */
	onWireClose(code: string): void;
	/** All has left, after `awaitDrain`; never from within a call of the user's. */
	onWireDrained(): void;
}

export interface LocalEnd {
	readonly host: string;
	readonly port: number;
}

export interface Wire {
	/** Numeric; empty or undefined for a unix socket. */
	readonly remoteAddress: string | undefined;
	readonly remotePort: number | undefined;
	/** Of this machine; asks the kernel each time. */
	readonly localEnd: LocalEnd | undefined;
	/** What goes out from now on has this TOS byte, or this mark of the kernel's; `linger`: the kernel forgets it when it is closed; nothing where the kernel cannot be asked. */
	markPackets(what: 'tos' | 'mark' | 'linger', value: number): void;
	/** Closing it from now on tells the other end nothing. */
	vanish(): void;
	/** Where it was meant to go before the kernel redirected it here; else the same. */
	readonly originalEnd: LocalEnd | undefined;
	readonly localPort: number | undefined;
	/** Bytes that the kernel has not taken yet. */
	readonly backlog: number;
	/** Closed before anybody used it. */
	readonly isGone: boolean;
	/** An accepted connection begins to be read. */
	use(user: WireUser): void;
	pause(): void;
	resume(): void;
	/** latin1, copied when it cannot leave at once. */
	writeText(text: string): void;
	/** Stays as it is until all is written. */
	writeBytes(bytes: Uint8Array): void;
	/** In one call to the kernel. `isStable`: the bytes stay as they are until all is written. */
	writeTogether(head: string, bytes: Buffer, start: number, end: number, isStable: boolean): void;
	/** Until `uncork`, writes are gathered. */
	cork(): void;
	uncork(): void;
	awaitDrain(): void;
	/** Ends the own direction after what was written. */
	end(): void;
	/** Closes when everything written has left. */
	closeSoon(): void;
	destroy(): void;
}
