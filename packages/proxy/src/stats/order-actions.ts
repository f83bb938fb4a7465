/**
 * What a user of the statistics page wants done, carried out in the main thread (HAProxy manual, `stats admin`).
 *
 * Pure. Decides what each action does, in the words of 1.4 and of today, and how its success is called.
 */
import type {TrackedServer} from '../health/server-states.ts';
import type {PageOrder, PageOutcome} from '../worker-messages.ts';
import {findServerOf} from './names.ts';
import type {Runtime} from './runtime.ts';

type Action = (runtime: Runtime, tracked: TrackedServer) => void;

/** In the order in which the page offers them. */
export const ACTIONS: ReadonlyMap<string, {readonly text: string; readonly run: Action}> = new Map([
	['ready', {text: 'Set state to READY', run: (runtime, tracked) => runtime.setAdmin(tracked, 'ready')}],
	['drain', {text: 'Set state to DRAIN', run: (runtime, tracked) => runtime.setAdmin(tracked, 'drain')}],
	['maint', {text: 'Set state to MAINT', run: (runtime, tracked) => runtime.setAdmin(tracked, 'maint')}],
	['dhlth', {text: 'Health: disable checks', run: (runtime, tracked) => runtime.setUnchecked(tracked, true)}],
	['ehlth', {text: 'Health: enable checks', run: (runtime, tracked) => runtime.setUnchecked(tracked, false)}],
	['hrunn', {text: 'Health: force UP', run: (runtime, tracked) => runtime.states.setHealth(tracked, 'up')}],
	['hnolb', {text: 'Health: force NOLB', run: (runtime, tracked) => runtime.states.setHealth(tracked, 'nolb')}],
	['hdown', {text: 'Health: force DOWN', run: (runtime, tracked) => runtime.states.setHealth(tracked, 'down')}],
	['shutdown', {text: 'Kill Sessions', run: (runtime, tracked) => runtime.endSessions(tracked)}],
]);

/** Actions of the page of 1.4; `stop` and `start` change the weight. */
const LEGACY: ReadonlyMap<string, Action> = new Map<string, Action>([
	['disable', (runtime, tracked) => runtime.setAdmin(tracked, 'maint')],
	['enable', (runtime, tracked) => runtime.setAdmin(tracked, 'ready')],
	['stop', (runtime, tracked) => runtime.states.setWeight(tracked, 0)],
	['start', (runtime, tracked) => runtime.states.setWeight(tracked, tracked.server.weight)],
]);

export function carryOutOrder(runtime: Runtime, {backend: index, servers, action}: PageOrder): PageOutcome {
	if (action === '' || servers.length === 0) return 'NONE';
	const run = ACTIONS.get(action)?.run ?? LEGACY.get(action);
	const backend = runtime.configuration.backends[index];
	if (run === undefined || backend === undefined) return 'ERRP';
	let done = 0;
	for (const name of servers) {
		const server = findServerOf(backend, name);
		const tracked = server && runtime.states.byIndex(server.index);
		if (!tracked || (action.startsWith('h') && tracked.server.check === undefined)) continue;
		run(runtime, tracked);
		done++;
	}
	if (done === 0) return 'ERRP';
	return done < servers.length ? 'PART' : 'DONE';
}
