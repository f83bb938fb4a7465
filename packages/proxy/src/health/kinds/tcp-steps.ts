/**
 * `option tcp-check` (HAProxy manual): what one connection of a script says and expects. Pure.
 *
 * A script is cut at its `connect` lines; each part is a conversation of its own. Bytes that an `expect` looked at stay for the
 * next one until something is said.
 */
import type {CheckVariable, TcpCheckStep} from '@hapair/config';
import {testLines} from '../../rules/regex.ts';
import type {RequestSample} from '../../rules/request-sample.ts';
import {compileRawTemplate} from '../../rules/value-template.ts';
import {compileVariableRule} from '../../rules/variables.ts';
import {ANSWER_LIMIT_BYTES, type Conversation, type Reply, type Verdict} from '../conversation.ts';
import type {Opening} from '../script-check.ts';

type Step = Exclude<TcpCheckStep, {kind: 'connect'}>;

/** The steps between one `connect` and the next. */
export interface ScriptPart extends Opening {
	/** Number of the `connect` line in the whole script, from 1. */
	readonly connectStep: number;
	readonly steps: readonly Step[];
	/** Number of the first of `steps`; every line counts. */
	readonly firstStep: number;
}

/** Cuts a script at its connects. Without any line it is one connection on which nothing is said. */
export function cutScript(script: readonly TcpCheckStep[]): readonly ScriptPart[] {
	const firstConnect = script.findIndex(({kind}) => kind === 'connect');
	const leading = script.slice(0, Math.max(0, firstConnect));
	const before = leading.flatMap(step =>
		step.kind.includes('var') ? [compileVariableRule(step as CheckVariable)] : [],
	);
	const parts: (ScriptPart & {steps: Step[]})[] = [];
	for (const [index, step] of script.entries()) {
		if (index < leading.length) continue;
		const last = parts.at(-1);
		if (step.kind === 'connect') {
			const isFirst = last === undefined;
			parts.push({
				connect: step,
				connectStep: index + 1,
				before: isFirst ? before : [],
				steps: [],
				firstStep: index + 2,
			});
		} else if (last === undefined) {
			parts.push({connect: undefined, connectStep: 0, before: [], steps: [step], firstStep: 1});
		} else last.steps.push(step);
	}
	return parts.length === 0 ? [{connect: undefined, connectStep: 0, before: [], steps: [], firstStep: 1}] : parts;
}

/** Undefined for a part that only connects. */
export function talkSteps(part: ScriptPart, sample: RequestSample): Conversation | undefined {
	const {steps} = part;
	if (steps.every(({kind}) => kind === 'comment')) return undefined;
	let at = 0;
	let failure: Verdict | undefined;
	/** Runs everything up to the next expectation. */
	const takeSends = (): Buffer | undefined => {
		let bytes = '';
		for (let step = steps[at]; step !== undefined && step.kind !== 'expect'; step = steps[++at]) {
			const said = runStep(step, sample);
			if (said === undefined) {
				const info = `tcp-check send : failed to build log-format string at step ${part.firstStep + at}`;
				failure ??= {outcome: 'failed', status: 'L7RSP', info};
			} else bytes += said;
		}
		return bytes === '' ? undefined : Buffer.from(bytes, 'latin1');
	};
	const passed: Verdict = {outcome: 'passed', status: 'L7OK', code: 0, info: '(tcp-check)'};
	const opening = takeSends();
	return {
		...(opening === undefined ? {} : {opening}),
		timeoutStatus: 'L7TOUT',
		timeoutInfo() {
			const step = steps[at];
			if (step === undefined) return '';
			const comment = step.comment === undefined ? '' : ` comment: '${step.comment}'`;
			return ` at step ${part.firstStep + at} of tcp-check (${describe(step)})${comment}`;
		},
		judge(answer, ended): Verdict | Reply | undefined {
			const text = answer.toString('latin1');
			for (let step = steps[at]; failure === undefined && step !== undefined; step = steps[at]) {
				if (step.kind === 'expect') {
					const verdict = judgeExpect(step, text, ended, part.firstStep + at);
					if (verdict !== 'matched') return verdict;
					at++;
					continue;
				}
				const say = takeSends();
				if (failure !== undefined || say === undefined) continue;
				return at < steps.length ? {say} : {...passed, goodbye: say};
			}
			return failure ?? passed;
		},
	};
}

/** What a step says; undefined when it cannot be made. */
function runStep(step: Exclude<Step, {kind: 'expect'}>, sample: RequestSample): string | undefined {
	if (step.kind === 'send') return step.bytes;
	if (step.kind === 'comment') return '';
	if (step.kind !== 'send-format') {
		compileVariableRule(step)(sample);
		return '';
	}
	const text = compileRawTemplate(step.value)(sample);
	if (step.format === 'text') return text;
	return /^(?:[0-9a-f]{2})*$/i.test(text) ? Buffer.from(text, 'hex').toString('latin1') : undefined;
}

type Expect = Extract<TcpCheckStep, {kind: 'expect'}>;

function judgeExpect(step: Expect, text: string, ended: boolean, number: number): Verdict | 'matched' | undefined {
	const mayGrow = !ended && text.length < ANSWER_LIMIT_BYTES;
	if (mayGrow && text.length < (step.minBytes ?? 0)) return undefined;
	if (text === '') {
		if (mayGrow) return undefined;
		return {outcome: 'failed', status: 'L7RSP', info: `TCPCHK got an empty response at step ${number}`};
	}
	const matches = step.match === 'rstring' ? testLines(step.pattern, text) : text.includes(step.pattern);
	if (matches !== step.negate) {
		// What must not be there may still come, unless `min-recv` says that enough was seen.
		return step.negate && mayGrow && step.minBytes === undefined ? undefined : 'matched';
	}
	if (!step.negate && mayGrow) return undefined;
	const comment = step.comment === undefined ? '' : ` comment: ${step.comment}`;
	const shown = {string: `'${step.text}'`, rstring: '(regex)', binary: '(binary)'}[step.match];
	const verb = step.negate ? 'matched unwanted' : 'did not match';
	return {outcome: 'failed', status: 'L7RSP', info: `TCPCHK ${verb} content ${shown} at step ${number}${comment}`};
}

function describe(step: Step): string {
	if (step.kind !== 'expect') return 'send';
	const not = step.negate ? '!' : '';
	if (step.match === 'rstring') return `${not}expect regex`;
	return `${not}expect ${step.match} '${step.match === 'binary' ? step.pattern : step.text}'`;
}
