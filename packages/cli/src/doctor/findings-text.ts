/**
 * An examination as text for people. Pure.
 *
 * Decides the layout: a mark, the check, one sentence; what to do stands below it. Words of the peer and of providers are cleaned.
 */
import {clean, type Paint, type Style} from '../terminal.ts';
import {type Conclusion, describeFailovers} from './conclude.ts';
import type {Finding, Grade} from './finding.ts';

const marks: Readonly<Record<Grade, readonly [mark: string, style: Style]>> = {
	ok: ['✔', 'green'],
	warn: ['!', 'yellow'],
	fail: ['✘', 'red'],
	unknown: ['?', 'cyan'],
};

/** Lines without their ends. `side` tells whose side was examined. */
export function formatExamination(
	findings: readonly Finding[],
	conclusion: Conclusion,
	side: {readonly pair: string; readonly node: string; readonly peer: string; readonly daemonRuns: boolean},
	paint: Paint,
): string[] {
	const width = Math.max(...findings.map(({check}) => check.length));
	const driverWidth = Math.max(...conclusion.drivers.map(({driver}) => driver.length));
	const daemon = side.daemonRuns ? '' : ', no daemon runs here';
	return [
		`${paint('bold', `pair ${side.pair}`)}  as seen from ${side.node}${daemon}`,
		...findings.flatMap(({check, grade, message, hint}) => [
			`${paintMark(grade, paint)} ${check.padEnd(width)}  ${clean(message)}`,
			...(hint === undefined || grade === 'ok' ? [] : [`  ${' '.repeat(width)}  ${paint('dim', `→ ${clean(hint)}`)}`]),
		]),
		'',
		...conclusion.drivers.map(
			({driver, grade, message}) => `${paintMark(grade, paint)} takeover ${driver.padEnd(driverWidth)}  ${message}`,
		),
		...describeFailovers(conclusion).map(line => `  ${line}`),
		'',
		paint('dim', `Networks may treat the two nodes differently: run it on ${side.peer} too.`),
	];
}

function paintMark(grade: Grade, paint: Paint): string {
	const [mark, style] = marks[grade];
	return paint(style, mark);
}
