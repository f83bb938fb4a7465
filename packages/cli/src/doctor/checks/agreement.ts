/**
 * Do the two nodes agree on what they are: the pair's name, the nodes' names, a key, the interval?
 *
 * Decides from the daemon's words where one runs here, else from the peer's advertisements on the wire.
 */
import {clusterIdOf, decode, describeContradiction, nodeIdOf, readContradiction} from '@hapair/heartbeat';
import {describeIntervals} from '../../daemon/contradictions.ts';
import type {PairReport} from '../../daemon/status-report.ts';
import type {Overheard} from '../eavesdrop.ts';
import {type Finding, finding} from '../finding.ts';
import type {Subject} from '../subject.ts';

const check = 'agreement';

export function judgeAgreement({contradictions, nodes: [, peer]}: PairReport): Finding[] {
	return judge(contradictions, peer.alive, peer.name);
}

/** @param heard Of the peer's addresses. Absent: nobody could listen. */
export function judgeOverheardAgreement(heard: readonly Overheard[] | undefined, subject: Subject): Finding[] {
	const {pair, own, peer, keys} = subject;
	const expected = {clusterId: clusterIdOf(pair.name), nodeId: nodeIdOf(peer.name)};
	const sentences = (heard ?? []).flatMap(({bytes}) => {
		const found = readContradiction(bytes, expected, {nodeId: nodeIdOf(own.name), bootId: ''}, keys);
		if (found !== undefined) return [describeContradiction(found.contradiction)];
		const decoded = decode(bytes, expected);
		if (!decoded.ok) return [];
		return describeIntervals(pair.advertIntervalMs, decoded.datagram.advertisement.advertIntervalMs, peer.name);
	});
	return judge([...new Set(sentences)], (heard ?? []).length > 0, peer.name);
}

function judge(contradictions: readonly string[], isHeard: boolean, peer: string): Finding[] {
	if (contradictions.length > 0) {
		const hint = 'copy the configuration and the key of one node to the other';
		return contradictions.map(sentence => finding(check, 'fail', sentence, hint));
	}
	if (!isHeard) return [finding(check, 'unknown', `${peer} is not heard, so nothing of it can be compared`)];
	return [finding(check, 'ok', `${peer} has the same pair, names, key and interval`)];
}
