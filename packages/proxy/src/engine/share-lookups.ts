/**
 * What rules look up, made once for all threads of an engine; the variables that the configuration sets are set.
 */
import {randomUUID} from 'node:crypto';
import type {Configuration} from '@hapair/config';
import {createFeed, type SharedFeed} from '../patterns/change-feed.ts';
import {Lookups} from '../patterns/lookups.ts';
import {presetVariables, processSource} from '../patterns/preset-variables.ts';
import type {SharedTable} from '../shared-table.ts';
import {createProxyFacts} from './proxy-facts.ts';

/** The main thread's view, and what carries changes to the others. */
export function shareLookups(
	configuration: Configuration,
	table: SharedTable,
): {readonly feed: SharedFeed; readonly lookups: Lookups} {
	const feed = createFeed(`hapair-${randomUUID()}`);
	const lookups = new Lookups(configuration, feed, table.workerCount);
	const nowMs = () => performance.timeOrigin + performance.now();
	presetVariables(
		configuration,
		lookups,
		processSource(createProxyFacts(configuration, table, new Map(), nowMs, lookups)),
	);
	return {feed, lookups};
}
