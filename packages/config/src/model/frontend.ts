/**
 * Frontends: where clients come in, what is logged of them, and which backend they get.
 *
 * A part of the model (`../model.ts`).
 */
import type {Condition} from './acl.ts';
import type {SocketAddress} from './global.ts';
import type {Position} from './position.ts';
import type {Network, ProxyCommon} from './proxy.ts';

export interface Frontend extends ProxyCommon {
	readonly binds: readonly Bind[];
	/** 2000 unless given. */
	readonly maxconn: number;
	readonly backlog?: number;
	/** `option socket-stats`: each of `binds` has a row of its own in the statistics. */
	readonly socketStats?: boolean;
	/** Each of `binds` is counted by itself, as something asks for `dst_conn`. */
	readonly countsSockets?: boolean;
	/** `rate-limit sessions`: new connections a second; absent = no limit. */
	readonly sessionRate?: number;
	readonly defaultBackend?: string;
	readonly useBackends: readonly UseBackend[];
	readonly log: FrontendLog;
	/** `monitor-uri`: answered 200 by the proxy itself, never logged. */
	readonly monitorUri?: string;
	readonly monitorFail: readonly Condition[];
	/** `monitor-net`: clients from there are answered at once, and never logged. */
	readonly monitorNet?: Network;
	/** `option idle-close-on-response`: a soft stop waits for one more request of idle clients. */
	readonly closesOnResponse?: boolean;
	/** `option clitcpka`: TCP keep-alive on connections of clients. */
	readonly probesClients: boolean;
	readonly captureRequestHeaders: readonly Capture[];
	readonly captureResponseHeaders: readonly Capture[];
	/** `unique-id-format` and `unique-id-header`. */
	readonly uniqueIdFormat?: string;
	readonly uniqueIdHeader?: string;
	readonly captureCookie?: {readonly name: string; readonly lengthBytes: number; readonly prefix: boolean};
}

export interface Capture {
	/** Empty: rules fill it. */
	readonly header: string;
	readonly lengthBytes: number;
}

export interface FrontendLog {
	/** `json`: one object a line, in both modes. */
	readonly format: 'http' | 'clf' | 'json' | 'tcp' | 'default' | 'custom';
	/** `option anonymize`: how many bits of a client's address stay, 0–32 and 0–128. */
	readonly anonymize?: {readonly bits4: number; readonly bits6: number};
	/** `log-format`, for `custom`. */
	readonly text?: string;
	/** `log-format-sd`: structured data of RFC 5424 messages. */
	readonly structuredData?: string;
	/** `log-tag` of the section. */
	readonly tag?: string;
	/** `option dontlognull`: connections without a byte are not logged. */
	readonly dontLogNull: boolean;
	readonly dontLogNormal: boolean;
	readonly logAsap: boolean;
	readonly separateErrors: boolean;
}

export interface Bind {
	readonly address: SocketAddress;
	/** The text of the configuration, for messages and statistics. */
	readonly text: string;
	readonly name?: string;
	/** `sid` of the statistics; the place among the binds, from 1, unless given. */
	readonly id?: number;
	readonly v6only: boolean;
	readonly transparent: boolean;
	readonly interface?: string;
	/** Connections begin with a header of the PROXY protocol. */
	readonly acceptProxy?: boolean;
	readonly mode?: number;
	readonly position: Position;
}

export interface UseBackend {
	/** Its name; with `isFormat` a text with variables that becomes it. */
	readonly backend: string;
	readonly isFormat?: boolean;
	readonly condition?: Condition;
	readonly position: Position;
}
