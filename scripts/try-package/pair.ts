/**
 * `npm run package:try -- FILE.deb --pair`: the first ten minutes of a user, on two machines with systemd.
 *
 * Decides what has to come true: one line makes the pair, the service has no more rights than its unit says, an upgrade of both nodes loses
 * no request, and a purge leaves nothing. The units' filters and walls are systemd's own here. Leaves what a node at rest has to be to
 * `examine.ts`.
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
import {Machine, makeSwitch, network} from './machine.ts';

const lineLimitMs = 60_000;

/** Answers on port 8000 until it is killed. */
const webProgram = `require('node:http').createServer((_, response) => response.end('hello')).listen(8000, '${network.gateway}');`;
/** Asks twenty times a second until its input ends, then prints how often, and what went wrong. */
const clientProgram = `
const wrong = []; let asked = 0; let end = false;
process.stdin.on('end', () => { end = true; }).resume();
const ask = async () => {
	asked++;
	try {
		const response = await fetch('http://${virtualAddress}/', {signal: AbortSignal.timeout(5000), headers: {connection: 'close'}});
		if (response.status !== 200) wrong.push(response.status);
		await response.text();
	} catch (error) { wrong.push(String(error.cause ?? error)); }
};
(async () => {
	while (!end) { await ask(); await new Promise(resolve => setTimeout(resolve, 50)); }
	console.log(JSON.stringify({asked, wrong}));
})();`;

export async function tryPair(deb: string, base: string, scratch: string, report: Report): Promise<void> {
	const namespace = `hapair-try-${process.pid}`;
	const enter = makeSwitch(namespace);
	const machines: Machine[] = [];
	const helpers: ChildProcess[] = [];
	const inNetwork = (program: string): ChildProcess => {
		const [file = '', ...argv] = [...enter, process.execPath, '-e', program];
		const child = spawn(file, argv, {stdio: ['pipe', 'pipe', 'inherit']});
		helpers.push(child);
		return child;
	};
	try {
		inNetwork(webProgram);
		for (const name of ['lb1', 'lb2']) machines.push(new Machine(name, base, scratch));
		const [lb1, lb2] = machines as [Machine, Machine];
		await Promise.all([lb1.start(enter, '10.77.0.11'), lb2.start(enter, '10.77.0.12')]);
		for (const machine of machines) {
			machine.put(deb, 'opt/hapair.deb');
			const {status, stdout, stderr} = machine.run('dpkg -i /opt/hapair.deb');
			report(`${machine.name}: installs`, status === 0, stdout + stderr);
		}
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
		const client = inNetwork(clientProgram);
		for (const machine of [lb2, lb1]) {
			const {status, stdout, stderr} = machine.run('dpkg -i /opt/hapair.deb && hapair status');
			report(`${machine.name}: upgrades`, status === 0, stdout + stderr);
			await sleep(3000);
		}
		client.stdin?.end();
		const [answer] = await once(client.stdout!, 'data');
		const {asked, wrong} = JSON.parse(String(answer));
		report(`${asked} requests during both upgrades, none lost`, asked > 0 && wrong.length === 0, String(answer));
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
