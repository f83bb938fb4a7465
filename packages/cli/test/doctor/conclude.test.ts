import type {Pair, TakeoverDriver} from '@hapair/config';
import test from 'ava';
import {conclude, describeFailovers} from '../../src/doctor/conclude.ts';
import {type Finding, finding, type Grade, worstOf} from '../../src/doctor/finding.ts';
import {formatExamination} from '../../src/doctor/findings-text.ts';
import {samplePair} from '../helpers/samples.ts';

const hetzner = {kind: 'hetzner-cloud', targets: ['203.0.113.7']} as unknown as TakeoverDriver;
const announcement = (grade: Grade): Finding => finding('announcement', grade, 'x');

test('the times are those of the heartbeat: the preferred survivor is quicker', t => {
	const {failovers} = conclude(samplePair, []);
	t.deepEqual(failovers[0], {node: 'lb1', successor: 'lb2', shortestMs: 525, longestMs: 745});
	t.deepEqual(failovers[1], {node: 'lb2', successor: 'lb1', shortestMs: 425, longestMs: 645});
	t.is(describeFailovers(conclude(samplePair, []))[0], 'lb1 dies: lb2 has the address after 525 ms to 745 ms');
});

for (const [grade, outlook, words] of [
	['ok', 'ok', 'will work'],
	['unknown', 'unknown', 'may work: that the network accepts announcements is not proven'],
	['warn', 'warn', 'may work: that the network accepts announcements is not proven'],
	['fail', 'fail', 'will not work as it is'],
] as const) {
	test(`takeover ip with an announcement that is ${grade}: ${words}`, t => {
		const {drivers, remarks} = conclude(samplePair, [announcement(grade)]);
		t.deepEqual(drivers, [{driver: 'ip', grade: outlook, message: words}]);
		t.is(
			remarks.some(remark => remark.includes('a minute for Linux')),
			grade === 'fail',
		);
	});
}

test('a driver works or not by its own finding, and says what it takes', t => {
	const pair: Pair = {...samplePair, drivers: [hetzner]};
	const judge = (grade: Grade) => conclude(pair, [announcement('ok'), finding('hetzner-cloud', grade, 'x')]).drivers;
	t.deepEqual(
		judge('ok').map(({message}) => message),
		['adds the address; the driver moves it', 'will work, and takes a few seconds on top'],
	);
	t.is(judge('fail')[1]?.grade, 'fail');
});

test('what stands in the way of a claim is said', t => {
	t.regex(conclude({...samplePair, witness: {host: 'w', port: 1}}, []).remarks.join(), /witness has to consent/);
	t.regex(conclude({...samplePair, onIsolation: 'hold'}, []).remarks.join(), /on isolation hold/);
});

test('the worst grade', t => {
	t.is(worstOf([]), 'ok');
	t.is(worstOf(['ok', 'unknown', 'warn']), 'warn');
	t.is(worstOf(['fail', 'warn']), 'fail');
	t.is(worstOf(['ok', 'unknown']), 'unknown');
});

test('as text: marks, hints only where something is to be done, foreign words without control characters', t => {
	const findings = [
		finding('link', 'ok', 'eth0 is up', 'not shown'),
		finding('announcement', 'fail', 'no\x1b[31m gratuitous\nARP', 'let it pass'),
		finding('clock', 'warn', 'late'),
		finding('digest', 'unknown', 'not known'),
	];
	const side = {pair: 'oslo', node: 'lb1', peer: 'lb2', daemonRuns: false};
	const lines = formatExamination(findings, conclude(samplePair, findings), side, (_, text) => text);
	t.deepEqual(lines.slice(0, 6), [
		'pair oslo  as seen from lb1, no daemon runs here',
		'✔ link          eth0 is up',
		'✘ announcement  no [31m gratuitous ARP',
		'                → let it pass',
		'! clock         late',
		'? digest        not known',
	]);
	t.true(lines.includes('✘ takeover ip  will not work as it is'));
	t.is(lines.at(-1), 'Networks may treat the two nodes differently: run it on lb2 too.');
});
