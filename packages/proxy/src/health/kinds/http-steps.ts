/**
 * `http-check` lines as a script (HAProxy manual, `http-check connect`, `http-check send`): what one connection of it says and expects.
 *
 * A script is cut at its connects; each part is a conversation of its own, with one request. Steps run in their order, so that a
 * variable may hold what an earlier connection was answered. Leaves judging one expectation to `http.ts`.
 */
import type {CheckVariable, HttpCheckRequest, HttpCheckStep} from '@hapair/config';
import type {RequestSample} from '../../rules/request-sample.ts';
import {compileRawTemplate, compileTemplate, type ValueTemplate} from '../../rules/value-template.ts';
import {compileVariableRule} from '../../rules/variables.ts';
import type {Conversation, Verdict} from '../conversation.ts';
import type {Opening} from '../script-check.ts';
import {formatRequest, type HttpCheckRules, judgeExpectation, readHead} from './http.ts';

/** The steps on one connection. */
export interface HttpPart extends Opening {
	readonly steps: readonly CompiledStep[];
}

type CompiledStep =
	| Extract<HttpCheckStep, {kind: 'expect'}>
	| {readonly kind: 'act'; run(sample: RequestSample): void}
	| {
			readonly kind: 'send';
			format(sample: RequestSample, stateLine: string | undefined): string;
	  };

/** Cuts a script at its connects; throws a `RuleError`. */
export function cutHttpScript(script: readonly HttpCheckStep[]): readonly HttpPart[] {
	const firstConnect = script.findIndex(({kind}) => kind === 'connect');
	const leading = script.slice(0, Math.max(0, firstConnect));
	const before = leading.flatMap(step =>
		step.kind.includes('var') ? [compileVariableRule(step as CheckVariable)] : [],
	);
	const parts: (HttpPart & {steps: CompiledStep[]})[] = [];
	for (const step of script.slice(leading.length)) {
		const last = parts.at(-1);
		if (step.kind === 'connect') parts.push({connect: step, before: last === undefined ? before : [], steps: []});
		else if (step.kind === 'comment') continue;
		else if (last === undefined) parts.push({connect: undefined, before: [], steps: [compileStep(step)]});
		else last.steps.push(compileStep(step));
	}
	return parts;
}

function compileStep(step: Exclude<HttpCheckStep, {kind: 'connect' | 'comment'}>): CompiledStep {
	if (step.kind === 'expect') return step;
	if (step.kind === 'send') return {kind: 'send', format: compileRequest(step.request)};
	return {kind: 'act', run: compileVariableRule(step)};
}

function compileRequest(request: HttpCheckRequest): (sample: RequestSample, stateLine?: string) => string {
	const {uri, isUriFormat, headers = [], body = '', isBodyFormat, method, version} = request;
	const plain =
		(text: string): ValueTemplate =>
		() =>
			text;
	const uriOf = isUriFormat === true ? compileTemplate(uri) : plain(uri);
	const bodyOf = isBodyFormat === true ? compileRawTemplate(body) : plain(body);
	const lines = headers.map(line => compileTemplate(line));
	return (sample, stateLine) => {
		const written = {method, version, uri: uriOf(sample) || '/', body: bodyOf(sample)};
		return formatRequest({...written, headers: lines.map(line => line(sample))}, stateLine);
	};
}

export function talkHttpSteps(
	{steps}: HttpPart,
	rules: HttpCheckRules,
	sample: RequestSample,
	stateLine?: string,
): Conversation {
	let at = 0;
	let opening: string | undefined;
	for (
		let step = steps[at];
		step !== undefined && step.kind !== 'expect' && opening === undefined;
		step = steps[++at]
	) {
		if (step.kind === 'act') step.run(sample);
		else opening = step.format(sample, stateLine);
	}
	const passed: Verdict = {outcome: 'passed', status: 'L7OK'};
	return {
		...(opening === undefined ? {} : {opening: Buffer.from(opening, 'latin1')}),
		timeoutStatus: 'L7TOUT',
		judge(bytes, ended) {
			if (opening === undefined) return passed;
			const answer = bytes.toString('latin1');
			const head = readHead(answer, ended, rules);
			if (head === undefined || 'outcome' in head) return head;
			const {code} = head;
			sample.beginResponse(answer.slice(0, head.bodyAt), code, 11, sample.server);
			// Without any expectation the usual one holds.
			if (steps[at] === undefined) return judgeExpectation(answer, head, ended, undefined);
			for (let step = steps[at]; step !== undefined; step = steps[++at]) {
				if (step.kind === 'act') step.run(sample);
				if (step.kind !== 'expect') continue;
				const verdict = judgeExpectation(answer, head, ended, step.expect);
				if (verdict?.outcome !== 'passed') return withComment(verdict, step.comment);
			}
			return {...passed, code};
		},
	};
}

function withComment(verdict: Verdict | undefined, comment: string | undefined): Verdict | undefined {
	if (verdict === undefined || comment === undefined) return verdict;
	return {...verdict, info: `${verdict.info ?? ''} comment: ${comment}`};
}
