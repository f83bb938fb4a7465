/**
 * Runs the checks of a configuration: the scheduler's times, each backend's kind of check, results into the servers' states.
 */
import type {Configuration} from '@hapair/config';
import {type CheckTarget, makeCheckTarget} from './check-target.ts';
import {prepareHttpCheck} from './http-check.ts';
import {CheckScheduler, type SchedulerOptions} from './scheduler.ts';
import type {ServerStates, TrackedServer} from './server-states.ts';
import {startTcpCheck} from './tcp-check.ts';

type StartCheck = (done: Parameters<SchedulerOptions['run']>[1]) => ReturnType<SchedulerOptions['run']>;

/** Starts checking every server that asks for it; servers in maintenance wait for `resume`. */
export function startHealthChecks(configuration: Configuration, states: ServerStates): CheckScheduler {
	const starts = new Map<number, StartCheck>();
	const servers = [];
	for (const tracked of states.all) {
		const {backend, server} = tracked;
		const target = makeCheckTarget(backend, server);
		if (!target || backend.disabled) continue;
		const {check} = backend;
		if (check.kind === 'http') {
			const conversation = prepareHttpCheck(check, backend.disableOn404);
			starts.set(server.index, done => conversation.start(targetOf(tracked) ?? target, done));
		} else {
			starts.set(server.index, done => startTcpCheck(targetOf(tracked) ?? target, done));
		}
		servers.push({key: server.index, interMs: server.check?.interMs ?? 0});
	}
	const scheduler = new CheckScheduler({
		servers,
		spreadPercent: configuration.global.spreadChecksPercent,
		run: (key, done) => starts.get(key)!(done),
		onResult: (key, result) => states.record(key, result),
	});
	for (const {server, admin} of states.all) {
		if (admin === 'maint') scheduler.pause(server.index);
	}
	scheduler.start();
	return scheduler;
}

/** Where the server is now: it may have been moved (`set server … addr`). */
function targetOf({backend, server}: TrackedServer): CheckTarget | undefined {
	return makeCheckTarget(backend, server);
}
