/**
 * What really happened between two nodes: both flight recordings laid on one clock. Pure.
 *
 * Decides which of the two clocks is right by neither: the fastest advertisement each way bounds the difference (as NTP does, RFC 5905 §8), and
 * half of what is left is the doubt. Then each side's sendings are looked for among what the other side heard.
 */
import type {FlightRecording, RingEntry} from '@hapair/heartbeat';
import {formatDuration} from '../terminal.ts';

export interface ClockDifference {
	/** Add this to a time of the peer's recording to have it on this node's clock, ms. */
	readonly offsetMs: number;
	/** It may be wrong by so much either way. */
	readonly doubtMs: number;
}

/** Nothing when no advertisement of one direction stands in both recordings: then the clocks cannot be compared. */
export function compareClocks(own: FlightRecording, peer: FlightRecording): ClockDifference | undefined {
	const there = fastest(own, peer);
	const back = fastest(peer, own);
	if (there === undefined || back === undefined) return undefined;
	// there = way + (peer's clock − ours), back = way − (peer's clock − ours).
	return {offsetMs: (back - there) / 2, doubtMs: Math.max(0, (there + back) / 2)};
}

/** The least of "heard by the receiver's clock" less "sent by the sender's", over all that stands in both. */
function fastest(sender: FlightRecording, receiver: FlightRecording): number | undefined {
	if (receiver.peerBootId !== sender.bootId) return undefined;
	const sentMs = new Map(
		sender.entries.flatMap(entry => (entry.kind === 'sent' ? [[entry.sequence, entry.atMs]] : [])),
	);
	let least: number | undefined;
	for (const entry of receiver.entries) {
		if (entry.kind !== 'heard') continue;
		const leftMs = sentMs.get(entry.sequence);
		if (leftMs !== undefined) least = Math.min(least ?? Number.POSITIVE_INFINITY, entry.atMs - leftMs);
	}
	return least;
}

export interface Span {
	readonly fromMs: number;
	readonly toMs: number;
}

/**
 * What both recordings say of a span of this node's clock: the silence before a change. Sentences, the most telling first.
 *
 * @param slowMs A way longer than this is told.
 */
export function explainSpan(own: FlightRecording, peer: FlightRecording, span: Span, slowMs: number): string[] {
	const clocks = compareClocks(own, peer);
	if (clocks === undefined) {
		return [
			`${peer.node} has no recording that shares an advertisement with this one: it was restarted, or never heard`,
		];
	}
	const shifted = shift(peer, clocks.offsetMs);
	const begins = shifted.entries[0]?.atMs ?? Number.POSITIVE_INFINITY;
	const sentences = begins > span.fromMs ? [`${peer.node}'s recording begins only later`] : [];
	sentences.push(
		...explainDirection(shifted, own, span, slowMs),
		...explainDirection(own, shifted, span, slowMs),
		...explainGaps(shifted, span),
		...explainGaps(own, span),
	);
	return [...sentences, `the two clocks were compared to within ${Math.max(1, Math.round(clocks.doubtMs))} ms`];
}

function shift(recording: FlightRecording, byMs: number): FlightRecording {
	const entries = recording.entries.map((entry): RingEntry => ({...entry, atMs: entry.atMs + byMs}));
	return {...recording, entries};
}

function explainDirection(sender: FlightRecording, receiver: FlightRecording, span: Span, slowMs: number): string[] {
	const sent = sender.entries.filter((entry): entry is Extract<RingEntry, {kind: 'sent'}> => entry.kind === 'sent');
	const within = sent.filter(({atMs}) => atMs > span.fromMs && atMs < span.toMs);
	const length = formatDuration(Math.round(span.toMs - span.fromMs));
	if (within.length === 0) return [`${sender.node} sent nothing for ${length}`];
	const heardMs = new Map<number, number>();
	for (const entry of receiver.entries) {
		if (entry.kind === 'heard' && !heardMs.has(entry.sequence)) heardMs.set(entry.sequence, entry.atMs);
	}
	const arrived = within.filter(({sequence}) => heardMs.has(sequence));
	const longest = Math.max(...arrived.map(({sequence, atMs}) => heardMs.get(sequence)! - atMs));
	const slow =
		arrived.length > 0 && longest > slowMs ? `, one of them ${formatDuration(Math.round(longest))} on its way` : '';
	const way = `${within.length} advertisements from ${sender.node} to ${receiver.node}`;
	if (arrived.length === 0) return [`none of ${way} arrived in ${length}: they were lost between the two`];
	if (arrived.length < within.length) return [`${within.length - arrived.length} of ${way} were lost${slow}`];
	return [`all ${way} arrived${slow}`];
}

function explainGaps({node, entries}: FlightRecording, span: Span): string[] {
	return entries.flatMap(entry => {
		if (entry.kind !== 'late' || entry.atMs < span.fromMs || entry.atMs - entry.lateMs > span.toMs) return [];
		return [
			`the heartbeat on ${node} did not run for ${formatDuration(entry.lateMs)} until ${formatDuration(Math.round(Math.abs(span.toMs - entry.atMs)))} ${entry.atMs > span.toMs ? 'after' : 'before'} the change`,
		];
	});
}
