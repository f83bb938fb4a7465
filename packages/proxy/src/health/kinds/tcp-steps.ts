/**
 * `option tcp-check` (HAProxy manual): what one connection of a script says and expects. Pure.
 *
 * A script is cut at its `connect` lines; each part is a conversation of its own. Bytes that an `expect` looked at stay for the
 * next one until something is said.
 */
import type {TcpCheckStep} from '@hapair/config';
import {testLines} from '../../rules/regex.ts';
import {ANSWER_LIMIT_BYTES, type Conversation, type Reply, type Verdict} from '../conversation.ts';

type Step = Exclude<TcpCheckStep, {kind: 'connect'}>;

/** The steps between one `connect` and the next. */
export interface ScriptPart {
	/** Absent: the port of the check. */
	readonly port?: number;
	readonly steps: readonly Step[];
	/** Number of the first step in the whole script, from 1; `connect` lines count. */
	readonly firstStep: number;
	/** Its `connect` line stands in the script. */
	readonly isExplicit: boolean;
}

/** Cuts a script at its connects. Without any line it is one connection on which nothing is said. */
export function cutScript(script: readonly TcpCheckStep[]): readonly ScriptPart[] {
	const parts: {port?: number; steps: Step[]; firstStep: number; isExplicit: boolean}[] = [];
	for (const [index, step] of script.entries()) {
		if (step.kind === 'connect') {
			parts.push({
				steps: [],
				firstStep: index + 2,
				isExplicit: true,
				...(step.port === undefined ? {} : {port: step.port}),
			});
		} else {
			if (parts.length === 0) parts.push({steps: [], firstStep: 1, isExplicit: false});
			parts.at(-1)!.steps.push(step);
		}
	}
	return parts.length === 0 ? [{steps: [], firstStep: 1, isExplicit: false}] : parts;
}

/** Undefined for a part that only connects. */
export function talkSteps(part: ScriptPart): Conversation | undefined {
	const {steps} = part;
	if (steps.length === 0) return undefined;
	let at = 0;
	const takeSends = (): Buffer | undefined => {
		let bytes = '';
		for (let step = steps[at]; step?.kind === 'send'; step = steps[++at]) bytes += step.bytes;
		return bytes === '' ? undefined : Buffer.from(bytes, 'latin1');
	};
	const passed: Verdict = {outcome: 'passed', status: 'L7OK', code: 0, info: '(tcp-check)'};
	const opening = takeSends();
	return {
		...(opening === undefined ? {} : {opening}),
		timeoutStatus: 'L7TOUT',
		timeoutInfo() {
			const step = steps[at];
			return step === undefined ? '' : ` at step ${part.firstStep + at} of tcp-check (${describe(step)})`;
		},
		judge(answer, ended): Verdict | Reply | undefined {
			const text = answer.toString('latin1');
			for (let step = steps[at]; step !== undefined; step = steps[at]) {
				if (step.kind === 'expect') {
					const verdict = judgeExpect(step, text, ended, part.firstStep + at);
					if (verdict !== 'matched') return verdict;
					at++;
					continue;
				}
				const say = takeSends()!;
				return at < steps.length ? {say} : {...passed, goodbye: say};
			}
			return passed;
		},
	};
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
	const shown = {string: `'${step.text}'`, rstring: '(regex)', binary: '(binary)'}[step.match];
	const verb = step.negate ? 'matched unwanted' : 'did not match';
	return {outcome: 'failed', status: 'L7RSP', info: `TCPCHK ${verb} content ${shown} at step ${number}`};
}

function describe(step: Step): string {
	if (step.kind === 'send') return 'send';
	const not = step.negate ? '!' : '';
	if (step.match === 'rstring') return `${not}expect regex`;
	return `${not}expect ${step.match} '${step.match === 'binary' ? step.pattern : step.text}'`;
}
