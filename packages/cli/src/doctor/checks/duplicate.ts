/**
 * Does another pair on this segment have the name of this one?
 *
 * Decides from what is heard on the wire: a datagram that carries this pair's id and comes from neither node. With the same key it is a
 * copied configuration, most likely with the same virtual address. Another pair with another name is only told.
 */
import type {Pair} from '@hapair/config';
import {clusterIdOf, verify} from '@hapair/heartbeat';
import type {Overheard} from '../eavesdrop.ts';
import {type Finding, finding} from '../finding.ts';
import type {Subject} from '../subject.ts';

const check = 'pair-id';

export function judgeDuplicates(
	heard: readonly Overheard[] | undefined,
	pair: Pick<Pair, 'name' | 'nodes' | 'paths' | 'port'>,
	keys: Subject['keys'],
): Finding[] {
	if (heard === undefined) {
		return [
			finding(
				check,
				'unknown',
				'other pairs on the segment could not be listened for',
				'run hapair doctor as root, with perl installed',
			),
		];
	}
	const members = new Set([...pair.nodes.map(({address}) => address), ...pair.paths.flat()]);
	const ownId = clusterIdOf(pair.name);
	const strangers = heard.filter(({source}) => !members.has(source));
	const namesakes = strangers.filter(({bytes}) => readPairId(bytes) === ownId);
	const found = [...new Set(namesakes.map(({source}) => source))].map(source => {
		const isCopy = namesakes.some(each => each.source === source && verify(each.bytes, keys) === 'ok');
		const [grade, whose] = isCopy ? (['fail', 'with the same key'] as const) : (['warn', 'with another key'] as const);
		const message = `${source} is a third node of a pair named ${pair.name}, ${whose}`;
		return finding(
			check,
			grade,
			message,
			`one name for each pair on a segment: stop it there, or rename one of the two`,
		);
	});
	if (found.length > 0) return found;
	const others = new Set(strangers.filter(({bytes}) => isOurs(bytes)).map(({source}) => source));
	const neighbours = others.size === 0 ? '' : `; pairs of other names speak from ${[...others].join(', ')}`;
	return [finding(check, 'ok', `no other pair named ${pair.name} is heard on UDP ${pair.port}${neighbours}`)];
}

/** The pair's id in an advertisement (docs/protocol.md: offset 8, 16 bytes), hex. */
function readPairId(bytes: Uint8Array): string | undefined {
	return isOurs(bytes) ? Buffer.from(bytes.subarray(8, 24)).toString('hex') : undefined;
}

function isOurs(bytes: Uint8Array): boolean {
	return bytes.length >= 24 && Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'HAPR';
}
