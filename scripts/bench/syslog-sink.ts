/**
 * The UDP socket that all log lines go to.
 *
 * Decides nothing: it counts, so that the report can say whether the proxies really logged. The kernel drops what comes too fast.
 */
import {createSocket, type Socket} from 'node:dgram';

export class SyslogSink {
	lines = 0;
	readonly #socket: Socket = createSocket({type: 'udp4', recvBufferSize: 8_000_000});

	/** Resolves with its port. */
	open(): Promise<number> {
		this.#socket.on('message', () => this.lines++);
		return new Promise(resolve => {
			this.#socket.bind(0, '127.0.0.1', () => resolve(this.#socket.address().port));
		});
	}

	close(): void {
		this.#socket.close();
	}
}
