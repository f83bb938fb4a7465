/**
 * Health checks of a backend: what is sent to a server, and which answer is a good one.
 *
 * A part of the model (`../model.ts`).
 */
import type {SampleExpression} from './acl.ts';
import type {MessageAction} from './http-rules.ts';

export type CheckKind =
	| {readonly kind: 'tcp'}
	| HttpCheck
	| {readonly kind: 'ssl-hello'}
	/** `option smtpchk`: the greeting to send, such as `HELO localhost`. */
	| {readonly kind: 'smtp'; readonly hello: string}
	/** `option mysql-check`: without a user only the server's greeting is read. */
	| {readonly kind: 'mysql'; readonly user?: string; readonly protocol: 'pre-41' | 'post-41'}
	| {readonly kind: 'pgsql'; readonly user: string}
	| {readonly kind: 'ldap'}
	| {readonly kind: 'redis'}
	| {readonly kind: 'tcp-check'; readonly steps: readonly TcpCheckStep[]};

/** `option httpchk [METHOD] URI [VERSION]` and `http-check send`. */
export interface HttpCheck {
	readonly kind: 'http';
	readonly method: string;
	readonly uri: string;
	/** May carry extra headers after `\r\n` (1.4 manual). */
	readonly version: string;
	/** `http-check send … hdr`: whole lines without their ends. */
	readonly headers?: readonly string[];
	/** `http-check send … body`. */
	readonly body?: string;
	/** More than one request and what is expected of it: all steps, in their order. */
	readonly script?: readonly HttpCheckStep[];
}

/** Opens a connection of a check. */
export interface CheckConnect {
	readonly kind: 'connect';
	/** Absent: the port of the check. */
	readonly port?: number | SampleExpression;
	readonly address?: string;
	readonly sendsProxy?: boolean;
	readonly comment?: string;
}

/** Kept from one step of a check to later ones. */
export type CheckVariable = Extract<MessageAction, {kind: 'set-var' | 'set-var-fmt' | 'unset-var'}> & {
	readonly comment?: undefined;
};

export interface CheckComment {
	readonly kind: 'comment';
	readonly text: string;
	readonly comment?: undefined;
}

/** Header lines are texts with variables; so are URI and body where they say so. */
export interface HttpCheckRequest {
	readonly method: string;
	readonly uri: string;
	readonly isUriFormat?: boolean;
	readonly version: string;
	readonly headers?: readonly string[];
	readonly body?: string;
	readonly isBodyFormat?: boolean;
}

/** One `http-check` line. */
export type HttpCheckStep =
	| CheckConnect
	| CheckVariable
	| CheckComment
	| {readonly kind: 'send'; readonly request: HttpCheckRequest; readonly comment?: string}
	| {readonly kind: 'expect'; readonly expect: HttpExpect; readonly comment?: string};

/** `http-check expect [!] …`. */
export type HttpExpect = {readonly negate: boolean} & (
	| {readonly match: 'status'; readonly ranges: readonly {readonly min: number; readonly max: number}[]}
	| {readonly match: 'rstatus'; readonly regex: string}
	| {readonly match: 'rstring'; readonly regex: string}
	| {readonly match: 'string'; readonly text: string}
);

/** One `tcp-check` line. Bytes are latin1 text. */
export type TcpCheckStep =
	| CheckConnect
	| CheckVariable
	| CheckComment
	| {readonly kind: 'send'; readonly bytes: string; readonly comment?: string}
	/** A text with variables, or one that becomes the digits of bytes. */
	| {readonly kind: 'send-format'; readonly format: 'text' | 'hex'; readonly value: string; readonly comment?: string}
	/** `text` is the pattern as the file has it, for messages. */
	| {
			readonly kind: 'expect';
			readonly negate: boolean;
			readonly match: 'string' | 'rstring' | 'binary';
			/** `min-recv`: bytes before it is judged. */
			readonly minBytes?: number;
			readonly pattern: string;
			readonly text: string;
			readonly comment?: string;
	  };
