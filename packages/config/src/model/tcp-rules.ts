/**
 * What `tcp-request` and `tcp-response` do to connections and to what comes over them.
 *
 * A part of the model (`../model.ts`).
 */
import type {Condition, SampleExpression} from './acl.ts';
import type {MessageAction, SessionAction} from './http-rules.ts';
import type {Position} from './position.ts';

/** What a rule does with the counters of a session, 0 to 2. */
export type CounterAction =
	| {readonly kind: 'track'; readonly counter: number; readonly key: SampleExpression; readonly table: string}
	| {
			readonly kind: 'sc-inc';
			readonly counter: number;
			readonly column: `gpc${number}`;
			/** Only an element of `gpc(N)` counts. */
			readonly isElement?: boolean;
	  }
	/** To a number, or to what a sample is. */
	| {
			readonly kind: 'sc-set';
			readonly counter: number;
			readonly column: `gpt${number}`;
			readonly isElement?: boolean;
			readonly tag: number | SampleExpression;
	  };

export interface TcpRequestRule {
	readonly action:
		| {readonly kind: 'accept' | 'reject' | 'silent-drop'}
		| CounterAction
		| SessionAction
		| Extract<MessageAction, {kind: 'set-var' | 'set-var-fmt' | 'unset-var'}>;
	readonly condition?: Condition;
	readonly position: Position;
}

export interface TcpResponseRule {
	readonly action:
		| {readonly kind: 'accept' | 'close' | 'reject' | 'silent-drop'}
		| Exclude<CounterAction, {kind: 'track'}>
		| Extract<SessionAction, {kind: 'set-log-level' | 'set-packets'}>
		| Extract<MessageAction, {kind: 'set-var' | 'set-var-fmt' | 'unset-var'}>;
	readonly condition?: Condition;
	readonly position: Position;
}

/** Rules for the first bytes of a server's answer. */
export interface TcpResponse {
	readonly content: readonly TcpResponseRule[];
	/** How long the bytes that a rule needs are waited for; 0 not at all. */
	readonly inspectDelayMs: number;
}

/** Rules for connections: before and after the session exists, and when the first bytes are there. */
export interface TcpRequest {
	readonly connection: readonly TcpRequestRule[];
	readonly session: readonly TcpRequestRule[];
	readonly content: readonly TcpRequestRule[];
	/** How long the bytes that a content rule needs are waited for; 0 not at all. */
	readonly inspectDelayMs: number;
}

// --- The pair ---------------------------------------------------------------------------------------------------
