import type {FlightRecording, RingEntry} from '@hapair/heartbeat';
import test from 'ava';
import {compareClocks, explainSpan} from '../../src/history/merge-rings.ts';

interface Story {
	/** The peer's clock less this node's, ms. */
	readonly offsetMs?: number;
	readonly wayMs?: number;
	/** Of this node's clock: nothing of that direction arrives in the span, or the peer's process stands still. */
	readonly cut?: readonly ('there' | 'back')[];
	readonly frozen?: boolean;
}

const span = {fromMs: 5000, toMs: 5700};
const inSpan = (atMs: number): boolean => atMs > span.fromMs && atMs < span.toMs;

/** lb2 is this node, lb1 the peer; each sends every 200 ms for 6 s. */
function tell({offsetMs = 123_456, wayMs = 3, cut = [], frozen = false}: Story): [FlightRecording, FlightRecording] {
	const own: RingEntry[] = [];
	const peer: RingEntry[] = [];
	for (let sequence = 1; sequence <= 30; sequence += 1) {
		const ownSentMs = sequence * 200 + 50;
		const peerSentMs = sequence * 200;
		own.push({kind: 'sent', atMs: ownSentMs, sequence});
		const standsStill = frozen && inSpan(peerSentMs);
		if (!standsStill) peer.push({kind: 'sent', atMs: peerSentMs + offsetMs, sequence});
		if (!standsStill && !(cut.includes('back') && inSpan(peerSentMs)))
			own.push({kind: 'heard', atMs: peerSentMs + wayMs, sequence, path: 0});
		if (!(cut.includes('there') && inSpan(ownSentMs)) && !(frozen && inSpan(ownSentMs)))
			peer.push({kind: 'heard', atMs: ownSentMs + wayMs + offsetMs, sequence, path: 0});
	}
	if (frozen) peer.push({kind: 'late', atMs: 5750 + offsetMs, lateMs: 700});
	return [
		{node: 'lb2', bootId: 'b', peerBootId: 'a', nowMs: 6500, entries: own},
		{node: 'lb1', bootId: 'a', peerBootId: 'b', nowMs: 6500 + offsetMs, entries: peer},
	];
}

const explain = (story: Story): string[] => {
	const [own, peer] = tell(story);
	return explainSpan(own, peer, span, 100);
};

test('Two clocks are compared by the fastest advertisement of each direction', t => {
	t.deepEqual(compareClocks(...tell({offsetMs: 5000, wayMs: 3})), {offsetMs: -5000, doubtMs: 3});
});

test('A cut of one direction: the peer spoke, nothing of it arrived, and it heard us', t => {
	t.deepEqual(explain({cut: ['back']}), [
		'none of 3 advertisements from lb1 to lb2 arrived in 700 ms: they were lost between the two',
		'all 4 advertisements from lb2 to lb1 arrived',
		'the two clocks were compared to within 3 ms',
	]);
});

test('A cut of both directions', t => {
	t.is(explain({cut: ['there', 'back']}).filter(line => line.includes('were lost between the two')).length, 2);
});

test('A frozen peer sent nothing, and its own recording says so', t => {
	const lines = explain({frozen: true});
	t.is(lines[0], 'lb1 sent nothing for 700 ms');
	t.true(lines.includes('the heartbeat on lb1 did not run for 700 ms until 50 ms after the change'));
});

test('A slow way is told', t => {
	const [own, peer] = tell({});
	const entries = own.entries.map(entry =>
		entry.kind === 'heard' && entry.sequence === 27 ? {...entry, atMs: entry.atMs + 400} : entry,
	);
	t.regex(
		explainSpan({...own, entries}, peer, span, 100)[0] ?? '',
		/^all 3 .* arrived, one of them 40\d ms on its way$/,
	);
});

test('A peer that was restarted has nothing to compare', t => {
	const [own, peer] = tell({});
	t.is(compareClocks(own, {...peer, bootId: 'c'}), undefined);
	t.regex(explainSpan(own, {...peer, bootId: 'c'}, span, 100)[0] ?? '', /it was restarted, or never heard/);
});
