/**
 * `npm run kvm-pair -- --cloud-init`: two virtual machines whose only instruction is the user-data of deploy/cloud-init become a pair.
 *
 * Decides what has to come true: nobody logs in, addresses come from deploy/cloud-init/network-config.yaml, the second machine may be the first one
 * up, and the pair serves. cloud-init, its seed on a disk, systemd-networkd and apt are Debian's own.
 */
import {type ChildProcess, execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {addresses, type NodeRole, virtualAddress} from '../../test/lab/network.ts';
import {letPassMs} from '../../test/lab/wait.ts';
import {fillUserData, type UserData} from '../cloud-init-files.ts';
import type {Report} from '../runbook/carry-out.ts';
import {startClient, startDownload} from '../try-package/load.ts';
import {ethernetOf} from './guest.ts';
import {numbers, type Stage} from './stage.ts';

export const cloudPackages = ['cloud-init', 'python3-cffi-backend', 'curl'];
const downloadPort = 8000;
/** cloud-init alone is a minute of an emulated processor. */
const limitMs = 1_800_000;
const headStartMs = 5000;
const nodes = ['lb1', 'lb2'] as const;

/** A CD of each node, as docs/cloud-init.md makes it. @param folder a new one. */
export function makeSeeds(folder: string, deb: string): {seeds: Record<NodeRole, string[]>; userData: UserData} {
	const userData = fillUserData(folder, deb, `http://${addresses.web1}:${downloadPort}/hapair.deb`);
	const template = readFileSync(
		fileURLToPath(new URL('../../deploy/cloud-init/network-config.yaml', import.meta.url)),
		'utf8',
	);
	const make = (node: NodeRole): string[] => {
		const own = join(folder, node);
		mkdirSync(own);
		const files = {
			'user-data': userData[node],
			'meta-data': `instance-id: ${node}-1\nlocal-hostname: ${node}\n`,
			'network-config': template.replace('MAC', ethernetOf(numbers[node])).replace('ADDRESS', addresses[node]),
			// The bare Debian has no locales.
			'vendor-data': '#cloud-config\nlocale: false\n',
		};
		for (const [name, text] of Object.entries(files)) writeFileSync(join(own, name), text);
		const argv = [
			'-as',
			'genisoimage',
			'-quiet',
			'-o',
			`${own}.iso`,
			'-V',
			'cidata',
			'-J',
			'-r',
			...Object.keys(files),
		];
		execFileSync('xorriso', argv, {cwd: own, stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000});
		return [`${own}.iso`];
	};
	return {seeds: {lb1: make('lb1'), lb2: make('lb2')}, userData};
}

export async function tryCloudInit(stage: Stage, deb: string, report: Report): Promise<void> {
	const {lb1, lb2} = stage.guests;
	const children: ChildProcess[] = [startDownload(stage.beside('web1'), addresses.web1, downloadPort, deb)];
	try {
		await stage.startWebs();
		const startedMs = performance.now();
		const second = lb2.start();
		await letPassMs(headStartMs);
		await Promise.all([lb1.start(), second]);
		for (const node of nodes) {
			const guest = stage.guests[node];
			await guest.run('cloud-init status --wait', {limitMs});
			const {stdout} = await guest.run('cloud-init status --long; tail -n 40 /var/log/cloud-init-output.log');
			report(`${node}: cloud-init has done all of it`, /^status: done$/m.test(stdout), stdout);
			const network = await guest.run('cat /etc/hostname; ip -4 -br addr show dev eth0');
			const isRight = network.stdout.startsWith(`${node}\n`) && network.stdout.includes(`${addresses[node]}/24`);
			report(`${node}: name and address are those of its seed`, isRight, network.stdout + network.stderr);
		}
		const tookS = Math.round((performance.now() - startedMs) / 1000);
		const {stdout, stderr} = await lb1.run('hapair status');
		const complete = / master +yes /.test(stdout) && / backup +no .* ago$/m.test(stdout);
		report(`a pair ${tookS} s after the first guest was switched on`, complete, stdout + stderr);
		const client = await startClient(stage.beside('client'), `http://${virtualAddress}/`, 200);
		children.push(client.child);
		await letPassMs(5000);
		const {asked, wrong} = await client.stop();
		report(`the pair serves: ${asked} requests`, asked > 5 && wrong.length === 0, wrong.join('\n'));
	} finally {
		for (const child of children) child.kill('SIGKILL');
	}
}
