/**
 * What each node hears of the other: advertisements on every path, and whether they are of one configuration.
 *
 * Decides from the daemon's status, which also tells what the peer hears. Without a daemon here only this node's ear is left: what of
 * the peer's advertisements arrives on the wire, else whether its machine answers at all.
 */
import {clusterIdOf, decode, nodeIdOf, verify} from '@hapair/heartbeat';
import type {PairReport} from '../../daemon/status-report.ts';
import {formatDuration} from '../../terminal.ts';
import type {Overheard} from '../eavesdrop.ts';
import {type Finding, finding} from '../finding.ts';
import type {Subject} from '../subject.ts';

const lossyPercent = 20;
/** The heartbeat reports each second, so that what it last said of a path may be this old. */
const reportAgeMs = 1000;

/** With a daemon here: each path, and both directions. */
export function judgePaths(report: PairReport, port: number): Finding[] {
	const [, peer] = report.nodes;
	if (report.heartbeat === 'down') {
		return [finding('unicast', 'fail', 'the heartbeat process is down here', 'look at the log of the daemon')];
	}
	const found = report.paths.map(({local, remote, lastHeardMs, lossPercent}) => {
		const path = `${remote} to ${local}`;
		if (lastHeardMs === undefined || lastHeardMs > report.masterDownMs + reportAgeMs) {
			const since = lastHeardMs === undefined ? '' : ` since ${formatDuration(lastHeardMs)}`;
			const hint = `is the daemon up there? does a firewall drop UDP ${port}?`;
			const grade = report.paths.length > 1 && peer.alive ? 'warn' : 'fail';
			return finding('unicast', grade, `nothing of ${peer.name} is heard on the path ${path}${since}`, hint);
		}
		if (lossPercent >= lossyPercent) {
			return finding(
				'unicast',
				'warn',
				`${lossPercent} % of the advertisements from ${path} are lost`,
				'look at the network between the nodes',
			);
		}
		return finding('unicast', 'ok', `${peer.name} is heard on the path ${path}`);
	});
	if (!peer.alive) return found;
	if (peer.hearsUs === true) return [...found, finding('unicast', 'ok', `${peer.name} says that it hears this node`)];
	const hint = `on ${peer.name}: does a firewall drop UDP ${port}?`;
	return [...found, finding('unicast', 'fail', `one-way: ${peer.name} does not hear this node`, hint)];
}

export interface ListenedFacts {
	readonly heard: readonly Overheard[] | undefined;
	/** The peer's machine answers an echo; absent when it was not asked. */
	readonly echo?: boolean;
}

/** Without a daemon here. */
export function judgeListened({heard, echo}: ListenedFacts, subject: Pick<Subject, 'pair' | 'peer' | 'keys'>): Finding {
	const {peer, pair} = subject;
	const fromPeer = ofPeer(heard, subject);
	if (fromPeer.some(({bytes}) => verify(bytes, subject.keys) === 'ok')) {
		return finding(
			'unicast',
			'ok',
			`advertisements of ${peer.name} arrive here; whether it hears this node shows when the daemon runs here`,
		);
	}
	if (fromPeer.length > 0) {
		const hint = 'copy the key of one node to the other: the line secret file';
		return finding('unicast', 'fail', `advertisements of ${peer.name} arrive here, signed with another key`, hint);
	}
	if (echo === true) {
		const message = `the machine of ${peer.name} answers; its heartbeat is not heard, and no daemon runs here`;
		return finding('unicast', 'unknown', message, `start the daemon on both nodes; UDP ${pair.port} must pass`);
	}
	const grade = echo === false ? 'warn' : 'unknown';
	const message = `nothing is heard of ${peer.name} at ${peer.address}${echo === false ? ', not even an echo' : ''}`;
	return finding('unicast', grade, message, `is it up? do firewalls let UDP ${pair.port} pass?`);
}

/** What comes from one of the peer's addresses. */
export function ofPeer(
	heard: readonly Overheard[] | undefined,
	{pair, peer}: Pick<Subject, 'pair' | 'peer'>,
): Overheard[] {
	const at = pair.nodes[0].name === peer.name ? 0 : 1;
	const addresses = new Set([peer.address, ...pair.paths.map(path => path[at])]);
	return (heard ?? []).filter(({source}) => addresses.has(source));
}

export interface DigestFacts {
	/** Of the files that were named, of the daemon here, of the peer; absent where unknown. */
	readonly files: string;
	readonly daemon?: string;
	readonly peer?: string;
}

export function judgeDigests({files, daemon, peer}: DigestFacts, peerName: string): Finding[] {
	const found: Finding[] = [];
	if (daemon !== undefined && daemon !== files) {
		const message = 'the daemon here runs another text than the files that were named';
		found.push(finding('digest', 'warn', message, 'restart it, the backup first; or name the files that it runs'));
	}
	if (peer === undefined) {
		const message = `the configuration of ${peerName} is not known here`;
		return [...found, finding('digest', 'unknown', message, `start the daemon on ${peerName}, or compare the files`)];
	}
	if (peer !== (daemon ?? files)) {
		const message = `drift: ${peerName} runs another configuration`;
		return [
			...found,
			finding('digest', 'warn', message, 'copy the file to both nodes; planned moves need --force until then'),
		];
	}
	return [...found, finding('digest', 'ok', `${peerName} runs the same configuration`)];
}

/** The digest in the newest authentic advertisement of the peer. */
export function digestOfPeer(heard: readonly Overheard[] | undefined, subject: Subject): string | undefined {
	const {pair, peer, keys} = subject;
	const expected = {clusterId: clusterIdOf(pair.name), nodeId: nodeIdOf(peer.name)};
	const digests = ofPeer(heard, subject).flatMap(({bytes}) => {
		const decoded = decode(bytes, expected);
		return decoded.ok && verify(bytes, keys) === 'ok' ? [decoded.datagram.advertisement.configDigest] : [];
	});
	return digests.at(-1);
}
