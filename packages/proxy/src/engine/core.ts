/**
 * What all sessions of a thread share: configuration at work, table, clock, deadlines, log.
 *
 * Decides nothing but how these are found. One object for each worker; `worker-core.ts` makes it.
 */
import type {Configuration} from '@hapair/config';
import type {ProxyFacts} from '../rules/sample-source.ts';
import type {SharedTable} from '../shared-table.ts';
import type {StickPlan} from '../stick/stick-rules.ts';
import type {StickTables} from '../stick/stick-tables.ts';
import type {PageOrder, PageOutcome} from '../worker-messages.ts';
import type {BackendRuntime} from './backend-runtime.ts';
import type {BadMessages} from './bad-messages.ts';
import type {FrontendRuntime} from './frontend-runtime.ts';
import type {TimerWheel} from './timer-wheel.ts';

export interface Core {
	readonly configuration: Configuration;
	readonly table: SharedTable;
	readonly wheel: TimerWheel;
	readonly backends: readonly BackendRuntime[];
	readonly backendsByName: ReadonlyMap<string, BackendRuntime>;
	/** What conditions may ask of them. */
	readonly proxies: ProxyFacts;
	/** Undefined when the configuration has none. */
	readonly stick: StickTables | undefined;
	/** `stick` rules by the backend's place; undefined where there are none. */
	readonly stickPlans: readonly (StickPlan | undefined)[];
	/** Longest message head, bytes: bufsize less maxrewrite. */
	readonly maxHeadBytes: number;
	/** No new connections; idle ones are being closed. */
	isStopping: boolean;
	/** Messages that could not be accepted, for `show errors`. */
	readonly badMessages: BadMessages;
	/** Bytes of an error file by path. */
	readonly errorFiles: Readonly<Record<string, Uint8Array>>;
	/** Monotonic over all threads of the process, milliseconds with fractions. */
	nowMs(): number;
	/** Milliseconds since 1970. */
	wallMs(): number;
	/** A line for syslog; `frontend` is its place in the configuration. */
	emitLog(frontend: number, severity: number, text: string, structuredData?: string): void;
	/** Has the main thread change servers, for the statistics page. Never rejects. */
	order(order: PageOrder): Promise<PageOutcome>;
	/** A client connection has ended: its place may go to a waiting one. */
	onSessionClosed(frontend: FrontendRuntime): void;
	/** `observe`: the server has failed as often in a row as its `error-limit` allows. */
	onTrafficErrors(server: number, lastError: string): void;
}
