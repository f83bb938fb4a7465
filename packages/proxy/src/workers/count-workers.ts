/**
 * How many worker threads a configuration gets (HAProxy manual, `nbthread`).
 *
 * Decides the number. Leaves starting them to the supervisor.
 */
import {availableParallelism} from 'node:os';
import type {Configuration} from '@hapair/config';

/**
 * `nbthread`, else one per processor. An inherited descriptor (`fd@`) belongs to one thread: closing it in a second one would close
 * the other's.
 */
export function countWorkers(configuration: Configuration): number {
	const inherits = configuration.frontends.some(({binds}) => binds.some(({address}) => address.kind === 'fd'));
	if (inherits) return 1;
	return Math.max(1, Math.min(64, configuration.global.nbthread ?? availableParallelism()));
}
