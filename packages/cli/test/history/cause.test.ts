/** Why a node changed: every reason that the election gives has a cause. */
import {globSync, readFileSync} from 'node:fs';
import test from 'ava';
import {findCause, findEvidence} from '../../src/history/cause.ts';
import {samplePeer, sampleStatus} from '../helpers/samples.ts';

const change = (to: 'master' | 'backup' | 'fault' | 'stopped', reason: string, from = 'backup' as const) => ({
	id: 'x',
	from,
	to,
	term: 4,
	reason,
});

test('A reason has its cause', t => {
	for (const [to, reason, cause] of [
		['master', 'lb2 has been silent for 731 ms', 'peer silent'],
		['master', 'lb2 has been silent for 731 ms, and the witness consents', 'peer silent'],
		['master', 'lb2 has resigned', 'peer stopped'],
		['master', 'lb2 hands the address over', 'planned move'],
		['master', 'lb2 hands the address over: it cannot serve (the proxy is down)', 'peer cannot serve'],
		['backup', 'handing over to lb2: failover to lb2 was requested', 'planned move'],
		['backup', 'handing over to lb2: lb2 asks for the address', 'planned move'],
		['backup', 'handing over to lb2: lb2 is preferred', 'preference'],
		['backup', 'handing over to lb2: track script: exit 1', 'this node cannot serve'],
		['backup', 'lb2 has claimed the address: term 5 over 4', 'peer claimed'],
		['backup', 'this node did not run for 4000 ms', 'this node stalled'],
		['backup', 'neither lb2 nor the witness confirms this node: the witness does not answer', 'nobody confirms'],
		['fault', 'takeover failed: ip exited with 2', 'takeover failed'],
		['fault', 'backend web has 0 of 1 servers', 'this node cannot serve'],
		['backup', 'fit for service again', 'fit again'],
		['backup', 'lb2 is master', 'start'],
		['backup', 'lb2 was not heard within the start delay', 'start'],
		['stopped', 'stopped on request', 'stop'],
	] as const)
		t.is(findCause(change(to, reason), sampleStatus), cause, reason);
});

test('A peer that yields could not serve, or both have just started', t => {
	const yields = change('master', 'lb2 does not hold the address and yields');
	t.is(findCause(yields, sampleStatus), 'start');
	t.is(findCause(yields, {...sampleStatus, peer: {...samplePeer, eligible: false}}), 'peer cannot serve');
});

test('No sentence that the election gives for a change of state is without a cause', t => {
	const source = globSync(new URL('../../../heartbeat/src/election/*.ts', import.meta.url).pathname)
		.map(file => readFileSync(file, 'utf8'))
		.join('\n');
	const given = [
		...source.matchAll(/(?:becomeFault|becomeBackup|becomeListener|becomeStopped|stepDown)\(work, ([`'])(.*?)\1/g),
	];
	t.true(given.length >= 4);
	for (const [, , text] of given) {
		const reason = text!.replaceAll(/\$\{[^}]*\}/g, 'lb2');
		t.not(findCause(change('backup', reason), sampleStatus), 'unknown', reason);
	}
});

test('Evidence: what is wrong comes first, and times are those of the change', t => {
	const before = {...sampleStatus, longestStallMs: 900, eligible: false, note: 'track gateway'};
	t.deepEqual(findEvidence(before, 500, [{name: 'eth0', up: false}]), [
		'interface eth0 has no carrier here',
		'the heartbeat process here stood still for 900 ms in the last minute',
		'path 10.0.0.11 to 10.0.0.12: last heard 620 ms before',
		'this node could not serve: track gateway',
	]);
	t.deepEqual(findEvidence(undefined, 0, []), []);
});
