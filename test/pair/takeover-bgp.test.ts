import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {Bird} from '../lab/bird.ts';
import {Lab} from '../lab/lab.ts';
import {killPid, listPidsIn, runIn} from '../lab/namespaces.ts';
import {addresses, virtualAddress} from '../lab/network.ts';
import {waitFor} from '../lab/wait.ts';
import {figure} from './with-pair.ts';

const roles = ['lb1', 'lb2', 'client'] as const;

/** A small file in today's syntax: one path in it differs between the nodes. */
function writeConfig(lab: Lab): void {
	lab.writeConfig();
	const base = `${lab.directory}/\${HAPAIR_LAB_NODE}`;
	writeFileSync(
		lab.configPath,
		`defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend web
    bind *:80
    monitor-uri /alive
pair lab
    node lb1 ${addresses.lb1} priority 150
    node lb2 ${addresses.lb2}
    virtual-ip ${virtualAddress}/32 dev eth0
    secret file ${join(lab.directory, 'pair.key')}
    start-delay 1s
    takeover bgp file "${base}/hapair.conf" control "${base}/bird.ctl"
`,
	);
}

interface Stage {
	readonly lab: Lab;
	readonly birds: Readonly<Record<(typeof roles)[number], Bird>>;
	/** Waits until the router sends what is for the virtual address to this node first; how long that took, ms. */
	readonly routed: (to: 'lb1' | 'lb2', deadlineMs?: number) => Promise<number>;
}

async function withBirds(t: ExecutionContext, body: (stage: Stage) => Promise<void>): Promise<void> {
	t.timeout(120_000);
	const lab = new Lab();
	try {
		writeConfig(lab);
		const start = (role: (typeof roles)[number]) => new Bird(lab.network, role, join(lab.directory, role));
		const birds = {lb1: start('lb1'), lb2: start('lb2'), client: start('client')};
		const routed = async (to: 'lb1' | 'lb2', deadlineMs = 15_000) => {
			const beganMs = performance.now();
			const isFirst = () => birds.client.routesTo(virtualAddress)[0] === addresses[to];
			await waitFor(`the router to send to ${to}`, isFirst, {deadlineMs});
			return Math.round(performance.now() - beganMs);
		};
		lab.startDaemon('lb1');
		await lab.waitForMaster('lb1');
		lab.startDaemon('lb2');
		await lab.waitForBackup('lb2');
		await routed('lb1');
		await waitFor('lb1 to hear that lb2 is fit', async () => (await lab.readStatus('lb1')).peer.eligible);
		await body({lab, birds, routed});
	} catch (error) {
		for (const node of ['lb1', 'lb2'] as const) t.log(`${node} said:\n${lab.maybeDaemon(node)?.output.slice(-3000)}`);
		throw error;
	} finally {
		lab.dispose();
	}
}

test.serial('BIRD announces the address of the master, and after a failover that of the new one', async t => {
	await withBirds(t, async ({lab, birds, routed}) => {
		const [entry] = (await lab.readStatus('lb1')).takeover;
		t.like(entry, {driver: 'bgp', target: virtualAddress, at: 'here', detail: '1 of 1 BGP session established'});
		const failover = lab.daemon('lb1').command(['failover']);
		figure(t, 'from the order to the route', await routed('lb2'));
		const result = await failover;
		t.is(result.code, 0, result.stdout + result.stderr);
		// What is routed there is answered there: the lease lets the master answer for an address that no segment shares.
		const get = `fetch('http://${virtualAddress}/alive').then(({status}) => console.log(status))`;
		t.is(runIn(lab.network.namespaceOf('client'), [process.execPath, '-e', get]).trim(), '200');
		await waitFor('one route', () => birds.client.routesTo(virtualAddress).length === 1);
		t.regex(birds.client.ask(`show route ${virtualAddress}/32 all`), /BGP\.med: 429496729[0-4]/);
	});
});

test.serial(
	'a node that is killed whole is preferred no more when its peer claims, and withdraws within the life of its address',
	async t => {
		await withBirds(t, async ({lab, birds, routed}) => {
			const victims = listPidsIn(lab.network.namespaceOf('lb1')).filter(pid => pid !== birds.lb1.pid);
			for (const pid of victims) killPid(pid, 'SIGKILL');
			const beganMs = performance.now();
			figure(t, 'route to the new master', await routed('lb2', 5000));
			await waitFor('the dead node’s route to be withdrawn', () => birds.client.routesTo(virtualAddress).length === 1, {
				deadlineMs: 8000,
			});
			const tookMs = Math.round(performance.now() - beganMs);
			figure(t, 'dead route withdrawn', tookMs);
			t.true(tookMs < 8000);
		});
	},
);

test.serial('a BIRD that ends is a trouble with a name, and one that comes back is told again', async t => {
	await withBirds(t, async ({lab, birds, routed}) => {
		birds.lb1.stop('SIGKILL');
		await waitFor('the trouble in the status', async () =>
			/BIRD at .*does it run\?$/.test((await lab.readStatus('lb1')).takeover[0]?.trouble ?? ''),
		);
		t.deepEqual((await lab.readStatus('lb1')).self.state, 'master');
		new Bird(lab.network, 'lb1', join(lab.directory, 'lb1'));
		await routed('lb1');
		await waitFor('no trouble', async () => (await lab.readStatus('lb1')).takeover[0]?.trouble === undefined);
	});
});

test.serial('a pair that stops leaves no route', async t => {
	await withBirds(t, async ({lab, birds}) => {
		await lab.daemon('lb2').stop();
		await lab.daemon('lb1').stop();
		await waitFor('no route', () => birds.client.routesTo(virtualAddress).length === 0, {deadlineMs: 3000});
		t.notRegex(birds.lb1.ask('show protocols'), /hapair_/);
	});
});
