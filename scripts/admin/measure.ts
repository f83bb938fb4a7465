/**
 * A failover of a fresh pair with a thousand servers, while its admin address is asked much or hardly at all.
 *
 * Decides which node is asked: the one that has most to do, the old master at a planned failover, the new one after a power cut.
 * Figures are those of `bench:failover`; what the nodes say of themselves is read from their metrics. Leaves the load to `load-program.ts`.
 */
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {Lab} from '../../test/lab/lab.ts';
import {spawnIn} from '../../test/lab/namespaces.ts';
import {summarizeClients} from '../../test/lab/probe.ts';
import {letPassMs, waitFor} from '../../test/lab/wait.ts';
import type {LoadOrder, LoadReport} from './load-program.ts';

export interface AdminFigures {
	/** Longest time between two served new connections. */
	readonly gapMs: number;
	readonly failed: number;
	/** The slowest of the looks at the metrics, and the middle one. */
	readonly metricsMs: readonly number[];
	/** How late the timers of the heartbeat and of the daemon were, 99 % and at most, ms. */
	readonly heartbeatLateMs: readonly [p99: number, max: number];
	readonly daemonLateMs: readonly [p99: number, max: number];
	/** Answers of the load, by status, a second. */
	readonly answersPerSecond: Readonly<Record<string, number>>;
}

export interface AdminEvent {
	readonly name: 'planned failover' | 'power cut';
	readonly asked: 'lb1' | 'lb2';
	happen(lab: Lab): Promise<unknown>;
}

export const adminEvents: readonly AdminEvent[] = [
	{
		name: 'planned failover',
		asked: 'lb1',
		async happen(lab) {
			const {code, stderr} = await lab.daemon('lb1').command(['failover', '--json']);
			if (code !== 0) throw new Error(`failover ended with ${code}: ${stderr}`);
			await waitFor('the move', async () => (await lab.readStatus('lb2')).self.holdsAddress);
		},
	},
	{
		name: 'power cut',
		asked: 'lb2',
		async happen(lab) {
			lab.cutPower('lb1');
			await lab.waitForMaster('lb2', 60_000);
		},
	},
];

const program = fileURLToPath(new URL('load-program.ts', import.meta.url));
/** Before the event, so that everything is warm and as late as it gets. */
const warmMs = 4000;

export async function measureEvent(event: AdminEvent, perSecond: number, servers: number): Promise<AdminFigures> {
	const lab = new Lab();
	try {
		const lines = ['track frontend http-in'];
		await lab.startPair({lines, proxyLines: listServers(servers)});
		const clients = await lab.probeClients({perSecond: 200, keepAliveClients: event.name === 'power cut' ? 0 : 20});
		const load = startLoad(lab, event.asked, perSecond);
		await letPassMs(warmMs + 1000 * Math.random());
		await event.happen(lab);
		// A SYN that nobody heard is repeated after 1 s; and one more look at the metrics.
		await letPassMs(2500);
		const {gapMs, failedFresh, failedKept} = summarizeClients(await clients.stop());
		const {answers, seconds, metricsMs, metrics} = await load();
		const late = (process: string, of: string) =>
			1000 * readMetric(metrics, `hapair_loop_delay_seconds{process="${process}",of="${of}"}`);
		return {
			gapMs,
			failed: failedFresh.length + failedKept.length,
			metricsMs,
			heartbeatLateMs: [late('heartbeat', 'p99'), late('heartbeat', 'max')],
			daemonLateMs: [late('daemon', 'p99'), late('daemon', 'max')],
			answersPerSecond: Object.fromEntries(Object.entries(answers).map(([status, count]) => [status, count / seconds])),
		};
	} finally {
		lab.dispose();
	}
}

/** Nobody sends them anything: they are there to be told of. */
function listServers(count: number): string[] {
	const names = Array.from({length: count}, (_, index) => `    server s${index} 127.1.${index >> 8}.${index & 255}:9`);
	return ['backend many', ...names];
}

/** What it answers ends the load. */
function startLoad(lab: Lab, node: 'lb1' | 'lb2', perSecond: number): () => Promise<LoadReport> {
	const token = readFileSync(`${lab.socketPathOf(node)}.state/admin.token`, 'utf8').trim();
	const child = spawnIn(lab.network.namespaceOf(node), [process.execPath, program], {
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
	});
	child.send({token, perSecond} satisfies LoadOrder);
	return () => {
		const {promise, resolve, reject} = Promise.withResolvers<LoadReport>();
		child.once('message', report => resolve(report as LoadReport));
		child.once('exit', code => reject(new Error(`the load ended with ${code} before its report`)));
		child.send('end');
		return promise;
	};
}

/** No such line: NaN. */
function readMetric(text: string, name: string): number {
	const line = text.split('\n').find(candidate => candidate.startsWith(`${name} `));
	return Number(line?.slice(name.length + 1) ?? Number.NaN);
}
