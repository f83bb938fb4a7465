/**
 * Rules of drafts into those of the model: of requests, responses, connections and stick tables.
 *
 * Decides the order in which kinds of rules run. Leaves conditions to `build-conditions.ts`.
 */
import {buildCondition, groupTests} from './build-conditions.ts';
import {positionOf} from './diagnostics.ts';
import type {HttpErrorsDraft, ProxyDraft, ResponseRuleDraft, RuleDraft, TcpRuleDraft} from './drafts.ts';
import {withErrorFile} from './error-pages.ts';
import type {
	AfterResponseRule,
	HttpResponseRule,
	ProxyCommon,
	RuleStage,
	StickRule,
	TcpRequest,
	TcpRequestRule,
} from './model.ts';

export type RuleLists = Pick<ProxyCommon, 'httpRequestRules' | 'httpResponseRules' | 'afterResponseRules'>;

/** Kinds of rules in the order in which they run; `sort` is stable, so rules of one kind keep the order of the file. */
export const RULE_STAGES: readonly RuleStage[] = ['block', 'http-request', 'req', 'reqadd', 'redirect'];
const RESPONSE_STAGES: readonly ResponseRuleDraft['stage'][] = [
	'http-response',
	'rsp',
	'rspadd',
	'http-after-response',
];

export function buildRules(draft: ProxyDraft, errorSections: readonly HttpErrorsDraft[]): RuleLists {
	const acls = groupTests(draft);
	const frame = ({condition, place}: RuleDraft | ResponseRuleDraft) => ({
		position: positionOf(place),
		...(condition === undefined ? {} : {condition: buildCondition(condition, acls)}),
	});
	const requests = draft.rules.toSorted((a, b) => RULE_STAGES.indexOf(a.stage) - RULE_STAGES.indexOf(b.stage));
	const responses = draft.responseRules.toSorted(
		(a, b) => RESPONSE_STAGES.indexOf(a.stage) - RESPONSE_STAGES.indexOf(b.stage),
	);
	const httpResponseRules: HttpResponseRule[] = [];
	const afterResponseRules: AfterResponseRule[] = [];
	for (const rule of responses) {
		const {stage} = rule;
		const action = withErrorFile(rule.action, errorSections);
		if (stage === 'http-after-response') afterResponseRules.push({...action, ...frame(rule), stage});
		else httpResponseRules.push({...action, ...frame(rule), stage});
	}
	const httpRequestRules = requests.map(rule => ({
		...withErrorFile(rule.action, errorSections),
		...frame(rule),
		stage: rule.stage,
	}));
	return {httpRequestRules, httpResponseRules, afterResponseRules};
}

export function buildTcpRequest(draft: ProxyDraft): TcpRequest | undefined {
	if (draft.tcpRules.length === 0) return undefined;
	const acls = groupTests(draft);
	const rules = (wanted: TcpRuleDraft['stage']): TcpRequestRule[] =>
		draft.tcpRules
			.filter(({stage}) => stage === wanted)
			.map(({action, condition, place}) => ({
				action,
				position: positionOf(place),
				...(condition === undefined ? {} : {condition: buildCondition(condition, acls)}),
			}));
	return {
		connection: rules('connection'),
		session: rules('session'),
		content: rules('content'),
		inspectDelayMs: draft.inspectDelayMs ?? 0,
	};
}

export function buildStickRules(draft: ProxyDraft): readonly StickRule[] {
	const acls = groupTests(draft);
	return draft.stickRules.map(({kind, key, table, condition, place}) => ({
		kind,
		key,
		table: table?.name ?? draft.name,
		position: positionOf(place),
		...(condition === undefined ? {} : {condition: buildCondition(condition, acls)}),
	}));
}
