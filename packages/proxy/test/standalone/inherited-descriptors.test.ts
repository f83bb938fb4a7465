import test from 'ava';
import {childStdio, inheritedDescriptors} from '../../src/standalone/inherited-descriptors.ts';
import {makeBind, makeConfiguration, makeFrontend} from '../helpers/configuration.ts';

test('each descriptor of the binds is named once', t => {
	const bind = (fd: number) => ({...makeBind(), address: {kind: 'fd', fd} as const});
	const configuration = makeConfiguration([makeFrontend({binds: [bind(9), bind(5), makeBind(), bind(9)]})], []);
	t.deepEqual(inheritedDescriptors(configuration), [5, 9]);
});

test('a child keeps the numbers and has its channel in the first free place', t => {
	t.deepEqual(childStdio([]), ['ignore', 'ignore', 'pipe', 'ipc']);
	t.deepEqual(childStdio([3, 5]), ['ignore', 'ignore', 'pipe', 3, 'ipc', 5]);
	t.deepEqual(childStdio([3]), ['ignore', 'ignore', 'pipe', 3, 'ipc']);
});
