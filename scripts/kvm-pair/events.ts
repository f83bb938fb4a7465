/**
 * What happens to a pair of guests, event by event, and what each may cost.
 *
 * Decides the events and their bounds, in words that the table and the manual print. Each begins with a whole pair, and names the moment from
 * which double answers count, where there is one. Leaves measuring to `measure.ts`.
 */
import {letPassMs, monotonicMs} from '../../test/lab/wait.ts';
import type {HapairPair} from './hapair.ts';
import type {Pair, Roles} from './pair.ts';

export interface Happened {
	/** The moment from which double answers count: the resume. */
	readonly markMs?: number;
	/** What the guests themselves say of it. */
	readonly note?: string;
}

export interface Facts {
	/** Between advertisements. */
	readonly intervalMs: number;
	/** A newer package, in the guests. */
	readonly newer: string;
}

export interface PairEvent {
	readonly name: string;
	/** What may not fail: `lost` requests, `moves`; `lease` bounds double answers after the resume. */
	readonly goal: {readonly lost?: 0; readonly moves?: number; readonly lease?: true};
	/** keepalived is measured with it too. */
	readonly beside?: true;
	happen(pair: HapairPair, roles: Roles, facts: Facts): Promise<Happened>;
}

/** What an outage of a node lasts that is neither short nor of interest. */
const awayMs = 15_000;
/** A full disk, a wrong clock: long enough for every periodic work of the service. */
const trialMs = 15_000;

export async function cutPower(pair: Pair, {master, backup}: Roles): Promise<Happened> {
	await master.cutPower();
	await pair.awaitHolder(backup);
	return {};
}

const pause = (ms: number): PairEvent => ({
	name: `QMP pause ${ms / 1000} s (clocks stop)`,
	goal: {lease: true},
	async happen(_, {master}) {
		await master.pause();
		await letPassMs(ms);
		const markMs = monotonicMs();
		await master.resume();
		await letPassMs(10_000);
		return {markMs};
	},
});

const freeze = (ms: number): PairEvent => ({
	name: `SIGSTOP of qemu ${ms / 1000} s (clocks jump)`,
	goal: {lease: true},
	async happen(_, {master}) {
		master.signal('SIGSTOP');
		await letPassMs(ms);
		const markMs = monotonicMs();
		master.signal('SIGCONT');
		await letPassMs(10_000);
		return {markMs};
	},
});

const plannedFailover: PairEvent = {
	name: 'planned failover',
	goal: {lost: 0, moves: 1},
	async happen(pair, {master}) {
		await pair.failover(master);
		await letPassMs(3000);
		return {};
	},
};

const reboot: PairEvent = {
	name: 'reboot of the master',
	goal: {lost: 0, moves: 1},
	async happen(_, {master}) {
		await master.reboot();
		await letPassMs(5000);
		return {};
	},
};

const upgrade: PairEvent = {
	name: 'rolling upgrade, the backup first',
	goal: {lost: 0, moves: 0},
	async happen(pair, {master, backup}, {newer}) {
		for (const guest of [backup, master]) {
			await guest.mustRun(`apt-get install -y ${newer} 2>&1`, {limitMs: 300_000});
			await pair.awaitPair();
		}
		const said = await Promise.all([backup, master].map(guest => guest.mustRun('dpkg-query -W hapair')));
		const versions = new Set(said.map(line => line.trim().split('\t')[1]));
		return {note: `now ${[...versions].join(' and ')}`};
	},
};

const fullDisk: PairEvent = {
	name: 'disk of the master full',
	goal: {lost: 0},
	async happen(pair, {master, backup}) {
		const free = await master.mustRun(
			`fallocate -l "$(df --output=avail -B1 / | tail -n 1)" /full; cat /dev/zero >/full.rest 2>/dev/null; df --output=avail -B1 / | tail -n 1`,
		);
		try {
			await letPassMs(trialMs);
			await pair.failover(master);
			await pair.failover(backup);
		} finally {
			await master.mustRun('rm -f /full /full.rest');
		}
		return {note: `${free.trim()} bytes free, ${trialMs / 1000} s, then failover and back`};
	},
};

const clockStep: PairEvent = {
	name: 'clock of the master 1 h ahead, then 1 h back',
	goal: {lost: 0, moves: 0},
	async happen(_, {master}) {
		for (const hours of [1, -2, 1]) {
			await master.mustRun(`date -s @$(($(date +%s) + ${hours * 3600}))`);
			await letPassMs(trialMs);
		}
		return {};
	},
};

const cable: PairEvent = {
	name: `cable of the master out for ${awayMs / 1000} s`,
	goal: {},
	async happen(_, {master}) {
		await master.setCable(false);
		await letPassMs(awayMs);
		const markMs = monotonicMs();
		await master.setCable(true);
		await letPassMs(10_000);
		return {markMs};
	},
};

const restartNetworkd = `ip -ts monitor address >/run/addresses & monitor=$!
sleep 1; systemctl restart systemd-networkd; sleep 5; kill $monitor; cat /run/addresses`;
/** A restart takes an emulated processor 20 s when it has much else to do. */
const networkdLimit = {limitMs: 120_000};

const networkd: PairEvent = {
	name: 'systemctl restart systemd-networkd on the master',
	goal: {moves: 0},
	async happen(_, {master}) {
		return {note: describeAbsence(await master.mustRun(restartNetworkd, networkdLimit))};
	},
};

const networkdBare: PairEvent = {
	name: 'systemctl restart systemd-networkd without the drop-in of init and join',
	goal: {moves: 0},
	async happen(_, {master}) {
		const aside = 'cd /etc/systemd/network; for d in *.network.d; do mv $d /run/$d; done';
		// Without a reload: that takes addresses away once more, and the next restart reads it anyway.
		const back = 'cd /run; for d in *.network.d; do mv $d /etc/systemd/network/$d; done';
		try {
			return {note: describeAbsence(await master.mustRun(`${aside}\n${restartNetworkd}`, networkdLimit))};
		} finally {
			await master.mustRun(back, networkdLimit);
		}
	},
};

/** How long the kernel had the address away, by the lines of `ip -ts monitor`. */
export function describeAbsence(said: string): string {
	const lines = [...said.matchAll(/^\[([\d:.T-]+)\] (Deleted )?\d+: eth0 +inet 10\.0\.0\.100\/24 /gm)];
	const gone = lines.findIndex(([, , deleted]) => deleted !== undefined);
	const back = lines.find(([, , deleted], index) => index > gone && deleted === undefined);
	if (gone < 0) return 'the address stayed';
	if (back === undefined) return 'the address went and did not come back';
	const ms = Date.parse(`${back[1]}Z`) - Date.parse(`${lines[gone]?.[1]}Z`);
	return `the address was back after ${ms} ms`;
}

const powerOff: PairEvent = {name: 'power off (hard)', goal: {moves: 1}, beside: true, happen: cutPower};

export const events: readonly PairEvent[] = [
	plannedFailover,
	powerOff,
	pause(5000),
	pause(30_000),
	freeze(5000),
	freeze(30_000),
	cable,
	networkd,
	networkdBare,
	clockStep,
	fullDisk,
	reboot,
	upgrade,
];
