/** Metrics of the pair: who holds the address, what each node sees of the other, how the heartbeat fares. Leaves traffic to `proxy.ts`. */
import type {HeartbeatStatus} from '@hapair/heartbeat';
import type {PairReport, StatusReport} from '../../daemon/status-report.ts';
import {type Book, oneOf, type Value, value} from './book.ts';

export interface PairSource {
	readonly status: StatusReport;
	readonly heartbeat: HeartbeatStatus | undefined;
	/** Since the address last moved as planned; absent while nobody knows of such a move. */
	readonly plannedMoveAgeMs: number | undefined;
	/** Of this daemon's life, by kind, outcome and result. */
	readonly drills: ReadonlyMap<string, number>;
	readonly transitions: ReadonlyMap<string, number>;
	readonly events: ReadonlyMap<string, number>;
	readonly hooks: ReadonlyMap<string, number>;
}

const STATES = ['initialize', 'backup', 'master', 'fault', 'stopped', 'unknown'];
const VERDICTS = ['healthy', 'one-way', 'stopped', 'link down', 'island', 'this node stalled', 'dead', 'unknown'];
const LEASES = ['kernel', 'process', 'none'];

type Read = (pair: PairReport, source: PairSource) => Value[];
const ofPair =
	(read: Read) =>
	(source: PairSource): Value[] =>
		source.status.pair === undefined ? [] : read(source.status.pair, source);
const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

export function addPairMetrics(book: Book<PairSource>): void {
	addNodes(book);
	addJudgements(book);
	addHeartbeat(book);
	addPaths(book);
	book.counter('hapair_transitions_total', 'Changes of state of this node since the daemon started.', ({transitions}) =>
		[...transitions].flatMap(([to, count]) => value(count, {to})),
	);
	book.counter('hapair_events_total', 'Events of the pair since the daemon started.', ({events}) =>
		[...events].flatMap(([event, count]) => value(count, {event})),
	);
	book.counter('hapair_hooks_total', 'Hooks that were run, by outcome.', ({hooks}) =>
		[...hooks].flatMap(([outcome, count]) => value(count, {outcome})),
	);
	book.gauge('hapair_planned_move_age_seconds', 'Since the address last moved as planned, in a drill or not.', source =>
		value(seconds(source.plannedMoveAgeMs)),
	);
	addDrills(book);
	addPeerState(book);
}

const RESULTS = ['passed', 'failed', 'refused'];

/** Without a schedule and without a drill that is remembered there is nothing to tell. */
function addDrills(book: Book<PairSource>): void {
	const ofDrills = (read: (drill: NonNullable<PairReport['drill']>) => Value[]) =>
		ofPair(({drill}) => (drill === undefined ? [] : read(drill)));
	book.gauge(
		'hapair_drill_age_seconds',
		'Since a drill last passed: the pair was proven to move its address.',
		ofDrills(({provenAgoMs}) => value(seconds(provenAgoMs))),
	);
	book.gauge(
		'hapair_drill_last_result',
		'1 for how the last drill ended.',
		ofDrills(({last}) => (last === undefined ? [] : oneOf(RESULTS, last.result, 'result'))),
	);
	book.gauge(
		'hapair_drill_gap_seconds',
		'The longest time without an answer in the last drill that passed.',
		ofDrills(({lastProven}) => [
			...value(seconds(lastProven?.gapMs), {way: 'there'}),
			...value(seconds(lastProven?.returnGapMs), {way: 'back'}),
		]),
	);
	book.gauge(
		'hapair_drill_overdue',
		'By its schedule the pair should have been proven since.',
		ofDrills(({overdue}) => value(overdue)),
	);
	book.gauge(
		'hapair_drill_running',
		'A drill is under way.',
		ofDrills(({running}) => value(running)),
	);
	book.gauge(
		'hapair_drill_next_timestamp_seconds',
		'When the next drill is due, since 1970.',
		ofDrills(({next}) => (next === undefined ? [] : value(Date.parse(next) / 1000))),
	);
	book.counter('hapair_drills_total', 'Drills that ended since the daemon started, by result.', ({drills}) =>
		[...drills].flatMap(([result, count]) => value(count, {result})),
	);
}

/** What the daemons tell each other. */
function addPeerState(book: Book<PairSource>): void {
	book.gauge(
		'hapair_standby_lag_seconds',
		'Age of what the standby knows of orders, stick tables and rates.',
		ofPair(({warm}) => value(seconds(warm?.lagMs))),
	);
	book.counter(
		'hapair_peer_refused_total',
		"Connections to the peer channel's port that were refused, by reason.",
		ofPair(({channel}) => Object.entries(channel?.refused ?? {}).flatMap(([reason, count]) => value(count, {reason}))),
	);
}

function addNodes(book: Book<PairSource>): void {
	const ofNodes = (read: (node: PairReport['nodes'][number]) => number | boolean | undefined) =>
		ofPair(({nodes}) => nodes.flatMap(node => value(read(node), {node: node.name})));
	book.gauge(
		'hapair_pair_state',
		'1 for the state in which a node is, as this node knows it.',
		ofPair(({nodes}) => nodes.flatMap(({name, state}) => oneOf(STATES, state, 'state', {node: name}))),
	);
	book.gauge(
		'hapair_holds_address',
		'The node holds the address.',
		ofNodes(({holdsAddress}) => holdsAddress),
	);
	book.gauge(
		'hapair_node_alive',
		'The node is heard; for this node: its heartbeat runs.',
		ofNodes(({alive}) => alive),
	);
	book.gauge(
		'hapair_eligible',
		'The node may hold the address.',
		ofNodes(({eligible}) => eligible),
	);
	book.gauge(
		'hapair_maintenance',
		'The node was taken out by hand.',
		ofNodes(({maintenance}) => maintenance),
	);
	book.gauge(
		'hapair_term',
		'Of the last claim.',
		ofNodes(({term}) => term),
	);
	book.gauge(
		'hapair_state_age_seconds',
		'In its state for; only of this node.',
		ofNodes(({sinceMs}) => seconds(sinceMs)),
	);
	book.gauge(
		'hapair_peer_heard_seconds',
		'Since the peer was last heard.',
		ofNodes(({lastHeardMs}) => seconds(lastHeardMs)),
	);
	book.gauge(
		'hapair_heard_by_peer',
		'The peer hears this node; under the name of the peer.',
		ofNodes(({hearsUs}) => hearsUs),
	);
}

function addJudgements(book: Book<PairSource>): void {
	book.gauge(
		'hapair_solo',
		'The peer has been silent for a master-down interval.',
		ofPair(({solo}) => value(solo)),
	);
	book.gauge(
		'hapair_drift',
		'The configurations of the nodes differ.',
		ofPair(({drift}) => value(drift)),
	);
	book.gauge(
		'hapair_verdict',
		"1 for what the peer's words or silence mean.",
		ofPair(({verdict}) => (verdict === undefined ? [] : oneOf(VERDICTS, verdict, 'verdict'))),
	);
}

function addHeartbeat(book: Book<PairSource>): void {
	book.gauge(
		'hapair_heartbeat_up',
		'The heartbeat process runs.',
		ofPair(({heartbeat}) => value(heartbeat === 'running')),
	);
	book.gauge(
		'hapair_lease',
		'1 for what keeps the lease.',
		ofPair(({lease}) => oneOf(LEASES, lease, 'kept_by')),
	);
	book.gauge(
		'hapair_lease_seconds',
		'For how long a silent node may still answer for the address.',
		ofPair(({leaseMs}) => value(leaseMs / 1000)),
	);
	book.gauge(
		'hapair_lease_age_seconds',
		'Since the lease was last prolonged, when the heartbeat last reported; only on the node that holds the address.',
		({heartbeat}) => value(seconds(heartbeat?.leaseAgeMs)),
	);
	book.gauge(
		'hapair_heartbeat_stall_seconds',
		"The longest gap in the heartbeat's own time within a minute.",
		ofPair(({longestStallMs}) => value(longestStallMs / 1000)),
	);
	book.counter(
		'hapair_heartbeat_events_total',
		"The heartbeat's own counters.",
		ofPair(({counters}) => Object.entries(counters).flatMap(([counter, count]) => value(count, {counter}))),
	);
	book.gauge(
		'hapair_witness_reachable',
		'The witness answers.',
		ofPair(({witness}) => (witness === undefined ? [] : value(witness.reachable))),
	);
	book.gauge(
		'hapair_takeover_in_place',
		'1 where a driver last read the address at the node that is to have it.',
		ofPair(({takeover, nodes: [own, peer]}) =>
			takeover.flatMap(({driver, target, at}) => {
				const isRight = (at === 'here' && own.holdsAddress) || (at === 'peer' && peer.holdsAddress);
				return value(isRight, {driver, target});
			}),
		),
	);
}

function addPaths(book: Book<PairSource>): void {
	const ofPaths = (read: (path: PairReport['paths'][number]) => number | undefined) =>
		ofPair(({paths}) => paths.flatMap(path => value(read(path), {local: path.local, remote: path.remote})));
	book.gauge(
		'hapair_path_loss_ratio',
		"Share of the peer's advertisements missed lately.",
		ofPaths(({lossPercent}) => lossPercent / 100),
	);
	book.gauge(
		'hapair_path_heard_seconds',
		'Since the peer was last heard on this path.',
		ofPaths(({lastHeardMs}) => seconds(lastHeardMs)),
	);
	book.gauge(
		'hapair_path_round_trip_seconds',
		'Median time from an advertisement to the first that answers it, lately.',
		ofPaths(({roundTripMs}) => seconds(roundTripMs)),
	);
	book.counter(
		'hapair_path_send_errors_total',
		'Advertisements that could not be sent.',
		ofPaths(({sendErrors}) => sendErrors),
	);
}
