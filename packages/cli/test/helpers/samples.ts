/** A pair and the states around it, complete enough to be real. */
import type {HeartbeatStatus, PeerStatus} from '@hapair/heartbeat';
import type {ProxySnapshot} from '@hapair/proxy';
import type {TakeoverReport} from '@hapair/takeover';
import type {HookOccasion} from '../../src/hooks/events.ts';

export {sampleAdvertisement, samplePair} from '../../../heartbeat/test/helpers/samples.ts';

export const sampleTakeover: TakeoverReport = {
	driver: 'hetzner-cloud',
	target: '203.0.113.7',
	wanted: true,
	term: 3,
	at: 'here',
	detail: 'server 4711',
	lastReadMs: 3200,
	lastAssignMs: 65_000,
	pending: 'action 12 runs for 1.5 s',
	trouble: 'read failed: the Hetzner Cloud API answered 401',
	counters: {reads: 12, assigns: 1, failures: 1, staleWishes: 0},
};

export const samplePeer: PeerStatus = {
	node: 'lb2',
	alive: true,
	state: 'backup',
	term: 3,
	eligible: true,
	health: 255,
	priority: 100,
	maintenance: false,
	holdsAddress: false,
	note: '',
	version: '0.1.0',
	lastHeardMs: 120,
	configDigest: 'aa',
	advertIntervalMs: 200,
	hearsUs: true,
};

export const sampleStatus: HeartbeatStatus = {
	node: 'lb1',
	state: 'master',
	solo: false,
	term: 3,
	sinceMs: 65_000,
	reason: 'lb2 was silent',
	holdsAddress: true,
	eligible: true,
	health: 255,
	priority: 150,
	maintenance: false,
	note: '',
	lease: 'kernel',
	leaseMs: 500,
	masterDownMs: 682,
	configDigest: 'aa',
	peer: samplePeer,
	paths: [
		{
			local: '10.0.0.11',
			remote: '10.0.0.12',
			lastHeardMs: 120,
			lossPercent: 0,
			roundTripMs: 0.4,
			worstRoundTripMs: 2.1,
			sendErrors: 0,
		},
	],
	counters: {sent: 10},
	longestStallMs: 3,
	contradictions: [],
	secondChance: {why: '', peerAble: true, keepsForMs: 0, passing: false},
};

export const sampleSnapshot: ProxySnapshot = {
	workers: 2,
	draining: false,
	connections: 4,
	activeTransactions: 1,
	idleClosings: 0,
	traffic: {
		requests: 10,
		clientErrors: 1,
		serverErrors: 2,
		connectErrors: 3,
		boundsMs: [1, 10],
		totalTimes: [4, 5, 1, 60],
	},
	frontends: [
		{
			name: 'http-in',
			listening: true,
			connections: 4,
			totalConnections: 9,
			totalRequests: 30,
			bytesIn: 100,
			bytesOut: 900,
		},
	],
	backends: [
		{
			name: 'web_servers',
			up: 1,
			queued: 0,
			servers: [
				{
					name: 'web1',
					address: '10.0.0.1:80',
					status: 'UP',
					weight: 1,
					backup: false,
					connections: 1,
					queued: 0,
					totalSessions: 30,
					lastCheck: 'L7OK/200 in 1ms',
					sinceMs: 61_000,
				},
				{
					name: 'web2',
					address: '10.0.0.2:80',
					status: 'DOWN',
					weight: 1,
					backup: false,
					connections: 0,
					queued: 0,
					totalSessions: 0,
					lastCheck: 'L4CON in 0ms',
					sinceMs: 5000,
				},
			],
		},
	],
};

export const sampleOccasion: HookOccasion = {
	eventId: 'lb1-abc-7',
	event: 'master',
	isState: true,
	about: 'backup',
	pair: 'oslo',
	node: 'lb1',
	peer: 'lb2',
	oldState: 'backup',
	newState: 'master',
	term: 4,
	reason: 'lb2 was silent for 682 ms',
	priority: 150,
	virtualAddresses: ['10.0.0.100', '10.0.0.101'],
	interfaces: ['eth0'],
	time: '2026-01-02T03:04:05.678Z',
};
