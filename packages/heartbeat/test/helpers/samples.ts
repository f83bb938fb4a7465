/** Settings and advertisements complete enough to be real, of the nodes of the sample pair. */
import {type Advertisement, addressIdOf, type Datagram, type ElectionSettings} from '../../src/index.ts';

export {samplePair} from './sample-pair.ts';

export const ownBoot = 'a1a1a1a1a1a1a1a1';
export const peerBoot = 'b2b2b2b2b2b2b2b2';
export const digest = 'cc'.repeat(16);

/** lb1, the preferred node: master-down interval 625 ms, lease 500 ms. */
export const sampleSettings: ElectionSettings = {
	nodeName: 'lb1',
	peerName: 'lb2',
	bootId: ownBoot,
	address: addressIdOf('10.0.0.11'),
	peerAddress: addressIdOf('10.0.0.12'),
	priority: 150,
	peerPriority: 100,
	advertIntervalMs: 200,
	preempt: {mode: 'off'},
	onIsolation: 'claim',
	startDelayMs: 1000,
	configDigest: digest,
	version: '0.1.0',
	firstTerm: 0,
	claimDeadlineMs: 3000,
	releaseDeadlineMs: 3000,
	handoverDeadlineMs: 5000,
	drainDeadlineMs: 60_000,
	damping: {holdMs: 10_000, longestHoldMs: 300_000, halfLifeMs: 60_000},
	pinMs: 3_600_000,
};

/** What a fit backup of the name lb2 says that promises to keep away. */
export const sampleAdvertisement: Advertisement = {
	bootId: peerBoot,
	sequence: 1,
	term: 0,
	state: 'backup',
	holdsAddress: false,
	claiming: false,
	draining: false,
	maintenance: false,
	yields: true,
	wish: 0,
	forced: false,
	eligible: true,
	solo: false,
	resigning: false,
	incumbent: false,
	stepsBack: false,
	missesSome: false,
	passesOn: false,
	keeps: false,
	ajar: false,
	health: 255,
	priority: 100,
	address: addressIdOf('10.0.0.12'),
	advertIntervalMs: 200,
	leaseMs: 500,
	configDigest: digest,
	echo: undefined,
	refusal: undefined,
	note: '',
	version: '0.1.0',
};

export const sampleDatagram: Datagram = {
	keyId: 7,
	clusterId: 'c0ffee00c0ffee00c0ffee00c0ffee00',
	nodeId: '0000000000000a02',
	challenge: undefined,
	advertisement: sampleAdvertisement,
};
