/**
 * What rules may ask of a body: as much of it as has come (HAProxy manual, `req.body`, `req.body_param`, `res.body`).
 *
 * Decides their values. Leaves waiting for a body to `option http-buffer-request` and `wait-for-body`: of a response
 * nothing is there without it.
 */
import type {Sample} from './sample.ts';
import type {SampleSource} from './sample-source.ts';
import {someUrlParameter} from './url-parameter.ts';

type Take = (source: SampleSource, args: readonly string[]) => Sample | undefined;

/** Of several the first one; all when no name is given, of which the first is shown too. */
function parameter(source: SampleSource, [name = '']: readonly string[]): string | undefined {
	let found: string | undefined;
	someUrlParameter(`?${source.body}`, name, '?', value => {
		found = value;
		return true;
	});
	return found;
}

/** By name; each takes its arguments with the source. */
export const BODY_SAMPLES: readonly (readonly [string, Take])[] = [
	['req.body', source => source.body],
	['req.body_len', source => source.body.length],
	['req.body_size', source => (source.bodySize < 0 ? source.body.length : source.bodySize)],
	['req.body_param', parameter],
	['res.body', source => source.responseBody],
	['res.body_len', source => source.responseBody.length],
	['res.body_size', source => (source.responseBodySize < 0 ? source.responseBody.length : source.responseBodySize)],
];
