/**
 * What can happen to a pair, each as one measurement: a fresh lab, clients, the event, the outage.
 *
 * Decides the load (200 new connections a second, 20 keep-alive clients at planned moves) and the random moment at which
 * the event falls between two advertisements.
 */
import type {DaemonPids} from '../../test/lab/daemon.ts';
import {Lab} from '../../test/lab/lab.ts';
import {killPid} from '../../test/lab/namespaces.ts';
import {summarizeClients, summarizeEyes} from '../../test/lab/probe.ts';
import {letPassMs, waitFor} from '../../test/lab/wait.ts';
import {KeepalivedPair} from './keepalived.ts';

export interface Outage {
	/** Longest time between two served new connections. */
	readonly gapMs: number;
	readonly requests: number;
	readonly failed: number;
	/** Looks in which both nodes answered for the address, by ARP or TCP. */
	readonly doubles: number;
}

export interface FailoverEvent {
	readonly name: string;
	readonly needs?: 'keepalived';
	run(): Promise<Outage>;
}

const frozenMs = 5000;

/** Runs `happen` under load in a lab that `prepare` has made serve. */
async function measureIn(
	prepare: (lab: Lab) => Promise<void>,
	happen: (lab: Lab) => Promise<unknown>,
	keepAliveClients = 0,
): Promise<Outage> {
	const lab = new Lab();
	try {
		await prepare(lab);
		const clients = await lab.probeClients({perSecond: 200, keepAliveClients});
		const eyes = await lab.probeEyes();
		await letPassMs(500 + 1000 * Math.random());
		await happen(lab);
		// A SYN that met the shut door is repeated after 1 s: the sampling must not end just then.
		await letPassMs(1500);
		const {gapMs, requests, failedFresh, failedKept} = summarizeClients(await clients.stop());
		const {doubleArp, doubleTcp} = summarizeEyes(await eyes[0].stop(), await eyes[1].stop());
		return {gapMs, requests, failed: failedFresh.length + failedKept.length, doubles: doubleArp + doubleTcp};
	} finally {
		lab.dispose();
	}
}

async function signal(lab: Lab, which: keyof DaemonPids, name: NodeJS.Signals): Promise<void> {
	const pid = lab.daemon('lb1').findPids()[which];
	if (pid === undefined) throw new Error(`the ${which} process of lb1 was not found`);
	killPid(pid, name);
}

const powerCut = async (lab: Lab) => {
	lab.cutPower('lb1');
	await lab.waitForMaster('lb2');
};

function hapair(advertise: string): FailoverEvent[] {
	const prepare = (lab: Lab) => lab.startPair({advertise, lines: ['track frontend http-in']});
	return [
		{name: `hapair ${advertise}: power cut`, run: () => measureIn(prepare, powerCut)},
		{
			name: `hapair ${advertise}: kill -9 of the heartbeat`,
			run: () => measureIn(prepare, lab => signal(lab, 'heartbeat', 'SIGKILL').then(() => letPassMs(3000))),
		},
		{
			name: `hapair ${advertise}: heartbeat frozen 5 s`,
			run: () =>
				measureIn(prepare, async lab => {
					await signal(lab, 'heartbeat', 'SIGSTOP');
					await letPassMs(frozenMs);
					await signal(lab, 'heartbeat', 'SIGCONT');
				}),
		},
	];
}

const calmPair = (lab: Lab) => lab.startPair({lines: ['track frontend http-in']});

/** VRRPv3 with the same interval as hapair's default; its check script notices a dead haproxy within a second. */
const keepalived: FailoverEvent[] = (
	[
		['power cut', pair => pair.cutPower()],
		['kill -9 of keepalived', pair => pair.signalDaemon('SIGKILL').then(() => letPassMs(3000))],
		[
			'keepalived frozen 5 s',
			async pair => {
				await pair.signalDaemon('SIGSTOP');
				await letPassMs(frozenMs);
				await pair.signalDaemon('SIGCONT');
			},
		],
		['SIGTERM of keepalived', pair => pair.signalDaemon('SIGTERM').then(() => letPassMs(2000))],
	] satisfies [string, (pair: KeepalivedPair) => Promise<unknown>][]
).map(([name, happen]) => ({
	name: `keepalived 200ms: ${name}`,
	needs: 'keepalived',
	run: () => {
		let pair: KeepalivedPair | undefined;
		return measureIn(
			async lab => {
				pair = new KeepalivedPair(lab);
				await pair.start();
			},
			async () => pair && happen(pair),
			name.startsWith('SIGTERM') ? 20 : 0,
		);
	},
}));

/** In the order of the table. */
export const events: readonly FailoverEvent[] = [
	...hapair('200ms'),
	...hapair('fast'),
	{
		name: 'hapair 200ms: kill -9 of the proxy',
		run: () => measureIn(calmPair, lab => signal(lab, 'proxy', 'SIGKILL').then(() => letPassMs(2000))),
	},
	{
		name: 'hapair 200ms: planned failover',
		run: () =>
			measureIn(
				calmPair,
				async lab => {
					const {code, stderr} = await lab.daemon('lb1').command(['failover', '--json']);
					if (code !== 0) throw new Error(`failover ended with ${code}: ${stderr}`);
					await waitFor('the move', async () => (await lab.readStatus('lb2')).self.holdsAddress);
				},
				20,
			),
	},
	{
		name: 'hapair 200ms: SIGTERM of the daemon',
		run: () => measureIn(calmPair, lab => lab.daemon('lb1').stop(), 20),
	},
	...keepalived,
];
