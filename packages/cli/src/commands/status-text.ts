/**
 * The status of a node and its pair as text for people. Pure.
 *
 * Decides the layout; what is known is in `status-report.ts`. A peer's words are cleaned of control characters: a terminal
 * obeys those.
 */
import type {PathStatus} from '@hapair/heartbeat';
import type {BackendSnapshot} from '@hapair/proxy';
import type {TakeoverReport} from '@hapair/takeover';
import {describeProbe} from '../daemon/address-probe.ts';
import {driftSentence} from '../daemon/contradictions.ts';
import type {NodeReport, PairReport, StatusReport} from '../daemon/status-report.ts';
import {withoutLease} from '../daemon/without-lease.ts';
import {clean, formatDuration, type Paint} from '../terminal.ts';
import {describeDrills, describeWindows, warnOfDrills} from './drill-text.ts';
import {type Layout, layOut} from './status-layout.ts';

/** Lines without their ends. Only tables are fitted to the terminal. */
export function formatStatus(status: StatusReport, paint: Paint, layout: Layout = {}): string[] {
	return [
		...(status.pair === undefined
			? ['no pair section: this proxy runs alone']
			: formatPair(status.pair, paint, layout)),
		'',
		...formatProxy(status, paint, layout),
	];
}

function formatPair(pair: PairReport, paint: Paint, layout: Layout): string[] {
	const addresses = pair.virtualAddresses.map(vip => `${vip.address} on ${vip.interface}`).join(', ');
	const header = ['NODE', 'ADDRESS', 'STATE', 'HOLDS', 'SINCE', 'ELIGIBLE', 'PRIORITY', 'TERM', 'HEARD'];
	const rows = pair.nodes.map(node => formatNode(node, paint));
	return [
		`${paint('bold', `pair ${pair.name}`)}  ${addresses}`,
		...warnings(pair).map(warning => paint('yellow', `! ${warning}`)),
		...layOut([header.map(word => paint('dim', word)), ...rows], layout),
		...pair.nodes.flatMap(node => explainNode(node, paint)),
		...pair.paths.map(path => paint(isPoor(path) ? 'yellow' : 'dim', describePath(path))),
		...describeWitness(pair).map(line => paint('dim', line)),
		...describeChannel(pair).map(line => paint('dim', line)),
		...describeWarm(pair).map(line => paint('dim', line)),
		paint('dim', `lease ${describeLease(pair)}`),
		...describeSecondChance(pair, paint),
		...describeProbes(pair).map(line => paint('dim', line)),
		...describeRefusals(pair).map(line => paint('dim', line)),
		...pair.takeover.map(entry => formatTakeover(entry, paint)),
		...[...describeDrills(pair.drill), ...describeWindows(pair.windows)].map(line => paint('dim', line)),
	];
}

/** Counters that tell of somebody else at the port, or at the firewall. */
const oddities: readonly (readonly [counter: string, words: string])[] = [
	['refusedForeignKey', 'signed with another key'],
	['refusedMac', 'wrongly signed'],
	['refusedCluster', 'of another pair'],
	['refusedNode', 'of a third node'],
	['refusedForeignSource', 'of strangers'],
	['refusedFlood', 'of strangers, in a flood'],
	['refusedTtl', 'through a router'],
];

function describeRefusals({counters}: PairReport): string[] {
	const refused = oddities.flatMap(([name, words]) => (counters[name] ? [`${counters[name]} ${words}`] : []));
	const restored = (counters.leaseRestored ?? 0) + (counters.guardRestored ?? 0);
	return [
		...(refused.length > 0 ? [`datagrams refused since the start: ${refused.join(', ')}`] : []),
		...(restored > 0 ? [`somebody removed the rules of this pair from nftables; restored ${restored} times`] : []),
		...(counters.routingRestored
			? [
					`somebody removed routing rules or routes of this pair (ip rule, ip route); restored ${counters.routingRestored} times`,
				]
			: []),
	];
}

function describeProbes({probes, nodes}: PairReport): string[] {
	const good = probes.filter(({verdict}) => verdict === 'confirmed');
	return good.map(probe => `${describeProbe(probe, nodes[1].name)}, asked ${formatDuration(probe.agoMs)} ago`);
}

function warnings(pair: PairReport): string[] {
	const [own, peer] = pair.nodes;
	const list: string[] = [];
	if (pair.heartbeat === 'down')
		list.push('the heartbeat process is down, or still starting: this node cannot hold the address yet');
	if (pair.solo) list.push(`solo: ${peer.name} is silent (${pair.verdict ?? 'unknown'}), nobody could take over`);
	list.push(...pair.contradictions);
	const doubted = pair.probes.filter(({verdict}) => verdict === 'silent' || verdict === 'others');
	list.push(...doubted.map(probe => describeProbe(probe, peer.name)));
	if (pair.drift === true) list.push(driftSentence);
	if (peer.alive && peer.hearsUs === false) list.push(`one-way: ${peer.name} does not hear this node`);
	const {witness} = pair;
	if (witness !== undefined && !witness.reachable) list.push(`the witness at ${witness.address} does not answer`);
	if (own.holdsAddress && peer.holdsAddress) list.push('both nodes say that they hold the address');
	for (const {driver, target, trouble} of pair.takeover) {
		if (trouble !== undefined) list.push(`takeover ${driver} ${target}: ${clean(trouble)}`);
	}
	list.push(...warnOfDrills(pair.drill), ...pair.storage.map(clean));
	return list;
}

function formatNode(node: NodeReport, paint: Paint): string[] {
	const eligible = node.eligible ? paint('green', 'yes') : paint('red', 'no');
	return [
		node.self ? `${node.name} (this node)` : node.name,
		node.address,
		paintState(node, paint),
		node.holdsAddress ? paint('green', 'yes') : 'no',
		node.sinceMs === undefined ? '-' : formatDuration(node.sinceMs),
		node.maintenance ? paint('yellow', 'maintenance') : eligible,
		String(node.priority),
		String(node.term),
		node.self ? '-' : formatHeard(node),
	];
}

function formatHeard(node: NodeReport): string {
	return node.lastHeardMs === undefined ? 'never' : `${formatDuration(node.lastHeardMs)} ago`;
}

function paintState(node: NodeReport, paint: Paint): string {
	const state = !node.self && !node.alive ? 'silent' : node.state;
	if (state === 'master') return paint('green', state);
	return state === 'backup' ? paint('cyan', state) : paint('red', state);
}

function explainNode(node: NodeReport, paint: Paint): string[] {
	const lines = node.reason === undefined || node.reason === '' ? [] : [`  ${node.name}: ${clean(node.reason)}`];
	const because =
		node.eligible || node.reasons.length === 0
			? []
			: [`  ${node.name} is not eligible: ${clean(node.reasons.join('; '))}`];
	return [...lines.map(line => paint('dim', line)), ...because.map(line => paint('yellow', line))];
}

/** Where the network delivers an address, as its driver last read. */
function formatTakeover(entry: TakeoverReport, paint: Paint): string {
	const place = {
		here: 'this node',
		peer: 'the peer',
		elsewhere: 'another machine',
		nowhere: 'nobody',
		unknown: 'a place not known yet',
	};
	const {at, detail, wanted, lastReadMs, lastAssignMs, pending} = entry;
	const where = `${place[at]}${detail === undefined ? '' : ` (${clean(detail)})`}`;
	const colour = at === 'here' && wanted ? 'green' : wanted ? 'yellow' : 'dim';
	const facts = [
		lastReadMs === undefined ? 'never read' : `read ${formatDuration(lastReadMs)} ago`,
		...(lastAssignMs === undefined ? [] : [`ordered here ${formatDuration(lastAssignMs)} ago`]),
		...(pending === undefined ? [] : [clean(pending)]),
	];
	return `takeover ${entry.driver} ${entry.target}: ${paint(colour, `at ${where}`)}, ${facts.join(', ')}`;
}

/** One heartbeat path as this node hears it. */
function describePath({local, remote, lastHeardMs, lossPercent, roundTripMs, worstRoundTripMs}: PathStatus): string {
	const facts = [
		lastHeardMs === undefined ? 'never heard' : `heard ${formatDuration(lastHeardMs)} ago`,
		...(lastHeardMs === undefined ? [] : [`${lossPercent} % lost`]),
		...(roundTripMs === undefined
			? []
			: [`${roundTripMs} ms there and back (worst ${worstRoundTripMs ?? roundTripMs})`]),
	];
	return `path ${local} to ${remote}: ${facts.join(', ')}`;
}

function isPoor({lastHeardMs, lossPercent}: PathStatus): boolean {
	return lastHeardMs === undefined || lossPercent >= 10;
}

/** How much a takeover would forget. */
function describeWarm({warm, nodes: [own, peer]}: PairReport): string[] {
	if (warm === undefined) return [];
	const {role, lagMs, trouble} = warm;
	if (role === 'learns') {
		if (lagMs === undefined) return [];
		return [`tables, maps and orders of ${peer.name} are known here, as of ${formatDuration(lagMs)} ago`];
	}
	if (!peer.alive) return [];
	const why = trouble === undefined ? '' : ` (${clean(trouble)})`;
	if (lagMs === undefined) return [`${peer.name} does not know the tables, maps and orders of ${own.name} yet${why}`];
	return [`${peer.name} knows the tables, maps and orders of ${own.name} as of ${formatDuration(lagMs)} ago${why}`];
}

/** Said only when there is something about it. */
function describeChannel({channel}: PairReport): string[] {
	if (channel === undefined) return [];
	const refused = Object.entries(channel.refused).map(([reason, count]) => `${count} ${reason}`);
	return [
		...(channel.listening ? [] : [`the peer channel does not listen on ${channel.address} port ${channel.port}`]),
		...(refused.length > 0 ? [`connections to the peer channel refused since the start: ${refused.join(', ')}`] : []),
	];
}

function describeWitness({witness}: PairReport): string[] {
	if (witness === undefined) return [];
	const consent =
		witness.consentMs > 0
			? `it consents to this node for ${formatDuration(witness.consentMs)}`
			: witness.refusal || 'nobody needs its consent';
	return [`witness ${witness.address} ${witness.reachable ? 'answers' : 'is silent'}; ${clean(consent)}`];
}

function describeSecondChance({secondChance, counters, nodes: [, peer]}: PairReport, paint: Paint): string[] {
	if (secondChance === undefined) return [];
	const {why, connections, keepsForMs, passing} = secondChance;
	if (keepsForMs > 0) {
		const living = `${connections} ${connections === 1 ? 'connection lives' : 'connections live'}`;
		return [
			paint(
				'yellow',
				`${living} on here for up to ${formatDuration(keepsForMs)}: ${peer.name} passes on what is theirs`,
			),
		];
	}
	if (passing) {
		const theirs = `passes on to ${peer.name} what belongs to connections that live on there`;
		return [paint('yellow', `${theirs} (${counters.passedOn ?? 0} segments so far)`)];
	}
	// Who has switched it off need not be told each time.
	return why !== '' && !why.includes('second-chance off') && peer.alive
		? [paint('dim', `connections end with a planned failover: ${clean(why)}`)]
		: [];
}

function describeLease(pair: PairReport): string {
	if (pair.heartbeat === 'down') return 'not known while the heartbeat is down here';
	const replaced = `a silent master is replaced after ${formatDuration(pair.masterDownMs)}`;
	if (pair.lease === 'kernel') return `${pair.leaseMs} ms, kept by the kernel; ${replaced}`;
	if (pair.lease === 'process') return `${pair.leaseMs} ms, renewed by the heartbeat process; ${replaced}`;
	return `none (nft is missing or refused it): ${withoutLease}; ${replaced}`;
}

/** The configuration in force, and what is left of those before. */
function formatLoaded({configDigest, loadedAt, proxy: {retired}}: StatusReport, paint: Paint): string[] {
	const connections = retired.reduce((sum, one) => sum + one.connections, 0);
	const processes = `${retired.length} old proxy process${retired.length === 1 ? '' : 'es'}`;
	return [
		paint('dim', `configuration ${configDigest.slice(0, 8)} since ${loadedAt}`),
		...(retired.length === 0
			? []
			: [paint('yellow', `${processes} with ${connections} connections left of former reloads`)]),
	];
}

function formatProxy(status: StatusReport, paint: Paint, layout: Layout): string[] {
	const {proxy} = status;
	const state =
		proxy.phase === 'serving' ? paint('green', 'serving') : paint('red', `${proxy.phase}: ${clean(proxy.detail)}`);
	const draining = proxy.draining ? paint('yellow', ', draining') : '';
	const lines = [
		`${paint('bold', 'proxy')}  ${state}${draining}, ${proxy.workers} workers, ${proxy.connections} connections, ${proxy.activeTransactions} in work`,
		...formatLoaded(status, paint),
	];
	if (proxy.frontends.length > 0) {
		const header = ['FRONTEND', 'LISTENS', 'CONNECTIONS', 'REQUESTS'].map(word => paint('dim', word));
		const rows = proxy.frontends.map(frontend => [
			frontend.name,
			frontend.listening ? 'yes' : paint('red', 'no'),
			String(frontend.connections),
			String(frontend.totalRequests),
		]);
		lines.push(...layOut([header, ...rows], layout));
	}
	if (proxy.backends.length > 0) {
		const header = ['BACKEND/SERVER', 'ADDRESS', 'STATUS', 'SINCE', 'WEIGHT', 'CONNECTIONS', 'SESSIONS', 'LAST CHECK'];
		const rows = proxy.backends.flatMap(backend => formatBackend(backend, paint));
		lines.push(...layOut([header.map(word => paint('dim', word)), ...rows], layout));
	}
	return lines;
}

function formatBackend(backend: BackendSnapshot, paint: Paint): string[][] {
	if (backend.servers.length === 0) return [[backend.name, '-', 'no servers']];
	return backend.servers.map(server => [
		`${backend.name}/${server.name}${server.backup ? ' (backup)' : ''}`,
		server.address,
		paintServer(server.status, paint),
		formatDuration(server.sinceMs),
		String(server.weight),
		String(server.connections),
		String(server.totalSessions),
		clean(server.lastCheck ?? '-'),
	]);
}

function paintServer(status: string, paint: Paint): string {
	if (status.startsWith('UP')) return paint('green', status);
	if (status.startsWith('DOWN')) return paint('red', status);
	return status === 'no check' ? status : paint('yellow', status);
}
