/**
 * Which log line a frontend writes of a session, and when.
 *
 * Decides format, severity and whether the line is wanted at all (HAProxy manual: `option httplog`, `tcplog`, `dontlognull`,
 * `dontlog-normal`, `logasap`, `log-separate-errors`). Leaves the layout to `log/` and sending to the main thread.
 */
import {hostname} from 'node:os';
import {Anonymizer} from '../log/anonymizer.ts';
import {formatClfLine} from '../log/clf-line.ts';
import {formatDefaultLine} from '../log/default-line.ts';
import {formatHttpLine} from '../log/http-line.ts';
import {compileJsonShape, formatJsonLine, type JsonShape} from '../log/json-line.ts';
import type {LogRecord} from '../log/log-record.ts';
import {Severity} from '../log/log-sender.ts';
import {formatTcpLine} from '../log/tcp-line.ts';
import type {TransactionView} from '../log/transaction-view.ts';
import {asksSamples, compileLogTemplate, type ValueTemplate} from '../rules/value-template.ts';
import type {Core} from './core.ts';
import type {FrontendRuntime} from './frontend-runtime.ts';
import type {TransactionRecord} from './record.ts';
import type {Session} from './session.ts';

const host = hostname();
/** Of this thread's transactions. */
let nextNumber = 0;

const FORMATS = {http: formatHttpLine, clf: formatClfLine, tcp: formatTcpLine} as const;

/** Connections of the backend and the server that a line shows. */
export interface LoadCounts {
	readonly backend: number;
	readonly server: number;
}

export class SessionLog {
	readonly #core: Core;
	readonly #runtime: FrontendRuntime;
	readonly #isSilent: boolean;
	readonly #template: ValueTemplate | undefined;
	readonly #structured: ValueTemplate | undefined;
	readonly #uniqueId: ValueTemplate | undefined;
	readonly #json: JsonShape | undefined;
	readonly #anonymizer: Anonymizer | undefined;
	/** Lines of this thread so far. */
	#lines = 0;
	/** A format shows samples: requests are kept for them. */
	readonly asksSamples: boolean;
	/** A format may show the addresses of the connection to the server. */
	readonly asksEnds: boolean;

	constructor(core: Core, runtime: FrontendRuntime) {
		const {log, logTargets, uniqueIdFormat} = runtime.frontend;
		this.#core = core;
		this.#runtime = runtime;
		this.#isSilent = logTargets.length === 0;
		const texts = [log.text, log.structuredData, uniqueIdFormat];
		this.#json = log.format === 'json' ? compileJsonShape(runtime.frontend) : undefined;
		this.#anonymizer = log.anonymize && new Anonymizer(log.anonymize, runtime.frontend);
		this.#template = log.text === undefined ? undefined : compileLogTemplate(log.text);
		this.#structured = log.structuredData === undefined ? undefined : compileLogTemplate(log.structuredData);
		this.#uniqueId = uniqueIdFormat === undefined ? undefined : compileLogTemplate(uniqueIdFormat);
		this.asksSamples = texts.some(text => text !== undefined && asksSamples(text));
		this.asksEnds = texts.some(text => text !== undefined);
	}

	/** Connections without a byte are worth a line. */
	get logsNull(): boolean {
		return !this.#runtime.frontend.log.dontLogNull;
	}

	/** A session begins. Only the default format says anything now, and it says nothing later. */
	writeStart(session: Session): void {
		session.record.number = nextNumber++;
		const {name, mode, log} = this.#runtime.frontend;
		if (this.#isSilent || log.format !== 'default') return;
		const text = formatDefaultLine({
			clientAddress: this.#anonymizer?.shorten(session.record.clientAddress) ?? session.record.clientAddress,
			clientPort: session.record.clientPort,
			address: session.localAddress ?? '',
			port: session.localPort,
			frontend: name,
			mode,
		});
		this.#core.emitLog(this.#runtime.index, Severity.info, text);
	}

	/** The connection to the server stands (tcp), or the response begins (http): `option logasap` does not wait for more. */
	writeEarly(session: Session, counts: LoadCounts, nowMs: number): void {
		if (!this.#runtime.frontend.log.logAsap) return;
		const {record} = session;
		record.isLogged = true;
		record.totalMs = nowMs - record.startMs;
		this.#write(session, counts, true);
	}

	/** The session or transaction is over. */
	writeEnd(session: Session, counts: LoadCounts): void {
		if (!session.record.isLogged) this.#write(session, counts, false);
	}

	#write(session: Session, counts: LoadCounts, isPartial: boolean): void {
		const {log} = this.#runtime.frontend;
		const {record} = session;
		if (this.#isSilent || log.format === 'default' || record.logLevel === 'silent') return;
		const isError = this.#isError(record);
		if (log.dontLogNormal && !isError) return;
		const text =
			log.format === 'custom'
				? this.#expand(this.#template!, session, counts, isPartial)
				: this.#format(log.format, this.#describe(record, counts, isPartial, this.#anonymizer));
		const severity = record.logLevel ?? (isError && log.separateErrors ? Severity.err : Severity.info);
		if (this.#structured === undefined) this.#core.emitLog(this.#runtime.index, severity, text);
		else {
			const data = this.#expand(this.#structured, session, counts, isPartial);
			this.#core.emitLog(this.#runtime.index, severity, text, data);
		}
		this.#lines++;
	}

	#format(format: keyof typeof FORMATS | 'json', described: LogRecord): string {
		return format === 'json' ? formatJsonLine(described, this.#json!) : FORMATS[format](described);
	}

	#expand(template: ValueTemplate, session: Session, counts: LoadCounts, isPartial: boolean): string {
		const source = session.logSource;
		// A line may ask for the request's name, which is then made within it.
		const {logged, anonymize} = source;
		source.logged = this.view(session, counts, isPartial, this.#anonymizer);
		source.anonymize = this.#anonymizer;
		try {
			return escapeControls(template(source));
		} finally {
			source.logged = logged;
			source.anonymize = anonymize;
		}
	}

	/** The name of a request, made once (`unique-id-format`). */
	uniqueIdOf(session: Session): string | undefined {
		const {record} = session;
		if (record.uniqueId === undefined && this.#uniqueId !== undefined) {
			record.uniqueId = this.#expand(this.#uniqueId, session, session.loadCounts(), false);
		}
		return record.uniqueId;
	}

	/** All that a format may show. Rules see whole addresses: without `anonymizer`. */
	view(session: Session, counts: LoadCounts, isPartial: boolean, anonymizer?: Anonymizer): TransactionView {
		const {record} = session;
		const {workerCount, workerIndex} = this.#core.table;
		const {serverEnds: ends} = record;
		const log = this;
		return {
			...this.#describe(record, counts, isPartial, anonymizer),
			bytesIn: record.bytesIn,
			idleMs: whole(record.idleMs),
			localAddress: session.localAddress,
			localPort: session.localPort,
			serverAddress: ends?.address,
			serverPort: ends?.port ?? 0,
			// With `usesrc` the proxy connects from the client's own address.
			sourceAddress:
				anonymizer !== undefined && ends?.sourceAddress === record.clientAddress
					? anonymizer.shorten(record.clientAddress)
					: ends?.sourceAddress,
			sourcePort: ends?.sourcePort ?? 0,
			requestNumber: record.number * workerCount + workerIndex,
			logNumber: this.#lines,
			hostname: host,
			pid: process.pid,
			get uniqueId() {
				return log.uniqueIdOf(session);
			},
		};
	}

	/** Anything but a smooth course (HAProxy manual, `option dontlog-normal`). A denied request is the proxy's own doing. */
	#isError(record: TransactionRecord): boolean {
		const {cause, retries, redispatched, status} = record;
		return (cause !== '-' && cause !== 'L') || retries > 0 || redispatched || status >= 500;
	}

	#describe(
		record: TransactionRecord,
		counts: LoadCounts,
		partial: boolean,
		anonymizer: Anonymizer | undefined,
	): LogRecord {
		const {table} = this.#core;
		const {requestCaptures, responseCaptures} = record;
		const {captureRequestHeaders, captureResponseHeaders} = this.#runtime.frontend;
		return {
			clientAddress: anonymizer === undefined ? record.clientAddress : anonymizer.shorten(record.clientAddress),
			clientPort: record.clientPort,
			acceptMs: record.startWallMs,
			frontend: record.frontendName,
			backend: record.backendName,
			server: record.serverName === '' ? undefined : record.serverName,
			requestMs: whole(record.requestMs),
			queueMs: whole(record.queueMs),
			connectMs: whole(record.connectMs),
			responseMs: whole(record.responseMs),
			totalMs: whole(record.totalMs),
			status: record.status,
			bytes: record.bytesOut,
			requestCookie: record.requestCookie,
			responseCookie: record.responseCookie,
			state: record.cause + record.phase + record.cookieState + record.cookieSent,
			processConnections: table.connections,
			frontendConnections: table.frontendConnections(this.#runtime.index),
			backendConnections: counts.backend,
			serverConnections: counts.server,
			retries: record.retries,
			redispatched: record.redispatched,
			serverQueue: record.serverQueue,
			backendQueue: record.backendQueue,
			requestCaptures: showCaptures(false, requestCaptures ?? captureRequestHeaders.map(() => undefined), anonymizer),
			responseCaptures: showCaptures(true, responseCaptures ?? captureResponseHeaders.map(() => undefined), anonymizer),
			requestLine: record.requestLine === '' ? undefined : record.requestLine,
			partial,
		};
	}
}

function showCaptures(
	ofResponse: boolean,
	captures: LogRecord['requestCaptures'],
	anonymizer: Anonymizer | undefined,
): LogRecord['requestCaptures'] {
	return anonymizer === undefined ? captures : anonymizer.shortenCaptures(ofResponse, captures);
}

/** A line stays a line, whatever a sample holds. */
function escapeControls(text: string): string {
	return text.replace(
		/[\x00-\x1f\x7f-\xff]/g,
		char => `#${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
	);
}

/** Milliseconds as a line shows them; -1 stays. */
function whole(ms: number): number {
	return ms < 0 ? -1 : Math.floor(ms);
}
