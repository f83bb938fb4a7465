/**
 * A node of the pair at rest, under systemd: who its processes are, what they hold, and that a restart of the network service is survived.
 *
 * Decides the limits: nobody is root, the proxy is a user who cannot reach the daemon, 200 MiB for the whole service, and a virtual address that is
 * back within 100 ms.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {type Machine, network} from './machine.ts';

export type Report = (title: string, ok: boolean, output: string) => void;

export const virtualAddress = '10.77.0.100';
const mostMemoryMib = 200;
const mostGapMs = 100;
/** What the start needed is given back by then. */
const restMs = 20_000;
const dropIn = '/etc/systemd/network/10-lan.network.d/50-hapair.conf';

/** Every process of the service, with its words. */
const eachProcess = `for pid in $(cat /sys/fs/cgroup/system.slice/hapair.service/cgroup.procs /sys/fs/cgroup/*/system.slice/hapair.service/cgroup.procs 2>/dev/null | sort -un)`;

/** Of every process of the service: no root, a filter of system calls, nothing that could be gained; the proxy can bind ports, and no more. */
export function checkRights(machine: Machine, report: Report): void {
	const script = `${eachProcess}
do echo "$(tr '\\0' ' ' </proc/$pid/cmdline | cut -c1-100) $(grep -E '^(Uid|CapPrm|NoNewPrivs|Seccomp):' /proc/$pid/status | tr '\\n\\t' '  ')"; done`;
	const {stdout} = machine.run(script);
	const lines = stdout.split('\n').filter(line => line.includes('Uid:'));
	const find = (word: string): string => lines.find(line => line.includes(word)) ?? '';
	const uidOf = (line: string): string => /Uid: (\d+)/.exec(line)?.[1] ?? '';
	const confined = lines.every(line => !/Uid: 0 /.test(line) && /NoNewPrivs: 1 +Seccomp: 2/.test(line));
	report('no process of the service is root, each has a filter', lines.length >= 3 && confined, stdout);
	report('the proxy may bind low ports and nothing else', /CapPrm: 0+400 /.test(find('proxy-process')), stdout);
	report('the heartbeat has the network and nothing else', /CapPrm: 0+3000 /.test(find('heartbeat-process')), stdout);
	const [daemon, proxy] = [uidOf(find('main.js run')), uidOf(find('proxy-process'))];
	report('the proxy is another user than the daemon', daemon !== '' && proxy !== '' && daemon !== proxy, stdout);
	const attempts = [
		'cat /etc/hapair/pair.key',
		'cat /etc/hapair/hapair.cfg',
		'kill -0 $(systemctl show -P MainPID hapair)',
		'cat /proc/$(systemctl show -P MainPID hapair)/environ',
		'hapair status',
	];
	const asProxy = `setpriv --reuid hapair-proxy --regid hapair-proxy --clear-groups --inh-caps=-all --no-new-privs`;
	const tried = attempts.map(line => machine.run(`exec ${asProxy} sh -c '${line} 2>&1'`));
	report(
		'the proxy can read neither key nor configuration, and neither signal nor command the daemon',
		tried.every(({status}) => status !== 0),
		tried.map(({status, stdout: said}, index) => `${attempts[index]}: ${status} ${said}`).join(''),
	);
	const log = machine.run('journalctl --no-pager -u hapair').stdout;
	report('the daemon is held to two users', /ready with/.test(log) && !/could become any user/.test(log), log);
	// From a port of the kernel's choice, at no address of its own, log lines and the like are sent.
	const isSender = (line: string): boolean => /^udp +UNCONN +\d+ +\d+ +(0\.0\.0\.0|\*|\[::\]):/.test(line);
	const listening = machine
		.run('ss -Hlntup')
		.stdout.split('\n')
		.filter(line => !isSender(line))
		.join('\n');
	const ports = [...listening.matchAll(/^(tcp|udp) .*?:(\d+) +\S+:\*/gm)].map(([, kind, port]) => `${kind} ${port}`);
	report(
		'nothing listens but what was configured',
		[...new Set(ports)].sort().join() === 'tcp 3695,tcp 80,tcp 8404,udp 3694',
		listening,
	);
	const exposure = machine.run('systemd-analyze security --no-pager hapair | tail -n 1').stdout;
	const rated = Number(/: ([\d.]+)/.exec(exposure)?.[1]);
	report(`systemd rates the running service at ${rated}, 2.5 or better`, rated <= 2.5, exposure);
}

/** Resident memory of all processes: RSS counts the program's text in each of them, PSS once. */
export async function checkMemory(machine: Machine, report: Report): Promise<void> {
	await sleep(restMs);
	const script = `${eachProcess}
do echo "$(awk '/^Rss:/ {r=$2} /^Pss:/ {p=$2} END {print int(r/1024), int(p/1024)}' /proc/$pid/smaps_rollup) $(tr '\\0' ' ' </proc/$pid/cmdline | cut -c1-100)"; done
echo "cgroup $(systemctl show -P MemoryCurrent hapair)"`;
	const {stdout} = machine.run(script);
	const rows = [...stdout.matchAll(/^(\d+) (\d+) /gm)].map(([, rss, pss]) => [Number(rss), Number(pss)] as const);
	const [rss, pss] = [0, 1].map(column => rows.reduce((sum, row) => sum + (row[column] ?? 0), 0)) as [number, number];
	const rssOf = (word: string): string => new RegExp(`^(\\d+) .*${word}`, 'm').exec(stdout)?.[1] ?? '?';
	const parts = `daemon ${rssOf('main.js run')}, heartbeat ${rssOf('heartbeat-process')}, proxy ${rssOf('proxy-process')}`;
	const bytes = /^cgroup (\d+)/m.exec(stdout)?.[1];
	const cgroup = bytes === undefined ? 'not accounted' : `${Math.round(Number(bytes) / 1024 ** 2)} MiB`;
	report(
		`the service at rest: RSS ${rss} MiB, ${mostMemoryMib} at most (${parts}), PSS ${pss} MiB, ${rows.length} processes; MemoryCurrent ${cgroup}`,
		rows.length >= 3 && rss <= mostMemoryMib,
		stdout,
	);
}

/** Gives the interface to systemd-networkd, as on a node that it set up. */
export function manageInterface(machine: Machine, address: string): void {
	const file = `[Match]\nName=eth0\n[Address]\nAddress=${address}/${network.prefixLength}\nBroadcast=no\n`;
	machine.run(
		`printf '${file}' >/etc/systemd/network/10-lan.network; systemctl restart systemd-networkd; sleep 2; networkctl status eth0`,
	);
}

/**
 * The drop-in that init has written keeps the address over a restart; and whoever takes it away, it is back at once. In a container
 * systemd-networkd 252 removes nothing by itself, so `ip` does.
 */
export async function checkNetworkService(machine: Machine, report: Report): Promise<void> {
	const isThere = machine.run(`grep -c KeepConfiguration=yes ${dropIn}`).stdout === '1\n';
	const kept = await watchAddress(machine, 'systemctl restart systemd-networkd');
	const title = 'init wrote the drop-in, and a restart of systemd-networkd leaves the address';
	report(title, isThere && kept.isThere && kept.gapsMs.length === 0, kept.said);
	const removed = await watchAddress(machine, `ip addr del ${virtualAddress}/${network.prefixLength} dev eth0`);
	report(
		`an address that somebody takes away is away for ${removed.gapsMs.map(ms => `${ms} ms`).join(', ')}`,
		removed.isThere && removed.gapsMs.length === 1 && removed.gapsMs.every(ms => ms <= mostGapMs),
		removed.said,
	);
	const {stdout} = machine.run('hapair status --json');
	report('and the node is master still', JSON.parse(stdout).pair?.nodes[0].state === 'master', stdout);
}

/** How long the virtual address was away, each time, after a shell's line. */
async function watchAddress(
	machine: Machine,
	script: string,
): Promise<{gapsMs: number[]; isThere: boolean; said: string}> {
	const [program = '', ...argv] = machine.inside('exec ip -o -ts monitor address dev eth0');
	const monitor = spawn(program, argv, {stdio: ['ignore', 'pipe', 'inherit']});
	let said = '';
	monitor.stdout.on('data', chunk => (said += chunk));
	await sleep(500);
	machine.run(script);
	await sleep(4000);
	monitor.kill();
	await once(monitor, 'exit');
	const events = [...said.matchAll(/^\[(\S+)\] (Deleted )?.*inet 10\.77\.0\.100\//gm)];
	const gapsMs: number[] = [];
	let goneMs: number | undefined;
	for (const [, at = '', deleted] of events) {
		const atMs = Date.parse(at.replace(/(\.\d{3})\d*/, '$1'));
		if (deleted !== undefined) goneMs ??= atMs;
		else if (goneMs !== undefined) {
			gapsMs.push(atMs - goneMs);
			goneMs = undefined;
		}
	}
	return {
		gapsMs,
		isThere: goneMs === undefined && machine.run('ip addr show eth0').stdout.includes(virtualAddress),
		said,
	};
}
