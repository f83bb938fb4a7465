/**
 * hapair on the guests: installed from its package, made a pair by `hapair init` and `hapair join`, asked over its control socket.
 *
 * Decides what counts as typed by a person, and when a pair is complete. A status is asked by a line of Perl: to start hapair's own
 * command costs a software processor seconds, and would be seen in the figures.
 */
import {setTimeout as sleepMs} from 'node:timers/promises';
import {addresses, virtualAddress} from '../../test/lab/network.ts';
import {type LabStatus, readStatus} from '../../test/lab/status.ts';
import {letPassMs, waitFor} from '../../test/lab/wait.ts';
import type {Guest} from './guest.ts';
import {askEveryMs, otherThan, type Pair, powerAll, type Roles} from './pair.ts';
import type {Stage} from './stage.ts';

const stepLimitMs = 300_000;
const askStatus = `exec perl -MSocket -e 'alarm 20; socket(S, AF_UNIX, SOCK_STREAM, 0);
connect(S, sockaddr_un("/run/hapair/hapair.sock")) or exit 1; select S; $| = 1; print "{\\"command\\":\\"status\\"}\\n"; print STDOUT scalar <S>'`;

/** What somebody typed, where, and how long it took. */
export interface Typed {
	readonly node: string;
	readonly command: string;
	readonly tookMs: number;
}

export interface FirstMinutes {
	readonly typed: readonly Typed[];
	/** From the first key to two nodes that see each other. */
	readonly tookMs: number;
}

export class HapairPair implements Pair {
	readonly title = 'hapair';
	readonly stage: Stage;

	constructor(stage: Stage) {
		this.stage = stage;
	}

	/** From two bare guests to a pair, as the manual says. Throws the words of the command that failed. */
	async make(deb: string): Promise<FirstMinutes> {
		const {lb1, lb2} = this.stage.guests;
		const typed: Typed[] = [];
		const beginMs = performance.now();
		const type = async (guest: Guest, command: string): Promise<string> => {
			const startMs = performance.now();
			const said = await guest.mustRun(`${command} 2>&1`, {limitMs: stepLimitMs});
			typed.push({node: guest.name, command, tookMs: performance.now() - startMs});
			return said;
		};
		for (const guest of [lb1, lb2]) await type(guest, `apt-get install -y ${deb}`);
		const nodes = `--node lb1=${addresses.lb1} --node lb2=${addresses.lb2} --vip ${virtualAddress}/24`;
		const servers = (['web1', 'web2', 'web3'] as const).map(role => `--server ${role}=${addresses[role]}:80`);
		const init = type(lb1, `hapair init ${nodes} ${servers.join(' ')} | tee /run/init.log; (exit \${PIPESTATUS[0]})`);
		const line = await Promise.race([this.#readJoinLine(lb1), init.then(said => Promise.reject(new Error(said)))]);
		await type(lb2, line);
		await init;
		return {typed, tookMs: performance.now() - beginMs};
	}

	/** The advertisement interval, on both nodes: emulated processors are too late for the default. A heartbeat takes another one at its start only. */
	async setInterval(word: string): Promise<void> {
		const script = `sed -i 's/^ *advertise .*/    advertise ${word}/' /etc/hapair/hapair.cfg && systemctl restart hapair 2>&1`;
		await Promise.all(Object.values(this.stage.guests).map(guest => guest.mustRun(script, {limitMs: stepLimitMs})));
	}

	async status(guest: Guest): Promise<LabStatus> {
		return readStatus(await guest.mustRun(askStatus, {limitMs: 25_000, wayMs: 10_000}), guest.name);
	}

	async awaitPair(): Promise<Roles> {
		await powerAll(this.stage);
		const {lb1, lb2} = this.stage.guests;
		return waitFor('a master and a backup that could follow it', () => this.#maybeRoles(lb1, lb2), {
			deadlineMs: stepLimitMs,
			everyMs: askEveryMs[this.stage.accelerator.name],
		});
	}

	async awaitHolder(guest: Guest): Promise<void> {
		const holds = async () => {
			const {self} = await this.status(guest);
			return self.state === 'master' && self.holdsAddress;
		};
		const everyMs = askEveryMs[this.stage.accelerator.name];
		await letPassMs(everyMs);
		await waitFor(`${guest.name} to hold the address`, holds, {deadlineMs: 120_000, everyMs});
	}

	/** Orders a planned failover, on the node that holds the address. */
	async failover(guest: Guest): Promise<void> {
		await guest.mustRun('hapair failover --timeout 60s 2>&1', {limitMs: 90_000});
		await this.awaitHolder(otherThan(guest, this.stage));
	}

	async #maybeRoles(lb1: Guest, lb2: Guest): Promise<Roles | undefined> {
		const [one, other] = await Promise.all([this.status(lb1), this.status(lb2)]);
		const sees = ({self, peer}: LabStatus) => self.eligible && peer.alive && peer.eligible;
		if (!sees(one) || !sees(other)) return undefined;
		const isMaster = ({self}: LabStatus) => self.state === 'master' && self.holdsAddress;
		if (isMaster(one) && other.self.state === 'backup') return {master: lb1, backup: lb2};
		if (isMaster(other) && one.self.state === 'backup') return {master: lb2, backup: lb1};
		return undefined;
	}

	async #readJoinLine(guest: Guest): Promise<string> {
		const endMs = performance.now() + stepLimitMs;
		while (performance.now() < endMs) {
			// A guest that has too much to do may miss one question.
			const {stdout} = await guest.run('cat /run/init.log').catch(() => ({stdout: ''}));
			const line = /hapair join \S+ \S+(?=\n)/.exec(stdout)?.[0];
			if (line !== undefined) return line;
			await sleepMs(300);
		}
		throw new Error('hapair init printed no line for the other node');
	}
}

/** Resident memory of all processes of the service, MiB: shared pages once (`proportional`), and each time (`resident`). */
export async function measureMemory(
	guest: Guest,
): Promise<{proportional: number; resident: number; processes: number}> {
	// A process may end between the list and the look.
	const said = await guest.mustRun(`for pid in $(cat /sys/fs/cgroup/system.slice/hapair.service/cgroup.procs)
do awk '/^(Rss|Pss):/ {print $1, $2}' /proc/$pid/smaps_rollup 2>/dev/null || true; done`);
	const sum = (word: string) =>
		[...said.matchAll(new RegExp(`^${word}: (\\d+)$`, 'gm'))].reduce((total, [, kib]) => total + Number(kib), 0) / 1024;
	const processes = said.match(/^Rss:/gm)?.length ?? 0;
	return {proportional: Math.round(sum('Pss')), resident: Math.round(sum('Rss')), processes};
}
