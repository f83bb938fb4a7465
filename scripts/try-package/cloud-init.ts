/**
 * `npm run package:try -- FILE.deb --cloud-init`: two machines whose only instruction is the user-data of deploy/cloud-init become a pair.
 *
 * Decides what has to come true: nobody logs in, the second machine may be the first one up, the pair serves, and nothing that stands in the user-data or
 * stays behind from it opens anything. cloud-init, systemd and apt are Debian's own; what a container cannot show is the seed on a disk and the network's configuration.
 */
import {type ChildProcess, execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fillUserData} from '../cloud-init-files.ts';
import type {Report} from './examine.ts';
import {startClient, startDownload, startWeb} from './load.ts';
import {Machine, makeSwitch} from './machine.ts';

const [webServer, virtualAddress] = ['10.0.0.1', '10.0.0.100'];
const addresses = {lb1: '10.0.0.11', lb2: '10.0.0.12'} as const;
const downloadPort = 8000;
/** Installation, doctor, and one waiting for the other. */
const startLimitMs = 600_000;
/** lb1 comes later: lb2 has to wait for it. */
const headStartMs = 5000;

export async function tryCloudInit(deb: string, base: string, scratch: string, report: Report): Promise<void> {
	const namespace = `hapair-cloud-${process.pid}`;
	const enter = makeSwitch(namespace, [webServer]);
	const children: ChildProcess[] = [
		startWeb(enter, [[webServer, 80]]),
		startDownload(enter, webServer, downloadPort, deb),
	];
	const url = `http://${webServer}:${downloadPort}/hapair.deb`;
	const userData = fillUserData(join(scratch, 'user-data'), deb, url);
	const [lb1, lb2] = [new Machine('lb1', base, scratch), new Machine('lb2', base, scratch)];
	const startedMs = performance.now();
	try {
		for (const machine of [lb1, lb2]) {
			const name = machine.name as keyof typeof addresses;
			machine.provide(addresses[name], userData[name]);
		}
		const second = lb2.start(enter, undefined, startLimitMs);
		await sleep(headStartMs);
		await Promise.all([lb1.start(enter, undefined, startLimitMs), second]);
		for (const machine of [lb1, lb2]) {
			const {stdout} = machine.run('cloud-init status --long; tail -n 40 /var/log/cloud-init-output.log');
			report(`${machine.name}: cloud-init has done all of it`, /^status: done$/m.test(stdout), stdout);
		}
		const tookS = Math.round((performance.now() - startedMs) / 1000);
		const status = lb1.run('hapair status');
		const complete = / master +yes /.test(status.stdout) && / backup +no .* ago$/m.test(status.stdout);
		report(`a pair ${tookS} s after the first machine was started`, complete, status.stdout + status.stderr);
		const client = await startClient(enter, `http://${virtualAddress}/`);
		children.push(client.child);
		await sleep(2000);
		const {asked, wrong} = await client.stop();
		report(`the pair serves: ${asked} requests`, asked > 10 && wrong.length === 0, wrong.join('\n'));
		checkSecrets(lb1, lb2, userData.code, report);
	} finally {
		for (const child of children) child.kill('SIGKILL');
		await Promise.all([lb1, lb2].map(machine => machine.stop()));
		execFileSync('ip', ['netns', 'del', namespace]);
	}
}

function checkSecrets(lb1: Machine, lb2: Machine, code: string, report: Report): void {
	for (const machine of [lb1, lb2]) {
		const {stdout} = machine.run(
			'grep -rlFf /etc/hapair/pair.key /var/lib/cloud /run/cloud-init /var/log; ls /run/hapair-code /var/tmp/hapair.deb 2>/dev/null; echo end',
		);
		report(
			`${machine.name}: the key is in no user-data and no log, and the code's file is gone`,
			stdout === 'end\n',
			stdout,
		);
	}
	const again = lb2.run(`hapair join --directory /run/again ${addresses.lb1} ${code}`);
	const isClosed = again.status !== 0 && /waits for no node/.test(again.stderr);
	report('the code opens nothing any more', isClosed, again.stdout + again.stderr);
}
