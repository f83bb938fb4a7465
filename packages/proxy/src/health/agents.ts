/**
 * Asks the agents of servers, at their intervals, and does what they say (HAProxy manual, `agent-check`).
 *
 * Decides that an agent that cannot be reached or understood changes nothing, and that agents of servers in maintenance are asked too:
 * only they may say `ready`. Leaves states to `server-states.ts`.
 */
import type {Configuration, Server} from '@hapair/config';
import {type AgentReply, talkAgent} from './agent-reply.ts';
import {type RunningCheck, runCheck} from './check-connection.ts';
import type {CheckResult} from './check-result.ts';
import type {CheckTarget} from './check-target.ts';
import {CheckScheduler} from './scheduler.ts';
import type {ServerStates, TrackedServer} from './server-states.ts';
import type {AdminState} from './tracker.ts';

/** What agents may order. */
export interface AgentOrders {
	setAdmin(tracked: TrackedServer, admin: AdminState): void;
	/** Percent of the configured weight. */
	setWeightPercent(tracked: TrackedServer, percent: number): void;
	setServerMaxconn(tracked: TrackedServer, maxconn: number): void;
}

/** Starts asking; `orders` is asked for when an agent first says something. */
export function startAgents(
	{global}: Configuration,
	states: ServerStates,
	orders: () => AgentOrders | undefined,
): CheckScheduler {
	const withAgent = states.all.filter(({server, backend}) => server.agent !== undefined && !backend.disabled);
	const scheduler = new CheckScheduler({
		servers: withAgent.map(({server}) => ({key: server.index, interMs: server.agent!.interMs})),
		spreadPercent: global.spreadChecksPercent,
		run: (key, done) => ask(states.byIndex(key)!, orders, done),
		onResult(key, result) {
			const tracked = states.byIndex(key);
			if (tracked === undefined) return Number.POSITIVE_INFINITY;
			states.recordAgent(tracked, result);
			return tracked.server.agent?.interMs ?? Number.POSITIVE_INFINITY;
		},
	});
	for (const {server, isAgentOff} of withAgent) if (isAgentOff) scheduler.pause(server.index);
	scheduler.start();
	return scheduler;
}

function ask(
	tracked: TrackedServer,
	orders: () => AgentOrders | undefined,
	done: (result: CheckResult) => void,
): RunningCheck {
	const target = targetOf(tracked.server);
	const conversation = talkAgent(tracked.server.agent?.send, reply => {
		const now = orders();
		if (now !== undefined) obey(tracked, reply, now);
	});
	return runCheck(target, conversation, done);
}

function obey(tracked: TrackedServer, {admin, weightPercent, maxconn}: AgentReply, orders: AgentOrders): void {
	if (weightPercent !== undefined) orders.setWeightPercent(tracked, weightPercent);
	if (maxconn !== undefined) orders.setServerMaxconn(tracked, maxconn);
	if (admin !== undefined) orders.setAdmin(tracked, admin);
}

/** The interval bounds the whole conversation. */
function targetOf({address, agent, sourceAddress}: Server): CheckTarget {
	const {port, interMs} = agent!;
	const host = agent!.address ?? (address.kind === 'ip' ? address.host : '127.0.0.1');
	return {
		address: {kind: 'ip', host, port},
		...(sourceAddress === undefined ? {} : {sourceAddress}),
		connectTimeoutMs: interMs,
		answerTimeoutMs: interMs,
		wholeTimeoutMs: interMs,
	};
}
