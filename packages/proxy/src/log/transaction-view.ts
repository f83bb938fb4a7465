/**
 * What a text may show of a transaction beyond its log line (HAProxy manual, "Custom log format").
 *
 * Decides the fields only. The engine answers them at the moment they are asked for.
 */
import type {LogRecord} from './log-record.ts';

export interface TransactionView extends LogRecord {
	/** Bytes from the client, heads included. */
	readonly bytesIn: number;
	/** Waiting for the request, since the connection was accepted or the last answer; milliseconds. */
	readonly idleMs: number;
	/** What the client connected to. */
	readonly localAddress: string | undefined;
	readonly localPort: number;
	/** The server's address and the own one towards it; undefined while there is no connection. */
	readonly serverAddress: string | undefined;
	readonly serverPort: number;
	readonly sourceAddress: string | undefined;
	readonly sourcePort: number;
	/** Transactions of the process before this one, and lines of the frontend. */
	readonly requestNumber: number;
	readonly logNumber: number;
	readonly hostname: string;
	readonly pid: number;
	/** Made by `unique-id-format` when it is first asked for. */
	readonly uniqueId: string | undefined;
}
