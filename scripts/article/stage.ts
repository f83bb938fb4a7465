/**
 * What all experiments share: the lab, its three Apaches, how long things take, and how much one server can do.
 *
 * Decides the sizes. What happens on the stage is in the experiments' files.
 */
import {chmodSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Lab} from '../../test/lab/lab.ts';
import {waitFor} from '../../test/lab/wait.ts';
import {Apache} from './apache.ts';
import type {WebPrograms} from './requirements.ts';
import {sweepGroups} from './server-group.ts';
import {writeShop} from './shop.ts';

/** A server's share of one processor: three of them, the load and the pair fit on two. */
export const coresPerServer = 0.3;
/** `MaxRequestWorkers` of a small server. */
export const fewWorkers = 16;
/** The value of Debian's configuration. */
export const debianWorkers = 150;
const roles = ['web1', 'web2', 'web3'] as const;

/** Milliseconds. */
export interface Pace {
	readonly capacityMs: number;
	/** Until the lone server's queue is as long as it gets. */
	readonly fillMs: number;
	readonly countedMs: number;
	/** Of each step of load in the queueing experiment. */
	readonly stepFillMs: number;
	readonly stepCountedMs: number;
	/** Steps of load, in multiples of what one server can serve. */
	readonly steps: readonly number[];
}

export const paces: Readonly<Record<'whole' | 'short', Pace>> = {
	whole: {
		capacityMs: 6000,
		fillMs: 15_000,
		countedMs: 30_000,
		stepFillMs: 15_000,
		stepCountedMs: 12_000,
		steps: [0.25, 0.5, 0.75, 0.9, 1.1, 1.25, 1.5, 2, 2.5],
	},
	short: {
		capacityMs: 3000,
		fillMs: 8000,
		countedMs: 6000,
		stepFillMs: 6000,
		stepCountedMs: 4000,
		steps: [0.5, 2],
	},
};

export interface Stage {
	readonly lab: Lab;
	readonly servers: readonly [Apache, Apache, Apache];
	readonly pace: Pace;
	/** Tells what goes on. */
	readonly say: (text: string) => void;
}

/** Control groups are removed when this program exits, after the lab has killed what was in them. */
export function buildServers(lab: Lab, programs: WebPrograms): Stage['servers'] {
	sweepGroups();
	// Apache's workers are another user.
	chmodSync(lab.directory, 0o755);
	const shop = join(lab.directory, 'shop.db');
	writeShop(shop);
	const make = (role: (typeof roles)[number]) => {
		const server = new Apache(lab, role, {programs, shop, cores: coresPerServer});
		process.once('exit', () => server.group.remove());
		return server;
	};
	return [make('web1'), make('web2'), make('web3')];
}

/** Gives both nodes another configuration while they serve. */
export async function reloadPair(lab: Lab, change: (text: string) => string): Promise<void> {
	writeFileSync(lab.configPath, change(readFileSync(lab.configPath, 'utf8')));
	for (const node of ['lb1', 'lb2'] as const) {
		const {code, stderr} = await lab.daemon(node).command(['reload']);
		if (code !== 0) throw new Error(`hapair reload on ${node} ended with ${code}: ${stderr}`);
	}
}

/** Until the master says so of a server. */
export async function waitForServer(lab: Lab, {role}: Apache, word: 'UP' | 'DOWN'): Promise<void> {
	const isThere = async () => (await lab.serverStatus('lb1', role))?.split(' ')[0] === word;
	await waitFor(`lb1 to say ${word} of ${role}`, isThere, {deadlineMs: 20_000});
}
