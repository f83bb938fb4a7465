/** What is known of one answered request, for the formats of log lines. */
import type {LogRecord} from '../../src/log/log-record.ts';

/** Accepted at 04:05:06.007 of the machine's own time zone. */
export const sampleRecord: LogRecord = {
	clientAddress: '192.0.2.1',
	clientPort: 4000,
	acceptMs: new Date(2026, 1, 3, 4, 5, 6, 7).getTime(),
	frontend: 'in',
	backend: 'out',
	server: 's1',
	requestMs: 1,
	queueMs: 2,
	connectMs: 3,
	responseMs: 4,
	totalMs: 10,
	status: 200,
	bytes: 500,
	requestCookie: undefined,
	responseCookie: undefined,
	state: '--VN',
	processConnections: 5,
	frontendConnections: 4,
	backendConnections: 3,
	serverConnections: 2,
	retries: 1,
	redispatched: false,
	serverQueue: 7,
	backendQueue: 8,
	requestCaptures: [],
	responseCaptures: [],
	requestLine: 'GET / HTTP/1.1',
	partial: false,
};
