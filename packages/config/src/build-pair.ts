/**
 * The draft of a pair section into the model's.
 *
 * Decides what holds where the section is silent. Expects two whole nodes: `validate` has refused everything else.
 */
import {ADMIN_HOST, ADMIN_PORT, ADVERTISE_MS, ON_ISOLATION, PAIR_PORT, START_DELAY_MS} from './defaults.ts';
import {positionOf} from './diagnostics.ts';
import type {PairDraft} from './drafts.ts';
import type {Pair} from './model.ts';

/** On unless it was turned off: nobody but this machine reaches the usual address. */
function buildAdmin({admin}: PairDraft): Pick<Pair, 'admin'> {
	if (admin === undefined) return {admin: {host: ADMIN_HOST, port: ADMIN_PORT, hostNames: []}};
	return admin.address === undefined ? {} : {admin: admin.address};
}

export function buildPair(draft: PairDraft): Pair {
	const [first, second] = draft.nodes;
	return {
		name: draft.name,
		position: positionOf(draft.place),
		nodes: [first!.node!, second!.node!],
		virtualAddresses: draft.virtualAddresses,
		advertIntervalMs: draft.advertIntervalMs ?? ADVERTISE_MS,
		port: draft.port ?? PAIR_PORT,
		secretFiles: draft.secretFiles,
		paths: draft.paths.map(path => path.addresses),
		preempt: draft.preempt ?? {mode: 'off'},
		onIsolation: draft.onIsolation ?? ON_ISOLATION,
		...buildChannel(draft),
		...(draft.witness === undefined ? {} : {witness: {host: draft.witness.host, port: draft.witness.port}}),
		secondChance: draft.secondChance?.on ?? true,
		startDelayMs: draft.startDelayMs ?? START_DELAY_MS,
		tracks: draft.tracks,
		drivers: draft.drivers.flatMap(({driver}) => driver ?? []),
		hooks: draft.hooks,
		...buildAdmin(draft),
		certificates: draft.certificates,
		...(draft.drill === undefined ? {} : {drill: draft.drill}),
		maintenanceWindows: draft.maintenanceWindows.map(({window}) => window),
		failoverWindows: draft.failoverWindows,
		...(draft.historyDays === undefined ? {} : {historyDays: draft.historyDays}),
	};
}

/** Beside the heartbeat's own port, which is UDP. */
function buildChannel({channelPort, port = PAIR_PORT}: PairDraft): Pick<Pair, 'channelPort'> {
	if (channelPort === 'off') return {};
	return {channelPort: channelPort ?? (port === 65_535 ? port - 1 : port + 1)};
}
