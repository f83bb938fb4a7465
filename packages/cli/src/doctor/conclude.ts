/**
 * The sum of an examination: which driver will work, and how long a failover will take. Pure.
 *
 * Decides from the findings alone; the times follow from the heartbeat's own (`timers.ts`) and from docs/drivers.md. What the
 * network takes on top is said in words where nobody can know it.
 */
import type {Pair, PairNode} from '@hapair/config';
import {masterDownMs} from '@hapair/heartbeat';
import {findPreferred} from '../configuration/outcomes.ts';
import {formatDuration} from '../terminal.ts';
import {type Finding, type Grade, worstOf} from './finding.ts';

export interface DriverOutlook {
	readonly driver: string;
	readonly grade: Grade;
	/** One clause. */
	readonly message: string;
}

export interface FailoverOutlook {
	/** The node that dies. */
	readonly node: string;
	readonly successor: string;
	/** From its last advertisement or the moment right before the next one until the other claims, ms. */
	readonly shortestMs: number;
	readonly longestMs: number;
}

export interface Conclusion {
	readonly drivers: readonly DriverOutlook[];
	readonly failovers: readonly [FailoverOutlook, FailoverOutlook];
	/** Sentences on what comes on top, in the order of importance. */
	readonly remarks: readonly string[];
}

/** A claim with its read-back, measured at 5–10 ms; an announcement leaves with it. */
const claimMs = 20;

/** What users of the providers report (docs/drivers.md). */
const driverTimes: Readonly<Record<string, string>> = {
	'hetzner-cloud': 'a few seconds',
	digitalocean: '5–15 s',
	openstack: '1–5 s',
	aws: '1–5 s',
	bgp: '0.3 s and what the routers take',
	exec: 'what its program takes',
};

export function conclude(pair: Pair, findings: readonly Finding[]): Conclusion {
	const drivers = [judgeIp(pair, findings), ...pair.drivers.map(({kind}) => judgeDriver(kind, findings))];
	const [first, second] = pair.nodes;
	return {
		drivers: drivers.filter(({driver}, index) => drivers.findIndex(each => each.driver === driver) === index),
		failovers: [outlook(pair, first, second), outlook(pair, second, first)],
		remarks: listRemarks(pair, findings),
	};
}

/** Without the announcement there is still the address on the interface, which every driver needs. */
function judgeIp(pair: Pair, findings: readonly Finding[]): DriverOutlook {
	const driver = 'ip';
	const grade = gradeOf(findings, ['programs', 'capabilities', 'link', 'address', 'announcement']);
	const announced = findings.filter(({check}) => check === 'announcement');
	const isMoved = pair.drivers.length > 0;
	if (grade === 'fail') return {driver, grade, message: 'will not work as it is'};
	if (announced.some(each => each.grade !== 'ok')) {
		return {driver, grade, message: 'may work: that the network accepts announcements is not proven'};
	}
	return {driver, grade, message: isMoved ? 'adds the address; the driver moves it' : 'will work'};
}

function judgeDriver(driver: string, findings: readonly Finding[]): DriverOutlook {
	const grade = gradeOf(findings, [driver]);
	const takes = `takes ${driverTimes[driver] ?? 'its time'} on top`;
	if (grade === 'fail') return {driver, grade, message: 'will not work as it is'};
	return {driver, grade, message: grade === 'ok' ? `will work, and ${takes}` : `may work, and ${takes}`};
}

function gradeOf(findings: readonly Finding[], checks: readonly string[]): Grade {
	return worstOf(findings.filter(({check}) => checks.includes(check)).map(({grade}) => grade));
}

function outlook(pair: Pair, node: PairNode, successor: PairNode): FailoverOutlook {
	const silentMs = masterDownMs(pair.advertIntervalMs, findPreferred(pair).name === successor.name);
	return {
		node: node.name,
		successor: successor.name,
		shortestMs: Math.round(silentMs - pair.advertIntervalMs),
		longestMs: Math.round(silentMs + claimMs),
	};
}

function listRemarks(pair: Pair, findings: readonly Finding[]): string[] {
	const remarks: string[] = [];
	const blocked = findings.some(({check, grade}) => check === 'announcement' && grade === 'fail');
	if (blocked) {
		remarks.push(
			'on top, until each neighbour asks anew for the address by itself: a minute for Linux, hours for some routers, or never',
		);
	}
	if (pair.witness !== undefined) remarks.push('and the witness has to consent');
	else if (pair.onIsolation === 'hold')
		remarks.push('only if the dead node took its leave: on isolation hold, and no witness');
	return remarks;
}

/** One line for each failover, for people. */
export function describeFailovers({failovers, remarks}: Conclusion): string[] {
	const lines = failovers.map(
		({node, successor, shortestMs, longestMs}) =>
			`${node} dies: ${successor} has the address after ${formatDuration(shortestMs)} to ${formatDuration(longestMs)}`,
	);
	return [...lines, 'planned: hapair failover loses no request', ...remarks];
}
