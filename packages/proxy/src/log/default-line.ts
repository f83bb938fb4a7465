/**
 * A connection as a line when no log format was asked for (HAProxy manual, "Default log format").
 *
 * Written when the connection arrives, so it knows nothing of what comes behind.
 */

export interface ConnectionRecord {
	readonly clientAddress: string;
	readonly clientPort: number;
	/** What the client connected to. */
	readonly address: string;
	readonly port: number;
	readonly frontend: string;
	readonly mode: 'http' | 'tcp';
}

/** The text behind `tag[pid]: `. */
export function formatDefaultLine(record: ConnectionRecord): string {
	const {clientAddress, clientPort, address, port, frontend, mode} = record;
	return `Connect from ${clientAddress}:${clientPort} to ${address}:${port} (${frontend}/${mode.toUpperCase()})`;
}
