/**
 * Questions about a message or a connection: samples, patterns, ACLs, and conditions made of them.
 *
 * A part of the model (`../model.ts`).
 */
import type {Position} from './position.ts';
import type {Network} from './proxy.ts';

/** A named or anonymous ACL test. Several `acl` lines of one name are or-ed. */
export interface Acl {
	readonly name: string;
	readonly test: AclTest;
	readonly position: Position;
}

export type SampleArgument = string;

export interface SampleConverter {
	readonly name: string;
	readonly arguments: readonly SampleArgument[];
}

/** What is taken from a request, a response or a connection, and what is made of it: `hdr(host),lower`. */
export interface SampleExpression {
	/** The canonical name of a row in `samples/fetches.ts`. */
	readonly fetch: string;
	readonly arguments: readonly SampleArgument[];
	readonly converters: readonly SampleConverter[];
}

/** How the sample is compared: `path_beg` is fetch `path`, match `beg`. */
export type AclMatch = 'str' | 'beg' | 'end' | 'sub' | 'dir' | 'dom' | 'reg' | 'ip' | 'int' | 'len' | 'bool' | 'found';

/** Patterns of an ACL, or keys and values of a map. */
export interface PatternList {
	/** `#id` on the stats socket. */
	readonly id: number;
	/** Absent for patterns that stand on the line of their ACL. */
	readonly file?: string;
	/** Entries have values: some map uses it. */
	readonly isMap: boolean;
	/** Some ACL uses it. */
	readonly isAcl: boolean;
	/** Where it is used, in words. */
	readonly description: string;
	/** Each way in which it is looked up, once. */
	readonly uses: readonly PatternUse[];
	readonly entries: readonly PatternEntry[];
}

export interface PatternUse {
	readonly match: PatternMatch;
	readonly ignoreCase: boolean;
	/** What a map makes of its values. */
	readonly output: MapOutput;
	readonly of: 'acl' | 'map';
}

export interface PatternEntry {
	readonly key: string;
	/** Empty in lists of ACLs. */
	readonly value: string;
}

export type MapOutput = 'str' | 'int' | 'ip';

/** As `AclMatch`; `regm` puts groups of the match into the value. */
export type PatternMatch = AclMatch | 'regm';

export interface AclTest {
	readonly sample: SampleExpression;
	readonly match: AclMatch;
	readonly ignoreCase: boolean;
	/** Those of its own line. */
	readonly patterns: readonly AclPattern[];
	/** `-f`: files whose lines are patterns too. */
	readonly files?: readonly string[];
	/** `-M`: those files have keys and values. */
	readonly filesAreMaps?: boolean;
	/** `-u`: the number of its own patterns on the stats socket. */
	readonly listId?: number;
	/** Its own patterns' place in `Configuration.patternLists`. */
	readonly list?: number;
}

export type AclPattern =
	| {readonly kind: 'text'; readonly text: string}
	| {readonly kind: 'regex'; readonly source: string}
	| {readonly kind: 'network'; readonly network: Network}
	| {readonly kind: 'range'; readonly min: number; readonly max: number};

/** `if A B || !C`: or of ands; `unless` is `negate`. */
export interface Condition {
	readonly negate: boolean;
	readonly anyOf: readonly (readonly ConditionTerm[])[];
}

export interface ConditionTerm {
	readonly negate: boolean;
	/** All tests of the ACL name; true when one is. Resolved by the parser: predefined and anonymous ACLs too. */
	readonly name: string;
	readonly tests: readonly AclTest[];
}
