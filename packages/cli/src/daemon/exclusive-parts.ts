/**
 * What only one daemon of a node can have: control socket, admin address, peer channel, and the files of hooks and history.
 *
 * Decides the order in which they are opened and closed, the same for a daemon's start and end as for an upgrade, which moves them from one daemon
 * to the next. Leaves what is said there to `control-commands.ts`, `admin/` and `peer/`.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import type {Admin} from '../admin/admin.ts';
import {AdminDesk} from '../admin/admin-desk.ts';
import {Examiner} from '../admin/examinations.ts';
import type {Log} from '../logging.ts';
import type {ControlCommands} from './control-commands.ts';
import {type ControlSocket, openControlSocket} from './control-socket.ts';
import type {PairParts} from './pair-parts.ts';
import type {ProxySuccession} from './proxy-succession.ts';
import type {DaemonSetup} from './setup.ts';
import type {StatusReport} from './status-report.ts';
import {endsWithin} from './within.ts';

export interface ExclusivePorts {
	readonly setup: DaemonSetup;
	/** Absent without a pair section. */
	readonly pair: PairParts | undefined;
	readonly proxy: Pick<ProxySuccession, 'condition' | 'figures'>;
	readonly commands: ControlCommands;
	readonly status: () => StatusReport;
	readonly log: Log;
}

/** How long a proxy may take to tell its figures. */
const figuresLimitMs = 2000;
/** How long one of these parts may take to close. */
const closeLimitMs = 500;
const socketRetryMs = 100;
const dayMs = 86_400_000;

export class ExclusiveParts {
	readonly #ports: ExclusivePorts;
	#adminDesk: AdminDesk | undefined;
	#socket: ControlSocket | undefined;

	constructor(ports: ExclusivePorts) {
		this.#ports = ports;
	}

	/** Absent while the admin address is closed. */
	get admin(): Admin | undefined {
		return this.#adminDesk?.admin;
	}

	/** Rejects with a `UserError`. @param tries The path may be in use for a moment yet. */
	async openSocket(tries = 1): Promise<void> {
		const {setup, commands, log} = this.#ports;
		const answer: typeof commands.answer = (request, connection) => commands.answer(request, connection);
		for (let left = tries; this.#socket === undefined; left--) {
			try {
				this.#socket = await openControlSocket(setup.socketPath, answer, log);
			} catch (error) {
				if (left <= 1) throw error;
				await sleep(socketRetryMs);
			}
		}
	}

	/** All but the control socket. */
	open(): void {
		const {pair, setup} = this.#ports;
		pair?.hooks.start();
		this.#forgetHistory();
		if (pair !== undefined) setInterval(() => this.#forgetHistory(), dayMs).unref();
		this.#adminDesk = this.#createAdminDesk();
		this.#adminDesk.open(pair?.setup);
		pair?.sync?.start();
		pair?.drills.start();
		pair?.windows.start(setup.predecessor !== undefined);
		pair?.warm?.start();
	}

	/** Another configuration is in force. */
	adopt(): void {
		this.#forgetHistory();
		this.#adminDesk?.open(this.#ports.pair?.setup);
	}

	/** All but the control socket. @param note Is told whether each has ended. */
	async close(note: (what: string, ended: boolean) => void): Promise<void> {
		const {pair} = this.#ports;
		const closes = (work: Promise<void> | undefined) => endsWithin(work ?? Promise.resolve(), closeLimitMs);
		note('the queue of hooks', await closes(pair?.hooks.close()));
		pair?.warm?.close();
		note('the peer channel', await closes(pair?.sync?.close()));
		note('the history', await closes(pair?.historyFile.flushed()));
		note('the admin address', await closes(this.#adminDesk?.close()));
	}

	/** Another daemon may have the path; who has asked something is answered yet. */
	leaveSocket(): void {
		this.#socket?.leave();
	}

	/** Resolves with whether it is closed. */
	closeSocket(): Promise<boolean> {
		return endsWithin(this.#socket?.close() ?? Promise.resolve(), closeLimitMs);
	}

	#createAdminDesk(): AdminDesk {
		const {setup, pair, proxy, commands, status} = this.#ports;
		const {version, log, program = [], socketPath} = setup;
		const nothing = {files: [], syntax: undefined, nodeName: undefined};
		const examiner = new Examiner({program, socketPath, commandLine: () => pair?.setup.commandLine ?? nothing});
		return new AdminDesk(log.forComponent('admin'), {
			ports: {
				node: pair?.setup.own.name ?? '',
				version,
				commands,
				status,
				history: async count => (await pair?.historyFile.newest(count)) ?? [],
				drills: count => pair?.drills.newest(count) ?? [],
				examine: (what, body) => examiner.examine(what, body),
			},
			condition: () => proxy.condition,
			heartbeat: () => pair?.heartbeat.status,
			figures: () => proxy.figures(figuresLimitMs),
		});
	}

	/** What is older than the configuration of the day says. */
	#forgetHistory(): void {
		const {setup, historyFile} = this.#ports.pair ?? {};
		const historyDays = setup?.pair.historyDays;
		if (historyDays !== undefined) historyFile?.forget(Date.now() - historyDays * dayMs);
	}
}
