/**
 * `npm run package:try -- FILE.deb --pair`: the first ten minutes of a user, on two machines with systemd.
 *
 * Decides what has to come true: one line makes the pair, the service has no more rights than its unit says, other packages on both nodes lose
 * no request, and a purge leaves nothing. The units' filters and walls are systemd's own here. Leaves what a node at rest has to be to
 * `examine.ts`, and what an installation does to `upgrade.ts`.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {
	checkMemory,
	checkNetworkService,
	checkRights,
	manageInterface,
	type Report,
	virtualAddress,
} from './examine.ts';
import {startClient, startWeb} from './load.ts';
import {Machine, makeSwitch, network} from './machine.ts';
import {tryUpgrades} from './upgrade.ts';

const lineLimitMs = 60_000;

/** @param packages the one to begin with, and the one to upgrade to; they may be the same. */
export async function tryPair(
	packages: readonly [older: string, newer: string],
	base: string,
	scratch: string,
	report: Report,
): Promise<void> {
	const namespace = `hapair-try-${process.pid}`;
	const enter = makeSwitch(namespace);
	const machines: Machine[] = [];
	const helpers: ChildProcess[] = [startWeb(enter, [[network.gateway, 8000]])];
	try {
		for (const name of ['lb1', 'lb2']) machines.push(new Machine(name, base, scratch));
		const [lb1, lb2] = machines as [Machine, Machine];
		await Promise.all([lb1.start(enter, '10.77.0.11'), lb2.start(enter, '10.77.0.12')]);
		for (const machine of machines) {
			machine.put(packages[0], 'opt/hapair.deb');
			const {status, stdout, stderr} = machine.run('dpkg -i /opt/hapair.deb');
			report(`${machine.name}: installs`, status === 0, stdout + stderr);
		}
		checkWitness(lb2, report);
		manageInterface(lb1, '10.77.0.11');
		await makePair(lb1, lb2, report);
		checkRights(lb1, report);
		await checkNetworkService(lb1, report);
		const synced = lb1.run('echo "# of lb1" >>/etc/hapair/hapair.cfg && hapair sync --push');
		const arrived = lb2.run('tail -n 1 /etc/hapair/hapair.cfg');
		report(
			'a change on one node is pushed to the other',
			arrived.stdout === '# of lb1\n',
			synced.stdout + synced.stderr,
		);
		const reloaded = lb1.run("sed -i 's/maxconn 2000/maxconn 1999/' /etc/hapair/hapair.cfg && systemctl reload hapair");
		report('systemctl reload takes a change into force', reloaded.status === 0, reloaded.stdout + reloaded.stderr);
		await checkMemory(lb1, report);
		const client = await startClient(enter, `http://${virtualAddress}/`);
		helpers.push(client.child);
		await tryUpgrades([lb2, lb1], packages, scratch, report);
		const {asked, wrong, longestGapMs} = await client.stop();
		report(
			`${asked} requests during upgrades, a broken one and the way back: none lost, ${longestGapMs} ms without an answer at most`,
			asked > 0 && wrong.length === 0,
			wrong.join('\n'),
		);
		const left =
			'ls -d /etc/hapair /var/lib/hapair /var/cache/hapair /run/hapair* /etc/systemd/network/*/*hapair* 2>/dev/null; getent passwd hapair hapair-proxy; ip addr show eth0';
		const purged = lb1.run(`dpkg -P hapair >/dev/null 2>&1; ${left}`).stdout;
		report('a purge of a master leaves nothing, the address neither', !/hapair|10\.77\.0\.100/.test(purged), purged);
	} finally {
		for (const child of helpers) child.kill('SIGKILL');
		await Promise.all(machines.map(machine => machine.stop()));
		spawn('ip', ['netns', 'del', namespace], {stdio: 'inherit'});
	}
}

async function makePair(lb1: Machine, lb2: Machine, report: Report): Promise<void> {
	const nodes = '--node lb1=10.77.0.11 --node lb2=10.77.0.12';
	const words = `init ${nodes} --vip ${virtualAddress}/24 --server web1=${network.gateway}:8000`;
	const [program = '', ...argv] = lb1.inside(`exec hapair ${words} 2>&1`);
	const init = spawn(program, argv, {stdio: ['ignore', 'pipe', 'inherit']});
	let said = '';
	init.stdout.on('data', chunk => (said += chunk));
	const deadlineMs = performance.now() + lineLimitMs;
	while (!/hapair join \S+ \S+\n/.test(said) && init.exitCode === null && performance.now() < deadlineMs)
		await sleep(100);
	const line = /hapair join \S+ \S+/.exec(said)?.[0];
	report('lb1: init prints the line for the other node', line !== undefined, said);
	const {status, stdout, stderr} = lb2.run(line ?? 'false');
	report('lb2: the line makes the pair', status === 0 && stdout.includes('the pair is complete'), stdout + stderr);
	if (init.exitCode === null) await Promise.race([once(init, 'exit'), sleep(lineLimitMs)]);
	report('lb1: init ends when both see each other', init.exitCode === 0, said);
	const again = lb1.run('hapair init && systemctl is-enabled hapair');
	report(
		'lb1: a second init finds it complete',
		again.status === 0 && /the pair is complete/.test(again.stdout),
		again.stdout,
	);
}

/** A start of its unit succeeds only when systemd was told so by the program itself. */
function checkWitness(machine: Machine, report: Report): void {
	const key = '/etc/hapair/pair.key';
	const started = machine.run(
		`hapair keygen ${key} && systemctl start hapair-witness && systemctl is-active hapair-witness; systemctl stop hapair-witness; rm ${key}`,
	);
	report(`${machine.name}: the witness starts`, started.stdout.includes('\nactive\n'), started.stdout + started.stderr);
}
