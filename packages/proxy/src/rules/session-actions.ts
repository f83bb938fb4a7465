/**
 * `capture`, `set-log-level`, `set-src` and its kin, wherever they stand (HAProxy manual, `http-request capture`).
 *
 * Decides what is kept of a sample. One without a value changes nothing. Leaves the log and the session to those who read it there.
 */
import type {SessionAction} from '@hapair/config';
import {compileExpression} from './expression.ts';
import type {RequestSample} from './request-sample.ts';
import {toAddress, toInteger, toText} from './sample.ts';

const KINDS: readonly string[] = ['set-packets', 'set-log-level', 'set-timeout', 'capture', 'set-end'];

export function isSessionAction(rule: {readonly kind: string}): rule is SessionAction {
	return KINDS.includes(rule.kind);
}

/** Prepares one rule; throws a `RuleError`. */
export function compileSessionAction(rule: SessionAction): (sample: RequestSample) => void {
	if (rule.kind === 'set-packets') {
		const {what, number} = rule;
		return sample => sample.markPackets(what, number);
	}
	if (rule.kind === 'set-log-level') {
		const {level} = rule;
		return sample => {
			if (sample.kept !== undefined) sample.kept.logLevel = level;
		};
	}
	if (rule.kind === 'set-timeout') return compileTimeout(rule);
	const {value} = compileExpression(rule.sample);
	if (rule.kind === 'capture') {
		const {slot, of} = rule;
		return sample => {
			const found = value(sample);
			if (found !== undefined) sample.keep(of, slot, toText(found));
		};
	}
	const {end} = rule;
	const isPort = end === 'src-port' || end === 'dst-port';
	return sample => {
		const found = value(sample);
		if (found === undefined) return;
		if (isPort) sample.changePort(end, toInteger(found));
		else {
			const address = toAddress(found);
			if (address !== undefined) sample.changeAddress(end, address);
		}
	};
}

/** What is no positive number of milliseconds changes nothing. */
function compileTimeout({side, value}: Extract<SessionAction, {kind: 'set-timeout'}>): (sample: RequestSample) => void {
	const key = side === 'server' ? 'serverMs' : 'tunnelMs';
	const read = typeof value === 'number' ? () => value : compileExpression(value).value;
	return sample => {
		const found = read(sample);
		const ms = found === undefined ? 0 : toInteger(found);
		if (ms > 0 && sample.kept !== undefined) sample.kept[key] = ms;
	};
}
