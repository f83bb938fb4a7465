/**
 * Whether a request asks how the proxy itself is (HAProxy manual, `monitor-uri`, `monitor fail`).
 *
 * Decides which requests are meant and with which status they are answered. They are never logged nor counted as the
 * users'. Leaves the answer's bytes to `error-pages.ts`.
 */
import type {Frontend} from '@hapair/config';
import {type CompiledCondition, compileCondition} from '../rules/conditions.ts';
import type {SampleSource} from '../rules/sample-source.ts';

/** A frontend's monitor, ready for requests. */
export interface Monitor {
	readonly uri: string;
	readonly fails: readonly CompiledCondition[];
}

/** Prepares a frontend's monitor; `undefined` without `monitor-uri`. Throws a `RuleError`. */
export function compileMonitor(frontend: Pick<Frontend, 'monitorUri' | 'monitorFail'>): Monitor | undefined {
	if (frontend.monitorUri === undefined) return undefined;
	return {uri: frontend.monitorUri, fails: frontend.monitorFail.map(condition => compileCondition(condition))};
}

/**
 * Any method, and the whole path and query must be the URI: `/alive?x` is not `/alive`. A URI with a scheme must be what the client
 * wrote (`written`), a path is compared with the target in origin form.
 */
export function isMonitorRequest({uri}: Monitor, target: string, written: string): boolean {
	return uri.startsWith('/') ? target === uri : written === uri;
}

/** 200, or 503 when one of the `monitor fail` conditions holds. */
export function monitorStatus(monitor: Monitor, source: SampleSource): 200 | 503 {
	for (const fails of monitor.fails) {
		if (fails(source)) return 503;
	}
	return 200;
}
