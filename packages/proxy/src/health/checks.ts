/**
 * Runs the checks of a configuration: the scheduler's times, each backend's kind of check, results into the servers' states.
 *
 * Decides which conversation each server gets. Leaves what is said in it to `kinds/`.
 */
import {randomBytes} from 'node:crypto';
import type {Backend, Configuration, Server} from '@hapair/config';
import type {RequestSample} from '../rules/request-sample.ts';
import {type RunningCheck, runCheck} from './check-connection.ts';
import type {CheckResult} from './check-result.ts';
import type {SampleMaker} from './check-samples.ts';
import {type CheckTarget, makeCheckTarget} from './check-target.ts';
import type {Conversation} from './conversation.ts';
import {talkHttp} from './kinds/http.ts';
import {cutHttpScript, type HttpPart, talkHttpSteps} from './kinds/http-steps.ts';
import {talkLdap} from './kinds/ldap.ts';
import {talkMysql} from './kinds/mysql.ts';
import {talkPgsql} from './kinds/pgsql.ts';
import {talkRedis} from './kinds/redis.ts';
import {talkSmtp} from './kinds/smtp.ts';
import {talkSslHello} from './kinds/ssl-hello.ts';
import {cutScript, talkSteps} from './kinds/tcp-steps.ts';
import {CheckScheduler} from './scheduler.ts';
import {explainTcp, runScript} from './script-check.ts';
import type {ServerStates} from './server-states.ts';

type StartCheck = (done: (result: CheckResult) => void) => RunningCheck;

/** Starts checking every server that asks for it; servers in maintenance wait for `resume`. `stateLine` is for `send-state`, `sampleOf` for scripts. */
export function startHealthChecks(
	configuration: Configuration,
	states: ServerStates,
	stateLine: (serverIndex: number) => string,
	sampleOf: SampleMaker,
): CheckScheduler {
	const prepared = new Map<number, {readonly server: Server; readonly start: StartCheck}>();
	/** Prepared anew when the server was changed since (`set server … addr`), or is another one. */
	const startOf = (index: number): StartCheck => {
		const {backend, server} = states.byIndex(index)!;
		const known = prepared.get(index);
		if (known?.server === server) return known.start;
		const target = makeCheckTarget(backend, server);
		const start = target
			? prepareCheck(
					backend,
					target,
					() => stateLine(index),
					() => sampleOf(backend.name, server.name),
				)
			: (known?.start ?? neverChecked);
		prepared.set(index, {server, start});
		return start;
	};
	const checked = states.all.filter(({backend, server}) => !backend.disabled && makeCheckTarget(backend, server));
	const scheduler = new CheckScheduler({
		servers: checked.map(({server}) => ({key: server.index, interMs: server.check?.interMs ?? 0})),
		spreadPercent: configuration.global.spreadChecksPercent,
		run: (key, done) => startOf(key)(done),
		onResult: (key, result) => states.record(key, result),
	});
	for (const {server, admin, isUnchecked} of states.all) {
		if (admin === 'maint' || isUnchecked) scheduler.pause(server.index);
	}
	scheduler.start();
	return scheduler;
}

/** A server that has nowhere to be checked. */
const neverChecked: StartCheck = () => ({cancel: () => {}});

/** The check of one server; `stateLine` is asked for at each check, when the backend sends it, and `sampleOf` for each script. */
export function prepareCheck(
	backend: Backend,
	target: CheckTarget,
	stateLine: () => string,
	sampleOf: () => RequestSample,
): StartCheck {
	const {check, disableOn404, sendState} = backend;
	if (check.kind === 'tcp-check') {
		const parts = cutScript(check.steps);
		return done => {
			const sample = sampleOf();
			return runScript(target, {parts, sample, talk: part => talkSteps(part, sample), explain: explainTcp}, done);
		};
	}
	if (check.kind === 'http' && check.script !== undefined) {
		const parts = cutHttpScript(check.script);
		return done => {
			const sample = sampleOf();
			const line = sendState === true ? stateLine() : undefined;
			const talk = (part: HttpPart) => talkHttpSteps(part, {disableOn404}, sample, line);
			return runScript(target, {parts, sample, talk, explain: result => result}, done);
		};
	}
	return done => runCheck(target, startConversation(backend, stateLine), done);
}

/** Undefined for a check that only connects. */
function startConversation(backend: Backend, stateLine: () => string): Conversation | undefined {
	const {check, disableOn404, httpExpect, sendState} = backend;
	switch (check.kind) {
		case 'http': {
			const rules = {disableOn404, ...(httpExpect === undefined ? {} : {expect: httpExpect})};
			return talkHttp(check, rules, sendState === true ? stateLine() : undefined);
		}
		case 'ssl-hello':
			return talkSslHello(randomBytes(32));
		case 'smtp':
			return talkSmtp(check.hello);
		case 'mysql':
			return talkMysql(check.user, check.protocol);
		case 'pgsql':
			return talkPgsql(check.user);
		case 'ldap':
			return talkLdap();
		case 'redis':
			return talkRedis();
		default:
			return undefined;
	}
}
