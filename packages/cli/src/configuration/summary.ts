/**
 * What would run, in words: the end of `hapair check`. Pure.
 */

import type {Backend, Configuration, Frontend, Pair, Schedule, TakeoverDriver, Track} from '@hapair/config';
import {targetsOf} from '@hapair/takeover';
import {describeHook} from '../hooks/describe.ts';
import {formatDuration} from '../terminal.ts';
import {listOutcomes} from './outcomes.ts';

/** One line each. */
export function summarizeConfiguration(configuration: Configuration): string[] {
	return [
		...configuration.frontends.map(describeFrontend),
		...configuration.backends.map(describeBackend),
		...(configuration.pair === undefined
			? ['no pair section: the proxy would run alone, without a floating address']
			: describePair(configuration.pair)),
	];
}

function describeFrontend(frontend: Frontend): string {
	const binds = frontend.binds.map(({text}) => text).join(', ');
	const target = frontend.defaultBackend === undefined ? '' : ` and sends it to ${frontend.defaultBackend}`;
	const choices = frontend.useBackends.length === 0 ? '' : `, ${count(frontend.useBackends.length, 'rule')} first`;
	if (frontend.disabled) return `frontend ${frontend.name} is disabled`;
	return `frontend ${frontend.name} takes ${frontend.mode} on ${binds || 'no address'}${target}${choices}`;
}

function describeBackend(backend: Backend): string {
	const checked = backend.servers.filter(({check}) => check !== undefined).length;
	const checks =
		checked === 0
			? 'no checks'
			: `${checked} checked by ${backend.check.kind === 'http' ? `HTTP ${backend.check.method} ${backend.check.uri}` : 'TCP'}`;
	const cookie = backend.cookie === undefined ? '' : `, persistence by cookie ${backend.cookie.name}`;
	return `backend ${backend.name}: ${count(backend.servers.length, 'server')} (${checks}), balance ${backend.balance}${cookie}`;
}

function describePair(pair: Pair): string[] {
	const addresses = pair.virtualAddresses
		.map(vip => `${vip.address}/${vip.prefixLength} on ${vip.interface}`)
		.join(', ');
	const [first, second] = pair.nodes;
	const paths = pair.paths.length + 1;
	return [
		`pair ${pair.name}: ${first.name} (${first.address}, priority ${first.priority}) and ${second.name} (${second.address}, priority ${second.priority}) share ${addresses}`,
		`  advertisement every ${formatDuration(pair.advertIntervalMs)} on ${count(paths, 'path')}, UDP port ${pair.port}; preempt ${describePreempt(pair)}; ${describeAlone(pair)}`,
		...pair.tracks.map(track => `  eligible only while ${describeTrack(track)}`),
		...pair.drivers.map(
			driver => `  the master orders ${targetsOf(driver, pair).join(', ')} by ${describeDriver(driver)}`,
		),
		...pair.hooks.map(
			hook =>
				`  on ${hook.on}: ${hook.kind === 'exec' ? hook.argv.join(' ') : `a ${describeHook(hook)}`}, at most ${formatDuration(hook.timeoutMs)}`,
		),
		...describeSchedules(pair),
		...listOutcomes(pair).map(({situation, outcome}) => `  ${situation}: ${outcome}`),
	];
}

function describeSchedules({drill, maintenanceWindows, failoverWindows, preempt}: Pair): string[] {
	const when = ({cron, timezone}: Schedule): string => `at "${cron}"${timezone === undefined ? '' : ` in ${timezone}`}`;
	const back = preempt.mode === 'off' && drill?.returns !== true ? 'the address stays there' : 'and back';
	return [
		...(drill === undefined ? [] : [`  drill ${when(drill)}: the master moves the address to its peer, ${back}`]),
		...maintenanceWindows.map(
			window => `  ${window.node} is in maintenance ${when(window)} for ${formatDuration(window.forMs)}`,
		),
		...(preempt.mode === 'off' ? [] : failoverWindows).map(
			window => `  a preferred node takes the address back only ${when(window)} for ${formatDuration(window.forMs)}`,
		),
	];
}

function describeDriver(driver: TakeoverDriver): string {
	if (driver.kind === 'exec') return `${driver.argv.join(' ')}, as ${driver.user}`;
	if (driver.kind === 'bgp') return `bgp, announced by BIRD at ${driver.control}`;
	return `${driver.kind}: ${driver.members.map(({node, id}) => `${node} is ${id}`).join(', ')}`;
}

function describePreempt({preempt}: Pair): string {
	return preempt.mode === 'after' ? `after ${formatDuration(preempt.delayMs)}` : preempt.mode;
}

/** The condition, to follow "while". */
export function describeTrack(track: Track): string {
	switch (track.kind) {
		case 'frontend':
			return `frontend ${track.frontend} accepts connections`;
		case 'backend':
			return `backend ${track.backend} has at least ${count(track.minUp, 'server')} up`;
		case 'script':
			return `${track.argv.join(' ')} exits with 0 (every ${formatDuration(track.everyMs)})`;
		case 'interface':
			return `interface ${track.interface} has a carrier`;
		case 'process':
			return `a process ${track.process} runs (every ${formatDuration(track.everyMs)})`;
		case 'file':
			return `${track.path} is ${track.present ? 'there' : 'not there'} (every ${formatDuration(track.everyMs)})`;
		case 'steal':
			return `the host takes less than ${track.percent} % of the CPU time`;
		case 'delay':
			return `timers are late by less than ${formatDuration(track.delayMs)}`;
		case 'gateway':
			return `gateway ${track.address} answers (every ${formatDuration(track.everyMs)})`;
	}
}

function count(number: number, noun: string): string {
	return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function describeAlone({witness, onIsolation}: Pair): string {
	return witness === undefined
		? `alone: ${onIsolation}`
		: `alone: as the witness at ${witness.host} port ${witness.port} says`;
}
