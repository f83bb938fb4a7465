import test from 'ava';
import {composeStatus} from '../src/status.ts';
import {asMaster, makeBackup, makeMaster, Node} from './helpers/node.ts';

const extras = {
	lease: 'kernel',
	paths: [],
	counters: {sent: 3},
	longestStallMs: 1.6,
	renewedAtMs: 0,
	contradictions: [],
} as const;

test('A master and its peer: states, ages, who hears whom', t => {
	const {state, nowMs} = makeMaster();
	const status = composeStatus(state, extras, nowMs + 10);
	t.like(status, {node: 'lb1', state: 'master', holdsAddress: true, eligible: true, term: 1, solo: false});
	t.like(status, {leaseMs: 500, masterDownMs: 625, lease: 'kernel', longestStallMs: 2});
	t.like(status.peer, {node: 'lb2', alive: true, state: 'backup', hearsUs: true, lastHeardMs: 210});
	t.is(status.sinceMs, Math.round(nowMs + 10 - state.sinceMs));
});

test('A peer that was never heard is unknown, not dead', t => {
	const {state} = new Node();
	const {peer} = composeStatus(state, extras, 5);
	t.like(peer, {node: 'lb2', alive: false, state: 'unknown', priority: 100, hearsUs: false});
	t.false('lastHeardMs' in peer);
});

test('A silent peer is not alive, and what it said last is kept', t => {
	const node = makeBackup({onIsolation: 'hold'}).run(2000);
	const {peer} = composeStatus(node.state, extras, node.nowMs);
	t.like(peer, {alive: false, state: 'master', term: 3});
	t.true((peer.lastHeardMs ?? 0) >= 2000);
});

test('One-way loss shows: the peer is alive and does not hear this node', t => {
	const node = makeBackup().runWith({...asMaster, echo: undefined}, 1000);
	t.like(composeStatus(node.state, extras, node.nowMs).peer, {alive: true, hearsUs: false});
});

test('A failed takeover is the note, before the fitness', t => {
	const node = makeBackup().run(700);
	node.step({type: 'claimFailed', term: 4, reason: 'no such interface'});
	t.like(composeStatus(node.state, extras, node.nowMs), {
		note: 'takeover failed: no such interface',
		eligible: false,
		state: 'fault',
		holdsAddress: false,
	});
});
