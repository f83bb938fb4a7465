/**
 * What rules do to requests and responses, in the order of the file.
 *
 * A part of the model (`../model.ts`).
 */
import type {Condition, SampleExpression} from './acl.ts';
import type {Position} from './position.ts';
import type {CounterAction} from './tcp-rules.ts';

/** When a rule runs: the kinds of one proxy come one after the other, in this order (HAProxy manual 1.4, and 2.6 for the last). */
export type RuleStage = 'block' | 'http-request' | 'req' | 'reqadd' | 'redirect';

interface RuleFrame {
	readonly condition?: Condition;
	readonly position: Position;
}

/** What a rule may do to either message. Values are texts with variables (`%ci`, `%[src]`); a percent sign of its own is `%%`. */
export type MessageAction =
	| {readonly kind: 'set-header' | 'add-header'; readonly name: string; readonly value: string}
	| {readonly kind: 'del-header'; readonly name: string; readonly match?: 'str' | 'beg' | 'end' | 'sub' | 'reg'}
	/** `replacement` is a text with variables, then with `\0` to `\9` for the groups. */
	| {
			readonly kind: 'replace-header' | 'replace-value';
			readonly name: string;
			readonly regex: string;
			readonly replacement: string;
	  }
	| {
			readonly kind: 'set-var';
			readonly name: string;
			readonly conditions?: readonly VariableCondition[];
			readonly sample: SampleExpression;
	  }
	| {
			readonly kind: 'set-var-fmt';
			readonly name: string;
			readonly conditions?: readonly VariableCondition[];
			readonly value: string;
	  }
	| {readonly kind: 'unset-var'; readonly name: string}
	/** Changes the patterns of a file: key and value are texts with variables. */
	| {readonly kind: 'set-map'; readonly file: string; readonly key: string; readonly value: string}
	| {readonly kind: 'del-map' | 'add-acl' | 'del-acl'; readonly file: string; readonly key: string}
	/** `reqadd`, `rspadd`: a whole line, as it is. */
	| {readonly kind: 'add-line'; readonly text: string}
	/** `reqdel`, `rsprep` and the like: whole lines against a regular expression. */
	| LineRule;

/** When `set-var` changes its variable: all of them must hold (HAProxy manual, `http-request set-var`). */
export type VariableCondition =
	| 'ifexists'
	| 'ifnotexists'
	| 'ifempty'
	| 'ifnotempty'
	| 'ifset'
	| 'ifnotset'
	| 'ifgt'
	| 'iflt';

export interface LineRule {
	readonly kind: 'line';
	readonly action: 'del' | 'rep' | 'deny' | 'allow' | 'pass' | 'tarpit' | 'setbe';
	readonly regex: string;
	readonly ignoreCase: boolean;
	/** What a matching line becomes, with `\0` to `\9`. */
	readonly replacement?: string;
	readonly backend?: string;
}

/** An answer that a rule gives. `body` is a text with variables. */
export interface Reply {
	readonly status: number;
	readonly contentType?: string;
	readonly body?: string;
	/** In place of `body`: a file with it. */
	readonly file?: string;
	/** In place of everything: a file with a whole response. */
	readonly errorFile?: string;
	/** Name of a section `http-errors`; `errorFile` stands in its place once the file has been read. */
	readonly errorFiles?: string;
	/** `default-errorfiles`: the error page of the status. */
	readonly isPage?: boolean;
	readonly headers: readonly {readonly name: string; readonly value: string}[];
}

/** What the rules behind it do with a rewrite that fails: leave it out, or end the message. */
export interface StrictMode {
	readonly kind: 'strict-mode';
	readonly isOn: boolean;
}

/** `normalize-uri`: HAProxy manual. */
export interface Normalizer {
	readonly name:
		| 'fragment-encode'
		| 'fragment-strip'
		| 'path-merge-slashes'
		| 'path-strip-dot'
		| 'path-strip-dotdot'
		| 'percent-decode-unreserved'
		| 'percent-to-uppercase'
		| 'query-sort-by-name';
	/** `full`: `..` goes too where nothing stands before it. */
	readonly isFull: boolean;
	/** `strict`: a percent sign without two digits makes it 400. */
	readonly isStrict: boolean;
}

/** What a rule changes of the session around a message. */
export type SessionAction =
	/** Of packets to the client. */
	| {readonly kind: 'set-packets'; readonly what: 'tos' | 'mark'; readonly number: number}
	/** 0 emerg … 7 debug */
	| {readonly kind: 'set-log-level'; readonly level: number | 'silent'}
	/** `slot`: place among `captureRequestHeaders` or `captureResponseHeaders`. */
	| {
			readonly kind: 'capture';
			readonly sample: SampleExpression;
			readonly slot: number;
			readonly of: 'request' | 'response';
	  }
	/** An expression gives milliseconds. */
	| {
			readonly kind: 'set-timeout';
			readonly side: 'server' | 'tunnel';
			readonly value: number | SampleExpression;
	  }
	| {
			readonly kind: 'set-end';
			readonly end: 'src' | 'src-port' | 'dst' | 'dst-port';
			readonly sample: SampleExpression;
	  };

/** Rules go on once the body is there, or this much of it (0: all), or as much as a buffer holds; after the time it is 408. */
export interface WaitForBody {
	readonly kind: 'wait-for-body';
	readonly timeMs: number;
	readonly atLeastBytes: number;
}

export type RequestAction =
	| MessageAction
	| SessionAction
	| {readonly kind: 'reject' | 'silent-drop'}
	/** Only connections are retried for this request. */
	| {readonly kind: 'disable-l7-retry'}
	| {readonly kind: 'normalize-uri'; readonly normalizer: Normalizer}
	/** A header of a 103 response; `value` is a text with variables. */
	| {readonly kind: 'early-hint'; readonly name: string; readonly value: string}
	| StrictMode
	| WaitForBody
	| CounterAction
	| {readonly kind: 'redirect'; readonly redirect: Redirect}
	| {readonly kind: 'deny' | 'tarpit'; readonly status: number; readonly reply?: Reply}
	| {readonly kind: 'allow'}
	| {readonly kind: 'auth'; readonly realm?: string}
	| {readonly kind: 'return'; readonly reply: Reply}
	| {readonly kind: 'set-method' | 'set-path' | 'set-pathq' | 'set-query' | 'set-uri'; readonly value: string}
	| {
			readonly kind: 'replace-path' | 'replace-pathq' | 'replace-uri';
			readonly regex: string;
			readonly replacement: string;
	  };

export type ResponseAction =
	| MessageAction
	| SessionAction
	| CounterAction
	| {readonly kind: 'redirect'; readonly redirect: Redirect}
	| {readonly kind: 'deny'; readonly status: number; readonly reply?: Reply}
	| {readonly kind: 'allow'}
	| {readonly kind: 'return'; readonly reply: Reply}
	| {readonly kind: 'silent-drop'}
	| WaitForBody
	| StrictMode
	| {readonly kind: 'set-status'; readonly status: number; readonly reason?: string};

export type HttpRequestRule = RequestAction & RuleFrame & {readonly stage: RuleStage};

export type HttpResponseRule = ResponseAction & RuleFrame & {readonly stage: 'http-response' | 'rsp' | 'rspadd'};

/** `http-after-response`: on every response, those of the proxy itself included. */
export type AfterResponseRule = ResponseAction & RuleFrame & {readonly stage: 'http-after-response'};

export interface Redirect {
	readonly type: 'location' | 'prefix' | 'scheme';
	/** With variables, as the value of `set-header`. */
	readonly to: string;
	readonly code: 301 | 302 | 303 | 307 | 308;
	readonly dropQuery: boolean;
	/** No redirect when there is nowhere to go. */
	readonly ignoreEmpty?: boolean;
	readonly appendSlash: boolean;
	readonly setCookie?: string;
	readonly clearCookie?: string;
}

// --- Stick tables -----------------------------------------------------------------------------------------------
