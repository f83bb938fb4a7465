/**
 * Rounds as tables: medians, and ratios to haproxy taken within each round, so that a slow minute of the machine touches both sides.
 *
 * Pure.
 */
import {median} from '../../test/lab/figures.ts';
import {alignColumns} from '../align-columns.ts';
import type {ContenderName} from './contenders.ts';
import type {IdleMemory} from './idle-memory.ts';
import type {Figures} from './load.ts';

/** What one round gave of each contender. */
export type Round<T> = ReadonlyMap<ContenderName, T>;

const loadColumns = [
	'',
	'CPU µs/request',
	'user',
	'system',
	'× haproxy',
	'spread',
	'requests/s',
	'p50 ms',
	'p99 ms',
	'errors',
];

export function formatLoad(title: string, rounds: readonly Round<Figures>[]): string {
	const cpu = ({userUs, systemUs}: Figures) => userUs + systemUs;
	const rows = namesOf(rounds).map(name => {
		const middle = (value: (figures: Figures) => number) => median(valuesOf(rounds, name, value));
		const ratios = ratiosOf(rounds, name, cpu);
		return [
			name,
			middle(cpu).toFixed(1),
			middle(({userUs}) => userUs).toFixed(1),
			middle(({systemUs}) => systemUs).toFixed(1),
			...formatRatios(ratios),
			Math.round(middle(({perSecond}) => perSecond)).toString(),
			middle(({p50Ms}) => p50Ms).toFixed(2),
			middle(({p99Ms}) => p99Ms).toFixed(2),
			String(valuesOf(rounds, name, ({errors}) => errors).reduce((sum, count) => sum + count, 0)),
		];
	});
	return formatTable(title, [loadColumns, ...rows]);
}

export function formatIdle(title: string, rounds: readonly Round<IdleMemory>[]): string {
	const rows = namesOf(rounds).map(name => {
		const middle = (value: (memory: IdleMemory) => number) => median(valuesOf(rounds, name, value));
		return [
			name,
			(middle(({bytesPerConnection}) => bytesPerConnection) / 1024).toFixed(1),
			...formatRatios(ratiosOf(rounds, name, ({bytesPerConnection}) => bytesPerConnection)),
			(middle(({emptyKib}) => emptyKib) / 1024).toFixed(1),
			(middle(({fullKib}) => fullKib) / 1024).toFixed(1),
		];
	});
	return formatTable(title, [['', 'KiB/connection', '× haproxy', 'spread', 'MiB before', 'MiB with them'], ...rows]);
}

export function formatStartUp(title: string, rounds: readonly ReadonlyMap<string, number>[]): string {
	const rows = [...(rounds[0]?.keys() ?? [])].map(name => {
		const times = rounds.flatMap(round => round.get(name) ?? []);
		return [name, median(times).toFixed(0), Math.min(...times).toFixed(0), Math.max(...times).toFixed(0)];
	});
	return formatTable(title, [['', 'median ms', 'min', 'max'], ...rows]);
}

/** Median, and smallest to largest; empty without haproxy. */
function formatRatios(ratios: readonly number[]): readonly [string, string] {
	if (ratios.length === 0) return ['-', '-'];
	return [median(ratios).toFixed(2), `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`];
}

function namesOf<T>(rounds: readonly Round<T>[]): readonly ContenderName[] {
	return [...(rounds[0]?.keys() ?? [])];
}

function valuesOf<T>(rounds: readonly Round<T>[], name: ContenderName, value: (of: T) => number): number[] {
	return rounds.flatMap(round => {
		const of = round.get(name);
		return of === undefined ? [] : [value(of)];
	});
}

/** Of each round in which both were measured. */
export function ratiosOf<T>(rounds: readonly Round<T>[], name: ContenderName, value: (of: T) => number): number[] {
	return rounds.flatMap(round => {
		const own = round.get(name);
		const base = round.get('haproxy');
		return own === undefined || base === undefined ? [] : [value(own) / value(base)];
	});
}

function formatTable(title: string, table: readonly (readonly string[])[]): string {
	return `${title}\n${alignColumns(table, {rest: 'right'})
		.map(line => `  ${line}\n`)
		.join('')}`;
}
