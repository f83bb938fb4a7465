/**
 * `npm run package:try -- OLD.deb --runbook NEW.deb`: docs/runbook.md, carried out on two machines with systemd.
 *
 * Decides what the page's machines are: containers with its addresses, a desk with ssh to both beside them, and the two packages under the names that the page gives
 * them. Leaves the page to `runbook/`.
 */
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {carryOut, type Node, type Report, type Site, type Typed} from '../runbook/carry-out.ts';
import {readRunbook} from '../runbook/read-page.ts';
import {stages} from '../runbook/stages.ts';
import {startClient, startWeb} from './load.ts';
import {Machine, makeSwitch} from './machine.ts';

const page = fileURLToPath(new URL('../../docs/runbook.md', import.meta.url));
const webServers = ['10.0.0.1', '10.0.0.2'];
const addresses = {lb1: '10.0.0.11', lb2: '10.0.0.12'} as const;

/** @param packages the older one and the newer one. */
export async function tryRunbook(
	packages: readonly [string, string],
	base: string,
	scratch: string,
	report: Report,
): Promise<void> {
	const text = readFileSync(page, 'utf8');
	const names = listPackageNames(text);
	const sections = readRunbook(text);
	const namespace = `hapair-runbook-${process.pid}`;
	const enter = makeSwitch(namespace, webServers);
	const children: ChildProcess[] = [
		startWeb(
			enter,
			webServers.map(address => [address, 80] as const),
		),
	];
	const machines = new Map<Node, Machine>();
	const desk = makeDesk(scratch);
	const renew = async (name: Node): Promise<void> => {
		const machine = new Machine(name, base, scratch);
		machines.set(name, machine);
		for (const [index, file] of packages.entries()) machine.put(file, `root/${names[index]}`);
		machine.admit(desk.publicKey);
		await machine.start(enter, addresses[name]);
	};
	const site: Site = {
		slowness: 1,
		type: (where, script, limitMs) =>
			where === 'desk'
				? typeAt([...enter, ...desk.shell, script], limitMs)
				: typeAt(
						machines.get(where)?.inside(`set -e; export DEBIAN_FRONTEND=noninteractive; cd; ${script}`) ?? [],
						limitMs,
					),
		lose: async node => machines.get(node)?.stop(),
		renew,
		startClient: async address => {
			const {child, stop} = await startClient(enter, `http://${address}/`);
			children.push(child);
			return stop;
		},
	};
	try {
		await Promise.all([renew('lb1'), renew('lb2')]);
		await carryOut(sections, stages, site, report);
	} finally {
		for (const child of children) child.kill('SIGKILL');
		await Promise.all([...machines.values()].map(machine => machine.stop()));
		execFileSync('ip', ['netns', 'del', namespace]);
	}
}

/** What the page calls the older package and the newer one. */
export function listPackageNames(page: string): string[] {
	return [...new Set(page.match(/\bhapair_[0-9.]+_amd64\.deb/g))];
}

export function typeAt([program = '', ...argv]: readonly string[], limitMs: number): Typed {
	const child = spawn(program, argv, {stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs, killSignal: 'SIGKILL'});
	let said = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (said += chunk));
	const ended = new Promise<number | null>(resolve => {
		child.once('error', () => resolve(null));
		child.once('close', resolve);
	});
	return {output: async () => said, ended, kill: () => void child.kill('SIGKILL')};
}

/** A folder with a key of its own, and an `ssh` that uses it and knows no machine. */
export function makeDesk(scratch: string): {readonly shell: readonly string[]; readonly publicKey: string} {
	const folder = join(scratch, 'desk');
	mkdirSync(join(folder, 'bin'), {recursive: true});
	const key = join(folder, 'id');
	execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
	const options = '-o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR';
	writeFileSync(join(folder, 'bin/ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F none -i ${key} ${options} "$@"\n`, {
		mode: 0o755,
	});
	const shell = ['env', '-C', folder, `PATH=${folder}/bin:/usr/bin:/bin`, '/bin/sh', '-ec'];
	return {shell, publicKey: readFileSync(`${key}.pub`, 'utf8')};
}
