/** What a script of a check asks, in tests: no proxy exists. */
import {RequestSample} from '../../src/rules/request-sample.ts';
import {makeProxyFacts} from './proxy-facts.ts';

export function makeCheckSample(): RequestSample {
	return new RequestSample({
		src: undefined,
		srcPort: 0,
		dst: undefined,
		dstPort: 0,
		frontend: 'be',
		proxies: makeProxyFacts(),
	});
}
