/**
 * What is known of one transaction, for its log line and the counters. One object a session, used again for every request.
 *
 * Decides when each field is "not reached" (-1, empty). Leaves the format of the line to `log/`.
 */

export interface ServerEnds {
	readonly address: string | undefined;
	readonly port: number;
	readonly sourceAddress: string | undefined;
	readonly sourcePort: number;
}

export class TransactionRecord {
	clientAddress = '';
	clientPort = 0;
	frontendName = '';
	/** The frontend's until a backend is chosen. */
	backendName = '';
	/** Empty when none was chosen. */
	serverName = '';
	/** First byte of the request (accept of a tcp session), milliseconds since 1970. */
	startWallMs = 0;
	/** The same on the monotonic clock; the times below are relative to it or to each other, -1 when not reached. */
	startMs = 0;
	/** `TR`: first byte to complete head. */
	requestMs = -1;
	/** `Tw`: in queues. */
	queueMs = -1;
	/** `Tc`: connecting, with retries. */
	connectMs = -1;
	/** `Tr`: connected (request sent) to complete response head. */
	responseMs = -1;
	/** `Ta` or `Tt`: all of it. */
	totalMs = 0;
	/** -1 when nothing was sent. */
	status = -1;
	/** To the client, heads included. */
	bytesOut = 0;
	/** From the client, heads included. */
	bytesIn = 0;
	/** What of the two the counters have been told. */
	countedOut = 0;
	countedIn = 0;
	/** Termination state, characters 1 to 4. */
	cause = '-';
	phase = '-';
	cookieState = '-';
	cookieSent = '-';
	retries = 0;
	redispatched = false;
	serverQueue = 0;
	backendQueue = 0;
	requestLine = '';
	requestCookie: string | undefined;
	responseCookie: string | undefined;
	requestCaptures: readonly (string | undefined)[] | undefined;
	responseCaptures: readonly (string | undefined)[] | undefined;
	/** Waiting for the request before its first byte. */
	idleMs = 0;
	/** Of this thread, from 0. */
	number = 0;
	/** Made when it is first asked for. */
	uniqueId: string | undefined;
	/** Of the connection to the server, where a log format asks for it. */
	serverEnds: ServerEnds | undefined;
	/** Its line is written (`option logasap`), or none is wanted. */
	isLogged = false;
	/** `set-log-level`: a severity, or that no line is wanted. */
	logLevel: number | 'silent' | undefined;

	/** `set-timeout`: in place of the backend's `timeout server` and `timeout tunnel`. */
	serverMs: number | undefined;
	tunnelMs: number | undefined;

	/** Forgets the last transaction; the client's address and the frontend stay. */
	reset(nowMs: number, wallMs: number): void {
		this.backendName = this.frontendName;
		this.serverName = '';
		this.startWallMs = wallMs;
		this.startMs = nowMs;
		this.requestMs = -1;
		this.queueMs = -1;
		this.connectMs = -1;
		this.responseMs = -1;
		this.totalMs = 0;
		this.status = -1;
		this.bytesOut = 0;
		this.bytesIn = 0;
		this.countedOut = 0;
		this.countedIn = 0;
		this.cause = '-';
		this.phase = '-';
		this.cookieState = '-';
		this.cookieSent = '-';
		this.retries = 0;
		this.redispatched = false;
		this.serverQueue = 0;
		this.backendQueue = 0;
		this.requestLine = '';
		this.requestCookie = undefined;
		this.responseCookie = undefined;
		this.requestCaptures = undefined;
		this.responseCaptures = undefined;
		this.isLogged = false;
		this.logLevel = undefined;
		this.serverMs = undefined;
		this.tunnelMs = undefined;
		this.idleMs = 0;
		this.uniqueId = undefined;
		this.serverEnds = undefined;
	}
}
