import test from 'ava';
import {overrideLimits} from '../../src/standalone/override-limits.ts';
import {makeConfiguration, makeFrontend} from '../helpers/configuration.ts';

test('-n rules over the file, -N only where the file says nothing', t => {
	const configuration = makeConfiguration([makeFrontend(), makeFrontend({name: 'b', maxconn: 7})], []);
	const {global, frontends} = overrideLimits(configuration, {maxconn: 10, proxyMaxconn: 5});
	t.is(global.maxconn, 10);
	t.deepEqual(
		frontends.map(({maxconn}) => maxconn),
		[5, 7],
	);
	t.deepEqual(overrideLimits(configuration, {}), configuration);
});
