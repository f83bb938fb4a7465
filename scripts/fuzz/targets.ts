/** All fuzz targets, by name. Pure. */
import {checkTargets} from './check-targets.ts';
import {configurationTargets} from './configuration-targets.ts';
import {heartbeatTargets} from './heartbeat-targets.ts';
import {httpTargets} from './http-targets.ts';
import {takeoverTargets} from './takeover-targets.ts';
import type {FuzzTarget} from './target.ts';
import {textTargets} from './text-targets.ts';

export const targets: readonly FuzzTarget[] = [
	...configurationTargets,
	...httpTargets,
	...textTargets,
	...checkTargets,
	...heartbeatTargets,
	...takeoverTargets,
];

export function findTarget(name: string): FuzzTarget | undefined {
	return targets.find(target => target.name === name);
}
