/**
 * `hapair init` on one machine, `hapair join` on the other: what is refused, and that what arrives makes a pair.
 */
import type {ChildProcess} from 'node:child_process';
import {cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {Daemon} from '../lab/daemon.ts';
import {Lab} from '../lab/lab.ts';
import {runIn, spawnIn} from '../lab/namespaces.ts';
import {addresses, type NodeRole, virtualAddress} from '../lab/network.ts';
import {pairConfig} from '../lab/pair-config.ts';
import {askStatus} from '../lab/status.ts';
import {waitFor} from '../lab/wait.ts';

const mainProgram = fileURLToPath(new URL('../../packages/cli/bin/hapair.mjs', import.meta.url));

interface Running {
	readonly child: ChildProcess;
	out(): string;
	err(): string;
	ended(): Promise<number | null>;
}

/** Both nodes have the same path for their files, as two machines have; what lb2 writes there lands in a folder of its own. */
function run(lab: Lab, node: NodeRole, argv: readonly string[]): Running {
	const [shared, own] = [join(lab.directory, 'etc'), join(lab.directory, `etc-${node}`)];
	for (const folder of [shared, own]) mkdirSync(folder, {recursive: true});
	const command = [process.execPath, mainProgram, ...argv, '--directory', shared, '--no-start'];
	const script = 'mount --bind "$0" "$1" && shift && exec "$@"';
	const env = {HAPAIR_SOCKET: lab.socketPathOf(node)};
	const child = spawnIn(lab.network.namespaceOf(node), ['/bin/sh', '-c', script, own, shared, ...command], {
		stdio: ['ignore', 'pipe', 'pipe'],
		env,
	});
	const texts = {stdout: '', stderr: ''};
	for (const name of ['stdout', 'stderr'] as const) child[name]?.on('data', chunk => (texts[name] += chunk));
	const closed = new Promise<number | null>(resolve => child.once('close', resolve));
	return {child, out: () => texts.stdout, err: () => texts.stderr, ended: () => closed};
}

/** Another pair with the name that init takes unless it is told another, and with a key of its own. */
async function startNamesake(lab: Lab): Promise<Daemon> {
	const folder = join(lab.directory, 'namesake');
	const [configPath, secretFile, socketPath] = ['cfg', 'key', 'sock'].map(name => join(folder, name)) as [
		string,
		string,
		string,
	];
	mkdirSync(folder);
	writeFileSync(secretFile, `${'another key '.repeat(4)}\n`, {mode: 0o600});
	const text = pairConfig({secretFile, name: 'main'})
		.replace(`node lb1 ${addresses.lb1}`, `node lb1 ${addresses.client}`)
		.replace(`node lb2 ${addresses.lb2}`, 'node lb2 10.0.0.51')
		.replace(virtualAddress, '10.0.0.101');
	writeFileSync(configPath, text);
	const daemon = new Daemon(lab.network.namespaceOf('client'), {node: 'lb1', configPath, socketPath});
	await Promise.all((['web1', 'web2', 'web3'] as const).map(name => lab.startWeb(name)));
	// A master is heard although its peer is not there: what renews its lease goes to everybody.
	await waitFor('the namesake to be master', async () => (await askStatus(socketPath)).self.state === 'master', {
		deadlineMs: 40_000,
		everyMs: 100,
	});
	return daemon;
}

test.serial(
	'init offers, join is refused where it cannot work, joins where it can, and both nodes see each other',
	async t => {
		t.timeout(120_000);
		const lab = new Lab();
		try {
			const nodes = [
				'--node',
				`lb1=${addresses.lb1}`,
				'--node',
				`lb2=${addresses.lb2}`,
				'--server',
				`${addresses.web1}:80`,
			];
			const starting = startNamesake(lab);
			const outside = run(lab, 'lb1', ['init', ...nodes, '--vip', '10.9.9.9/24', '--dev', 'eth0']);
			t.is(await outside.ended(), 4, outside.err());
			t.regex(outside.err(), /10\.9\.9\.9 is in no subnet of eth0 \(10\.0\.0\.11\/24\)/);

			const words = ['init', ...nodes, '--vip', `${virtualAddress}/24`];
			const namesake = await starting;
			const refused = run(lab, 'lb1', words);
			// Not refused, it would wait for the other node.
			const hasEnded = () => refused.child.exitCode !== null || refused.out().includes('Waiting for');
			await waitFor('init to refuse the name', hasEnded, {deadlineMs: 30_000});
			t.is(refused.child.exitCode, 4, refused.err());
			t.regex(refused.err(), /10\.0\.0\.50 is a third node of a pair named main, with another key/);
			t.regex(refused.err(), /rename one of the two \(hapair init --pair NAME …\)/);
			t.deepEqual(readdirSync(join(lab.directory, 'etc-lb1')), [], 'what was refused does not stay');
			await namesake.stop();

			const init = run(lab, 'lb1', [...words, '--json']);
			await waitFor('the line for the other node', () => init.out().includes('\n') || init.child.exitCode !== null);
			const {join: line} = JSON.parse(init.out());
			t.regex(line.command, /^hapair join 10\.0\.0\.11 ([0-9A-Z]{5}-){3}[0-9A-Z]{5}$/);

			const mistyped = run(lab, 'lb2', ['join', addresses.lb1, '00000-00000-00000-00000']);
			t.is(await mistyped.ended(), 4, mistyped.err());
			t.regex(mistyped.err(), /10\.0\.0\.11 does not accept this code\n {2}type it again/);
			const lb2 = lab.network.namespaceOf('lb2');
			const rename = (from: string, to: string) =>
				runIn(lb2, ['ip', '-batch', '-'], `link set ${from} down\nlink set ${from} name ${to}\nlink set ${to} up\n`);
			rename('eth0', 'ens3');
			const renamed = run(lab, 'lb2', ['join', addresses.lb1, line.code]);
			t.is(await renamed.ended(), 4, renamed.err());
			t.regex(renamed.err(), /no interface eth0 with an address: 10\.0\.0\.12 is on ens3 here/);
			rename('ens3', 'eth0');
			const itself = run(lab, 'lb1', ['join', addresses.lb1, line.code]);
			t.is(await itself.ended(), 4);
			t.regex(itself.err(), /the address of lb1 itself/);

			const nobody = run(lab, 'lb2', ['join', '10.0.0.77', line.code]);
			await waitFor('the code to leave the process list', () => {
				const words = readFileSync(`/proc/${nobody.child.pid}/cmdline`, 'latin1');
				return words.startsWith('hapair join\0') && !words.includes(line.code);
			});
			nobody.child.kill();
			await nobody.ended();

			init.child.kill('SIGINT');
			t.is(await init.ended(), 130);

			const codeFile = join(lab.directory, 'code');
			writeFileSync(codeFile, '7K3QF0M2WXC4D8R91HZT\n');
			const joined = run(lab, 'lb2', ['join', addresses.lb1, '--code-file', codeFile, '--wait', '60s']);
			await waitFor('the second node to wait', () => joined.out().includes('waits for no node; trying again'));
			const given = run(lab, 'lb1', ['init', '--code-file', codeFile, '--json']);
			t.is(await joined.ended(), 0, joined.err());
			t.is(await given.ended(), 0, given.err());
			t.true(given.out().includes(`"command":"hapair join 10.0.0.11 --code-file ${codeFile}"`));
			t.false(given.out().includes('7K3QF'), 'a code that was given is not repeated');
			for (const file of ['hapair.cfg', 'pair.key']) {
				const [one, other] = ['lb1', 'lb2'].map(node => join(lab.directory, `etc-${node}`, file));
				t.is(readFileSync(one!, 'utf8'), readFileSync(other!, 'utf8'));
			}
			t.is(statSync(join(lab.directory, 'etc-lb2/pair.key')).mode & 0o7777, 0o600);
			t.false(
				`${given.out()}${joined.out()}`.includes(readFileSync(join(lab.directory, 'etc-lb1/pair.key'), 'utf8').trim()),
			);

			cpSync(join(lab.directory, 'etc-lb1'), join(lab.directory, 'etc'), {recursive: true});
			const start = (node: NodeRole) => {
				const options = {
					node,
					configPath: join(lab.directory, `etc-${node}/hapair.cfg`),
					socketPath: lab.socketPathOf(node),
				};
				return new Daemon(lab.network.namespaceOf(node), options);
			};
			const daemons = [start('lb1'), start('lb2')];
			const meet = async () => {
				const seen = await Promise.all((['lb1', 'lb2'] as const).map(node => askStatus(lab.socketPathOf(node))));
				return seen.every(({peer}) => peer.alive);
			};
			await waitFor('both nodes to see each other', meet, {deadlineMs: 20_000, everyMs: 50}).catch(error => {
				for (const {output} of daemons) t.log(output.slice(-2000));
				throw error;
			});
			const again = run(lab, 'lb1', ['init']);
			t.is(await again.ended(), 0, again.err());
			t.regex(again.out(), /is as it should be[\s\S]*the pair is complete/);
			const sameLine = run(lab, 'lb2', ['join', addresses.lb1, '--code-file', codeFile]);
			t.is(await sameLine.ended(), 0, sameLine.err());
			t.regex(sameLine.out(), /is as it should be/);
			await Promise.all(daemons.map(daemon => daemon.stop()));
		} finally {
			lab.dispose();
		}
	},
);
