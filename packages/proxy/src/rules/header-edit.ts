/**
 * Changing the headers of a request or a response: `set-header`, `replace-value` and their kin, and `option forwardfor`.
 *
 * Decides the new head as text; every edit is a slice of the old one. Names were checked by the configuration's reader and
 * values cannot hold CR or LF. Leaves the order of rules to `request-rules.ts` and `response-rules.ts`.
 */
import type {AddressHeader, ForwardFor, MessageAction} from '@hapair/config';
import {type Address, type CompiledNetwork, compileNetwork, isInNetwork} from './address.ts';
import {appendHeader, findHeaderLine, firstHeaderLine, headerValueAt, nextLine, removeHeader} from './head-text.ts';
import {mapListValues} from './header-list.ts';
import {compileRegex, expandReplacement, MAX_SUBJECT, matchRegex} from './regex.ts';
import {RuleError} from './rule-error.ts';
import type {SampleSource} from './sample-source.ts';
import {compileTextTest} from './text-match.ts';
import {compileTemplate} from './value-template.ts';

/** Gives the changed head. */
export type HeaderEdit = (head: string, source: SampleSource) => string;

export type HeaderRule = Extract<MessageAction, {kind: (typeof HEADER_KINDS)[number]}>;

const HEADER_KINDS = ['set-header', 'add-header', 'del-header', 'replace-header', 'replace-value'] as const;

/** Framing: a rule that changed it would let two parsers read two messages. */
const FIXED_HEADERS = new Set(['content-length', 'transfer-encoding']);

export function isHeaderRule(rule: {readonly kind: string}): rule is HeaderRule {
	return (HEADER_KINDS as readonly string[]).includes(rule.kind);
}

/** Prepares one rule; throws a `RuleError`. */
export function compileHeaderEdit(rule: HeaderRule): HeaderEdit {
	const {name} = rule;
	const lowerName = name.toLowerCase();
	if (rule.kind === 'del-header' && rule.match !== undefined) return compileDeletion(name, rule.match);
	if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(lowerName)) {
		throw new RuleError(`"${name}" is not a header name; use letters, digits and "-"`);
	}
	if (FIXED_HEADERS.has(lowerName)) {
		throw new RuleError(`${name} says where the body ends and cannot be changed by a rule; remove the rule`);
	}
	switch (rule.kind) {
		case 'del-header':
			return head => removeHeader(head, lowerName);
		case 'replace-header':
		case 'replace-value':
			return compileReplacement(rule, lowerName);
		default: {
			const value = compileTemplate(rule.value);
			if (rule.kind === 'add-header') return (head, source) => appendHeader(head, `${name}: ${value(source)}`);
			// The value is taken first: it may be made of the header that is replaced.
			return (head, source) => {
				const text = `${name}: ${value(source)}`;
				return appendHeader(removeHeader(head, lowerName), text);
			};
		}
	}
}

/** `del-header X-Debug- -m beg`: every header whose name matches, but for those that say where the body ends. */
function compileDeletion(name: string, match: 'str' | 'beg' | 'end' | 'sub' | 'reg'): HeaderEdit {
	const pattern = match === 'reg' ? {kind: 'regex' as const, source: name} : {kind: 'text' as const, text: name};
	const accepts = compileTextTest(match, [pattern], true);
	return head => {
		let line = firstHeaderLine(head);
		while (line < head.length - 2) {
			const next = nextLine(head, line);
			const own = head.slice(line, head.indexOf(':', line)).toLowerCase();
			if (!FIXED_HEADERS.has(own) && accepts(own)) head = head.slice(0, line) + head.slice(next);
			else line = next;
		}
		return head;
	};
}

type Replacement = Extract<HeaderRule, {kind: 'replace-header' | 'replace-value'}>;

/** What matches is replaced as a whole: the value of a line, or one value of a list. */
function compileReplacement(rule: Replacement, lowerName: string): HeaderEdit {
	const regex = compileRegex(rule.regex, false);
	const template = compileTemplate(rule.replacement);
	const isList = rule.kind === 'replace-value';
	return (head, source) => {
		const replace = (value: string): string => {
			const match = matchRegex(regex, value);
			return match === null ? value : expandReplacement(template(source), match).slice(0, MAX_SUBJECT);
		};
		let line = findHeaderLine(head, lowerName, firstHeaderLine(head));
		while (line !== -1) {
			const value = headerValueAt(head, line, lowerName.length);
			const changed = isList ? mapListValues(value, replace) : replace(value);
			const end = nextLine(head, line) - 2;
			if (changed !== value) head = `${head.slice(0, line + lowerName.length)}: ${changed}${head.slice(end)}`;
			line = findHeaderLine(head, lowerName, nextLine(head, line));
		}
		return head;
	};
}

/** `option forwardfor` of a frontend and a backend, prepared once for the two. */
export interface ForwardForPlan {
	readonly header: string;
	readonly lowerName: string;
	readonly except: readonly CompiledNetwork[];
	readonly ifNone: boolean;
}

/**
 * Combines both sides' options: the backend's header name wins, `if-none` must be asked for by every side that has the
 * option, and clients in either side's `except` networks get none. `undefined` when neither has it.
 */
export function compileForwardFor(
	frontend: ForwardFor | undefined,
	backend: ForwardFor | undefined,
): ForwardForPlan | undefined {
	const sides = [frontend, backend].filter(side => side !== undefined);
	const last = sides.at(-1);
	if (last === undefined) return undefined;
	const except = sides.flatMap(side => side.except).map(network => compileNetwork(network));
	return {
		header: last.header,
		lowerName: last.header.toLowerCase(),
		except: except.filter(network => network !== undefined),
		ifNone: sides.every(side => side.ifNone),
	};
}

/** `option originalto`: the same with the address that the client connected to. */
export function compileOriginalTo(
	frontend: AddressHeader | undefined,
	backend: AddressHeader | undefined,
): ForwardForPlan | undefined {
	const always = (side: AddressHeader | undefined) => (side === undefined ? undefined : {...side, ifNone: false});
	return compileForwardFor(always(frontend), always(backend));
}

/** Appends a line with an address behind all others; earlier lines of that name stay as they are. */
export function addForwardFor(plan: ForwardForPlan, head: string, address: Address | undefined): string {
	if (address === undefined) return head;
	for (const network of plan.except) {
		if (isInNetwork(address, network)) return head;
	}
	if (plan.ifNone && findHeaderLine(head, plan.lowerName, firstHeaderLine(head)) !== -1) return head;
	return appendHeader(head, `${plan.header}: ${address.text}`);
}
