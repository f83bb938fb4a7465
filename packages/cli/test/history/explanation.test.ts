/** What somebody who was woken by a change reads first: what happened, whether anything is broken, where to look. */
import test from 'ava';
import {findCause} from '../../src/history/cause.ts';
import {explainChange, findTelling, isCalm} from '../../src/history/explanation.ts';
import type {HistoryRecord} from '../../src/history/record.ts';
import {sampleStatus} from '../helpers/samples.ts';

function record(to: 'master' | 'backup' | 'fault', reason: string, evidence: string[] = []): HistoryRecord {
	const transition = {id: 'x', from: 'backup', to, term: 4, reason} as const;
	const cause = findCause(transition, sampleStatus);
	return {...transition, time: 't', pair: 'oslo', node: 'lb1', kind: 'transition', cause, evidence};
}

const explain = (to: 'master' | 'backup' | 'fault', reason: string, findings?: readonly string[]): string =>
	explainChange(record(to, reason), findings);

test('A silent peer: what its own recording says decides where to look', t => {
	const silent = 'lb2 has been silent for 731 ms';
	const begins = /^lb2 has been silent for 731 ms on every path, so lb1 took the address\. /;
	for (const [findings, where] of [
		[undefined, /Either lb2 is off, has crashed or is frozen, or the link .* is cut: look at its console first/],
		[['lb2 could not be asked for its recording within two minutes'], /could not be asked .*console first/],
		[
			['lb2 has no recording that shares an advertisement with this one: it was restarted, or never heard'],
			/lost power/,
		],
		[
			['none of 4 advertisements from lb2 to lb1 arrived in 731 ms: they were lost between the two'],
			/cable, switch and/,
		],
		[['3 of 4 advertisements from lb2 to lb1 were lost'], /cable, switch and/],
		[['lb2 sent nothing for 731 ms'], /its machine or its heartbeat stood still/],
	] as const) {
		const text = explain('master', silent, findings);
		t.regex(text, begins);
		t.regex(text, where);
	}
	t.regex(
		explainChange(record('master', silent, ['interface eth0 has no carrier here'])),
		/eth0 has no carrier here: cable or switch port on this side/,
	);
});

test('Each other cause says whether anything is broken, and on which node', t => {
	for (const [to, reason, words] of [
		[
			'backup',
			'this node did not run for 4000 ms',
			/^lb1 itself stood still: its heartbeat did not run for 4000 ms.*doctor/,
		],
		[
			'backup',
			'handing over to lb2: the proxy process exited with 9',
			/^lb1 found itself unfit: the proxy process exited with 9\. It gave the address to lb2.*Mend that on lb1/,
		],
		[
			'fault',
			'track script /check: exit 1',
			/^lb1 found itself unfit: track script \/check: exit 1\. It takes no address until/,
		],
		[
			'master',
			'lb2 hands the address over: it cannot serve (track script /check: exit 1)',
			/^lb2 could not serve: track script \/check: exit 1, and gave .* to be mended is on lb2/,
		],
		[
			'master',
			'lb2 hands the address over',
			/^lb2 gave the address to lb1 in good order: .*`hapair why` on lb2.*Nothing is broken/,
		],
		['backup', 'handing over to lb2: failover to lb2 was requested', /^Somebody ordered it.*Nothing is broken/],
		['backup', 'handing over to lb2: lb2 is preferred', /`preempt` in the pair section prefer .*Nothing is broken/],
		['backup', 'handing over to lb2: lb2 is in better health', /better health/],
		['master', 'lb2 has resigned', /^hapair on lb2 was stopped/],
		['backup', 'lb2 has claimed the address: term 5 over 4', /Both nodes were master.*`hapair why` on lb2/],
		['backup', 'neither lb2 nor the witness confirms this node: it is silent', /Look at the network of lb1 first/],
		['fault', 'takeover failed: ip exited with 2', /could not \(takeover failed: ip exited with 2\)/],
		['backup', 'fit for service again', /has not moved/],
	] as const)
		t.regex(explain(to, reason), words, reason);
	t.true(isCalm(record('backup', 'handing over to lb2: lb2 is preferred')));
	t.false(isCalm(record('master', 'lb2 has been silent for 731 ms')));
});

test('What is told of is the last change that means something', t => {
	const moved = record('backup', 'handing over to lb2: the proxy process exited with 9');
	const fit = record('backup', 'fit for service again');
	t.is(findTelling([record('master', 'lb2 has resigned'), moved, fit]), moved);
	t.is(findTelling([fit]), fit);
	t.is(findTelling([]), undefined);
});
