/**
 * Asks a daemon on its control socket what it knows: one JSON line each way, without starting a program.
 *
 * Decides which parts of the answer the lab reads (the same object as `hapair status --json`). An answer of another
 * shape is an error that names the missing part.
 */
import {createConnection} from 'node:net';

const answerLimitMs = 2000;

export interface LabNode {
	readonly name: string;
	readonly state: string;
	readonly holdsAddress: boolean;
	readonly alive: boolean;
	/** Could serve. */
	readonly eligible: boolean;
	readonly term: number;
	readonly maintenance: boolean;
	readonly reason?: string;
	readonly reasons?: readonly string[];
}

export interface LabServer {
	readonly name: string;
	readonly status: string;
}

export interface LabStatus {
	readonly pid: number;
	readonly proxyPid: number | undefined;
	readonly proxyPhase: string;
	readonly solo: boolean;
	readonly lease: string;
	readonly self: LabNode;
	readonly peer: LabNode;
	readonly servers: readonly LabServer[];
	readonly takeover: readonly LabTakeover[];
	/** The heartbeat's counters by name: `received`, `late`, `duplicate`, … */
	readonly counters: Readonly<Record<string, number>>;
	readonly paths: readonly {
		readonly lossPercent: number;
		readonly sendErrors: number;
		/** Median of the newest 32, ms. */
		readonly roundTripMs?: number;
	}[];
	/** How long the witness consents to this node yet, ms; 0 without a witness. */
	readonly consentMs: number;
	readonly witnessRefusal: string;
	/** Of the newest drill that passed, as this node knows it. */
	readonly provenGapMs: number | undefined;
	/** The newest drill, whatever came of it. */
	readonly lastDrill: LabDrill | undefined;
	/** Undefined without failover windows. */
	readonly failoverOpen: boolean | undefined;
}

export interface LabDrill {
	readonly result: string;
	readonly by: string;
	readonly reason: string;
	readonly gapMs?: number;
}

/** One address under one driver. */
export interface LabTakeover {
	readonly driver: string;
	readonly target: string;
	readonly at: string;
	readonly detail?: string;
	readonly trouble?: string;
}

interface WireStatus {
	readonly pid: number;
	readonly pair?: {
		readonly solo: boolean;
		readonly lease: string;
		readonly nodes: readonly [LabNode, LabNode];
		readonly takeover: readonly LabTakeover[];
		readonly counters: Readonly<Record<string, number>>;
		readonly paths: LabStatus['paths'];
		readonly drill?: {readonly last?: LabDrill; readonly lastProven?: LabDrill};
		readonly windows?: {readonly failover?: {readonly open: boolean}};
		readonly witness?: {readonly consentMs: number; readonly refusal: string};
	};
	readonly proxy: {
		readonly phase: string;
		readonly pid?: number;
		readonly backends: readonly {readonly servers: readonly LabServer[]}[];
	};
}

/** The daemon's status; rejects when nobody answers in time. */
export async function askStatus(socketPath: string): Promise<LabStatus> {
	return readStatus(await ask(socketPath, {command: 'status'}), socketPath);
}

/** The line that a daemon answers to `{"command": "status"}`. @param from for the error's sentence */
export function readStatus(line: string, from: string): LabStatus {
	const {status} = JSON.parse(line) as {status?: WireStatus};
	if (status?.pair === undefined) throw new Error(`The daemon on ${from} answered without a pair: ${line}`);
	const [self, peer] = status.pair.nodes;
	return {
		pid: status.pid,
		consentMs: status.pair.witness?.consentMs ?? 0,
		witnessRefusal: status.pair.witness?.refusal ?? '',
		provenGapMs: status.pair.drill?.lastProven?.gapMs,
		lastDrill: status.pair.drill?.last,
		failoverOpen: status.pair.windows?.failover?.open,
		proxyPid: status.proxy.pid,
		proxyPhase: status.proxy.phase,
		solo: status.pair.solo,
		lease: status.pair.lease,
		self,
		peer,
		takeover: status.pair.takeover,
		counters: status.pair.counters,
		paths: status.pair.paths,
		servers: status.proxy.backends.flatMap(backend => backend.servers),
	};
}

function ask(socketPath: string, request: {readonly command: string}): Promise<string> {
	return new Promise((resolve, reject) => {
		const socket = createConnection(socketPath);
		let text = '';
		socket.setTimeout(answerLimitMs, () => socket.destroy(new Error(`No answer on ${socketPath}`)));
		socket.on('data', chunk => {
			text += chunk.toString();
			if (!text.includes('\n')) return;
			socket.destroy();
			resolve(text.slice(0, text.indexOf('\n')));
		});
		socket.once('error', reject);
		socket.once('close', () => reject(new Error(`No answer on ${socketPath}`)));
		socket.write(`${JSON.stringify(request)}\n`);
	});
}
