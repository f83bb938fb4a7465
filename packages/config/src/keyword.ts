/**
 * What a keyword is: a row of the one table that dispatch, error hints and the manual's pages are made from.
 *
 * Decides the shape of a row. Leaves the rows to `keywords/*`.
 */
import type {GlobalDraft, HttpErrorsDraft, PairDraft, ProxyDraft, UserlistDraft} from './drafts.ts';
import type {SyntaxMode} from './lexer.ts';
import type {LineCursor} from './line-cursor.ts';

export type SectionKind =
	| 'global'
	| 'defaults'
	| 'frontend'
	| 'listen'
	| 'backend'
	| 'pair'
	| 'userlist'
	| 'http-errors';

/** The manual's D, F, L, B columns. */
export const DFLB: readonly SectionKind[] = ['defaults', 'frontend', 'listen', 'backend'];
export const DFL: readonly SectionKind[] = ['defaults', 'frontend', 'listen'];
export const DLB: readonly SectionKind[] = ['defaults', 'listen', 'backend'];
export const FLB: readonly SectionKind[] = ['frontend', 'listen', 'backend'];
export const FL: readonly SectionKind[] = ['frontend', 'listen'];
export const LB: readonly SectionKind[] = ['listen', 'backend'];
export const GLOBAL: readonly SectionKind[] = ['global'];
export const PAIR: readonly SectionKind[] = ['pair'];

/** What a handler gets. The cursor stands behind the keyword. */
export interface Statement<Draft> {
	readonly draft: Draft;
	readonly cursor: LineCursor;
	/** `no` or `default` stood before the keyword. */
	readonly prefix: 'no' | 'default' | undefined;
	readonly syntax: SyntaxMode;
}

interface Row {
	/** One to three words, as written at the start of the line: `bind`, `option httplog`, `capture request header`. */
	readonly name: string;
	readonly sections: readonly SectionKind[];
	/** Arguments, in the manual's notation. */
	readonly syntax: string;
	/** One sentence for the manual. */
	readonly summary: string;
	/** `no` may stand before it. */
	readonly invertible?: boolean;
	/** HAProxy ≥ 2.1 refuses it by this name: a file that uses it was written for 1.4. */
	readonly only14?: boolean;
	/** Sections in which HAProxy warns and goes on. */
	readonly ignoredIn?: readonly SectionKind[];
}

/** `read` takes what the line says into the draft of its section. */
interface ReadKeyword<Scope extends string, Draft> extends Row {
	readonly scope: Scope;
	readonly read: (statement: Statement<Draft>) => void;
}

export type GlobalKeyword = ReadKeyword<'global', GlobalDraft>;
export type ProxyKeyword = ReadKeyword<'proxy', ProxyDraft>;
export type PairKeyword = ReadKeyword<'pair', PairDraft>;
export type UserlistKeyword = ReadKeyword<'userlist', UserlistDraft>;
export type HttpErrorsKeyword = ReadKeyword<'http-errors', HttpErrorsDraft>;

/** Accepted; a notice says why it changes nothing. */
export interface IneffectiveKeyword extends Row {
	readonly scope: 'ineffective';
	readonly reason: string;
}

/** Known from HAProxy or from the plan of hapair, refused by name. */
export interface UnsupportedKeyword extends Row {
	readonly scope: 'unsupported';
	/** What to write meanwhile. */
	readonly instead?: string;
}

export type Keyword =
	| GlobalKeyword
	| ProxyKeyword
	| PairKeyword
	| UserlistKeyword
	| HttpErrorsKeyword
	| IneffectiveKeyword
	| UnsupportedKeyword;

/** The sentence that refuses what this version cannot do. */
export function notSupported(what: string): string {
	return `${what} is not supported by this version of hapair`;
}
