import test from 'ava';
import {type Admission, admit, createReplayGuard, type Datagram, type ReplayGuard} from '../src/index.ts';
import {ownBoot, peerBoot, sampleAdvertisement, sampleDatagram} from './helpers/samples.ts';

const strangeBoot = 'dead00000000beef';

/** A datagram of a boot; `echoed` is the sequence of ours that it names, as its echo or as its challenge. */
function say(bootId: string, sequence: number, echoed?: number, by: 'echo' | 'challenge' = 'echo'): Datagram {
	const proof = echoed === undefined ? undefined : {bootId: ownBoot, sequence: echoed, ageMs: 0};
	return {
		...sampleDatagram,
		challenge: by === 'challenge' ? proof : undefined,
		advertisement: {...sampleAdvertisement, bootId, sequence, echo: by === 'echo' ? proof : undefined},
	};
}

class Gate {
	guard: ReplayGuard = createReplayGuard(ownBoot);
	ownSequence = 100;

	take(datagram: Datagram): Admission {
		const {guard, admission} = admit(this.guard, datagram, this.ownSequence);
		this.guard = guard;
		return admission;
	}
}

/** A gate that trusts the peer's boot at sequence 10, proven by our 100. */
function makeGate(): Gate {
	const gate = new Gate();
	gate.take(say(peerBoot, 10, 100));
	return gate;
}

test('The first word of an unknown boot proves nothing and is challenged', t => {
	const gate = new Gate();
	t.is(gate.take(say(peerBoot, 4)), 'unproven');
	t.deepEqual(gate.guard.challenge, {bootId: peerBoot, sequence: 4});
});

test('A boot that names ours with a recent sequence is believed, by echo or by challenge', t => {
	for (const by of ['echo', 'challenge'] as const) {
		const gate = new Gate();
		gate.take(say(peerBoot, 4));
		t.is(gate.take(say(peerBoot, 5, 99, by)), 'accept');
		t.is(gate.guard.challenge, undefined);
	}
});

test('Two nodes that both just booted find each other in three datagrams', t => {
	const a = new Gate();
	const b = new Gate();
	b.guard = createReplayGuard(peerBoot);
	const hello = (
		bootId: string,
		sequence: number,
		gate: Gate,
		echo?: {bootId: string; sequence: number},
	): Datagram => ({
		...sampleDatagram,
		challenge: gate.guard.challenge,
		advertisement: {...sampleAdvertisement, bootId, sequence, echo: echo && {...echo, ageMs: 0}},
	});
	a.ownSequence = 1;
	t.is(b.take(hello(ownBoot, 1, a)), 'unproven');
	b.ownSequence = 1;
	t.is(a.take(hello(peerBoot, 1, b)), 'accept');
	a.ownSequence = 2;
	t.is(b.take(hello(ownBoot, 2, a, {bootId: peerBoot, sequence: 1})), 'accept');
});

test('Within a boot the sequence must grow', t => {
	const gate = makeGate();
	t.is(gate.take(say(peerBoot, 11)), 'accept');
	t.is(gate.take(say(peerBoot, 11)), 'duplicate');
	t.is(gate.take(say(peerBoot, 500)), 'accept');
	t.is(gate.take(say(peerBoot, 11)), 'old');
});

test('What was overtaken on the way is late once, then a duplicate; 31 behind is the limit', t => {
	const gate = makeGate();
	gate.take(say(peerBoot, 50));
	t.is(gate.take(say(peerBoot, 19)), 'late');
	t.is(gate.take(say(peerBoot, 19)), 'duplicate');
	t.is(gate.take(say(peerBoot, 18)), 'old');
	t.is(gate.take(say(peerBoot, 51)), 'accept');
	t.is(gate.take(say(peerBoot, 50)), 'duplicate');
	t.is(gate.take(say(peerBoot, 20)), 'late', 'the window moves on by one');
});

test('A proof names our present boot, not a former one, and nothing that we have not sent yet', t => {
	const gate = new Gate();
	const former = {bootId: strangeBoot, sequence: 100, ageMs: 0};
	const advertisement = {...sampleAdvertisement, echo: former};
	t.is(gate.take({...sampleDatagram, advertisement}), 'unproven');
	t.is(gate.take(say(peerBoot, 5, 101)), 'unproven');
	t.is(gate.take(say(peerBoot, 5, 0)), 'unproven');
});

test('A proof is one of our newest 64', t => {
	const gate = new Gate();
	t.is(gate.take(say(peerBoot, 5, 36)), 'unproven');
	t.is(gate.take(say(peerBoot, 5, 37)), 'accept');
});

test('A peer that restarts replaces its former boot when it proves more than that did', t => {
	const gate = makeGate();
	t.is(gate.take(say(strangeBoot, 1)), 'unproven');
	t.is(gate.take(say(strangeBoot, 2, 100)), 'unproven', 'no more than the former boot had proven');
	gate.ownSequence = 101;
	t.is(gate.take(say(strangeBoot, 3, 101)), 'accept');
	t.deepEqual(gate.guard.retired, [peerBoot]);
});

test('A recording of a replaced boot stays out, and is not challenged', t => {
	const gate = makeGate();
	gate.ownSequence = 101;
	gate.take(say(strangeBoot, 3, 101));
	t.is(gate.take(say(peerBoot, 11)), 'retired');
	t.is(gate.take(say(peerBoot, 11, 101)), 'retired');
	t.is(gate.guard.challenge, undefined);
});

test('A recording that came before the living boot does not lock that out: the living one proves more', t => {
	// The former boot's last word was lost and recorded; it comes while the new boot is believed.
	const gate = new Gate();
	gate.take(say(peerBoot, 1, 98));
	t.is(gate.take(say(strangeBoot, 90, 99)), 'accept', 'once it may deceive');
	gate.ownSequence = 101;
	t.is(gate.take(say(peerBoot, 2, 101)), 'accept', 'the next word of the living boot ends that');
	t.is(gate.guard.bootId, peerBoot);
	t.deepEqual(gate.guard.retired, [strangeBoot]);
	gate.ownSequence = 150;
	t.is(gate.take(say(strangeBoot, 91, 99)), 'retired');
});

test('What the trusted boot goes on to prove counts: a recording older than that is refused', t => {
	const gate = makeGate();
	gate.ownSequence = 120;
	gate.take(say(peerBoot, 11, 120));
	t.is(gate.take(say(strangeBoot, 90, 119)), 'unproven');
});

test('A stream of unproven hellos displaces neither the trusted boot nor its sequence', t => {
	const gate = makeGate();
	for (let sequence = 1; sequence < 50; sequence += 1) t.is(gate.take(say(strangeBoot, sequence)), 'unproven');
	t.is(gate.guard.bootId, peerBoot);
	t.is(gate.take(say(peerBoot, 11)), 'accept');
});

test('No more than 16 replaced boots are remembered by name', t => {
	const gate = new Gate();
	for (let boot = 1; boot <= 40; boot += 1) {
		gate.ownSequence += 1;
		t.is(gate.take(say(boot.toString(16).padStart(16, '0'), 1, gate.ownSequence)), 'accept');
	}
	t.is(gate.guard.retired.length, 16);
});
