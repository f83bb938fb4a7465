/**
 * Changing request headers: `http-request set-header`, `add-header`, `del-header` and `option forwardfor`.
 *
 * Decides the new head as text; every edit is a slice of the old one. Names were checked by the configuration's reader and
 * values cannot hold CR or LF. Leaves the order of rules to `request-rules.ts`.
 */
import type {ForwardFor, HttpRequestRule} from '@hapair/config';
import {type Address, type CompiledNetwork, compileNetwork, isInNetwork} from './address.ts';
import {appendHeader, findHeaderLine, firstHeaderLine, removeHeader} from './head-text.ts';
import {RuleError} from './rule-error.ts';
import type {SampleSource} from './sample-source.ts';
import {compileTemplate} from './value-template.ts';

/** Gives the changed head. */
export type HeaderEdit = (head: string, source: SampleSource) => string;

export type HeaderRule = Extract<HttpRequestRule, {kind: 'set-header' | 'add-header' | 'del-header'}>;

/** Framing: a rule that changed it would let two parsers read two messages. */
const FIXED_HEADERS = new Set(['content-length', 'transfer-encoding']);

/** Prepares one rule; throws a `RuleError`. */
export function compileHeaderEdit(rule: HeaderRule): HeaderEdit {
	const {name} = rule;
	const lowerName = name.toLowerCase();
	if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(lowerName)) {
		throw new RuleError(`"${name}" is not a header name; use letters, digits and "-"`);
	}
	if (FIXED_HEADERS.has(lowerName)) {
		throw new RuleError(`${name} says where the body ends and cannot be changed by a rule; remove the rule`);
	}
	if (rule.kind === 'del-header') return head => removeHeader(head, lowerName);
	const value = compileTemplate(rule.value);
	if (rule.kind === 'add-header') return (head, source) => appendHeader(head, `${name}: ${value(source)}`);
	// The value is taken first: it may be made of the header that is replaced.
	return (head, source) => {
		const text = `${name}: ${value(source)}`;
		return appendHeader(removeHeader(head, lowerName), text);
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

/** Appends a line with the client's address behind all others; earlier lines of that name stay as they are. */
export function addForwardFor(plan: ForwardForPlan, head: string, client: Address | undefined): string {
	if (client === undefined) return head;
	for (const network of plan.except) {
		if (isInNetwork(client, network)) return head;
	}
	if (plan.ifNone && findHeaderLine(head, plan.lowerName, firstHeaderLine(head)) !== -1) return head;
	return appendHeader(head, `${plan.header}: ${client.text}`);
}
