/** A pair complete enough to be real. It loads nothing, so that small programs of tests start fast. */
import type {Pair} from '@hapair/config';

const position = {file: 'pair.cfg', line: 1, column: 1};

export const samplePair: Pair = {
	name: 'oslo',
	position,
	nodes: [
		{name: 'lb1', address: '10.0.0.11', priority: 150, position},
		{name: 'lb2', address: '10.0.0.12', priority: 100, position},
	],
	virtualAddresses: [{address: '10.0.0.100', prefixLength: 24, family: 4, interface: 'eth0', position}],
	advertIntervalMs: 200,
	port: 3694,
	secretFiles: ['/etc/hapair/pair.key'],
	paths: [],
	preempt: {mode: 'off'},
	onIsolation: 'claim',
	secondChance: true,
	startDelayMs: 1000,
	tracks: [],
	drivers: [],
	hooks: [],
	certificates: [],
	maintenanceWindows: [],
	failoverWindows: [],
};
