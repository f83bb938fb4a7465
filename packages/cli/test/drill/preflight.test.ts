import test from 'ava';
import {findDrillRefusal, type PreflightFacts} from '../../src/drill/preflight.ts';
import {samplePeer, sampleSnapshot, sampleStatus} from '../helpers/samples.ts';

const facts: PreflightFacts = {
	status: sampleStatus,
	proxy: {phase: 'serving', detail: '', snapshot: sampleSnapshot},
	busy: undefined,
	calmMs: 600_000,
	settleMs: 600_000,
	hasTarget: true,
};
const withPeer = (peer: Partial<typeof samplePeer>): PreflightFacts => ({
	...facts,
	status: {...sampleStatus, peer: {...samplePeer, ...peer}},
});
const down = {...sampleSnapshot, backends: sampleSnapshot.backends.map(backend => ({...backend, up: 0}))};

test('a healthy pair may', t => {
	t.is(findDrillRefusal(facts), undefined);
	t.is(findDrillRefusal(withPeer({note: 'drill passed lb2 lb1 34 2026-11-28T04:00:00.000Z'})), undefined);
});

for (const [title, wrong, reason] of [
	['another drill', {...facts, busy: 'another drill'}, /^another drill is under way$/],
	['no heartbeat', {...facts, status: undefined}, /heartbeat process is not running/],
	['the backup', {...facts, status: {...sampleStatus, state: 'backup'}}, /the master holds a drill/],
	['own maintenance', {...facts, status: {...sampleStatus, maintenance: true}}, /^lb1 is in maintenance$/],
	['two holders', withPeer({holdsAddress: true}), /lb2 says that it holds the address too/],
	['a silent peer', withPeer({alive: false}), /nobody would take or give the address/],
	['one way', withPeer({hearsUs: false}), /lb2 does not hear this node/],
	[
		'an unfit peer',
		withPeer({eligible: false, note: 'track gateway failed'}),
		/lb2 cannot serve: track gateway failed/,
	],
	["the peer's maintenance", withPeer({maintenance: true}), /^lb2 is in maintenance$/],
	['drift', withPeer({configDigest: 'bb'}), /different configurations \(drift\)/],
	[
		"the peer's servers",
		withPeer({note: 'backend app has no server up'}),
		/^as seen from lb2, backend app has no server/,
	],
	['own servers', {...facts, proxy: {...facts.proxy, snapshot: down}}, /^as seen from lb1, backend web_servers has no/],
	['own proxy', {...facts, proxy: {phase: 'silent', detail: 'it hangs'}}, /^lb1 does not serve: it hangs$/],
	['nothing to probe', {...facts, hasTarget: false}, /nothing can be measured/],
	['a failover lately', {...facts, calmMs: 59_000}, /last changed 59 s ago, .* calm for 10 min 0 s/],
] as const satisfies readonly (readonly [string, PreflightFacts, RegExp])[]) {
	test(`refused: ${title}`, t => {
		t.regex(findDrillRefusal(wrong) ?? '', reason);
	});
}
