/**
 * What may be asked and ordered of a running engine: the port between the commands of the socket, the page, and the engine itself.
 *
 * Decides how an order reaches everything it concerns (states, checks, workers, limits). Leaves the words of commands and pages to others.
 */
import type {Configuration} from '@hapair/config';
import {createProxyFacts} from '../engine/proxy-facts.ts';
import type {ServerStates, TrackedServer} from '../health/server-states.ts';
import type {AdminState} from '../health/tracker.ts';
import type {Lookups} from '../patterns/lookups.ts';
import type {ProxyFacts} from '../rules/sample-source.ts';
import type {SharedTable} from '../shared-table.ts';
import {FrontendColumn, ProcessColumn, ServerColumn} from '../status-board.ts';
import type {SharedStickTable} from '../stick/shared-stick-table.ts';
import type {BadMessage, SessionFacts} from '../worker-messages.ts';
import type {WorkerSupervisor} from '../workers/supervisor.ts';
import {isDynamic} from './algorithms.ts';
import type {ProcessFigures} from './info.ts';
import {ServerRoster} from './server-roster.ts';
import type {StatsSource} from './source.ts';

/** The part of the check scheduler that orders need. */
export interface CheckSwitch {
	pause(server: number): void;
	resume(server: number): void;
	add(server: number): void;
	remove(server: number): void;
}

export interface RuntimeParts {
	readonly configuration: Configuration;
	readonly table: SharedTable;
	/** In the order of the configuration. */
	readonly stickTables: readonly SharedStickTable[];
	readonly lookups: Lookups;
	readonly states: ServerStates;
	readonly supervisor: Pick<WorkerSupervisor, 'ask' | 'tell' | 'letGo'>;
	readonly checks: CheckSwitch;
	readonly agents: CheckSwitch;
	readonly processFacts: () => ProcessFigures;
	/** Of the clock that all threads share, and since 1970. */
	readonly nowMs: () => number;
	readonly wallMs: () => number;
}

export class Runtime {
	readonly configuration: Configuration;
	readonly table: SharedTable;
	readonly stickTables: readonly SharedStickTable[];
	readonly lookups: Lookups;
	/** What expressions outside of requests may ask. */
	readonly proxyFacts: ProxyFacts;
	readonly states: ServerStates;
	/** Servers that come and go. */
	readonly roster: ServerRoster;
	readonly #parts: RuntimeParts;

	constructor(parts: RuntimeParts) {
		this.configuration = parts.configuration;
		this.table = parts.table;
		this.stickTables = parts.stickTables;
		this.lookups = parts.lookups;
		this.proxyFacts = createProxyFacts(parts.configuration, parts.table, new Map(), parts.nowMs, parts.lookups);
		this.states = parts.states;
		this.roster = new ServerRoster(parts);
		this.#parts = parts;
	}

	source(showsLegends: boolean): StatsSource {
		const {configuration, table, nowMs, wallMs} = this.#parts;
		return {configuration, table, nowMs: nowMs(), wallMs: wallMs(), showsLegends};
	}

	/** Of the clock that all threads share. */
	nowMs(): number {
		return this.#parts.nowMs();
	}

	get processFacts(): ProcessFigures {
		return this.#parts.processFacts();
	}

	// --- Servers ------------------------------------------------------------------------------------------------------

	/** True when it changed something. Servers in maintenance are not checked. */
	setAdmin(tracked: TrackedServer, admin: AdminState): boolean {
		if (!this.states.setAdmin(tracked, admin)) return false;
		this.#switchChecks(tracked);
		return true;
	}

	setUnchecked(tracked: TrackedServer, isUnchecked: boolean): void {
		this.states.setUnchecked(tracked, isUnchecked);
		this.#switchChecks(tracked);
	}

	#switchChecks({admin, isUnchecked, server}: TrackedServer): void {
		const {checks} = this.#parts;
		if (admin === 'maint' || isUnchecked) checks.pause(server.index);
		else checks.resume(server.index);
	}

	/** `disable agent`, `enable agent` */
	setAgentOff(tracked: TrackedServer, isOff: boolean): void {
		this.states.setAgentOff(tracked, isOff);
		if (isOff) this.#parts.agents.pause(tracked.server.index);
		else this.#parts.agents.resume(tracked.server.index);
	}

	/** Of the configured weight; an algorithm that is static only knows all or nothing. */
	setWeightPercent(tracked: TrackedServer, percent: number): void {
		const {server, backend} = tracked;
		const weight = Math.min(256, Math.floor((server.weight * percent) / 100));
		if (weight === tracked.weight || (!isDynamic(backend) && weight !== 0 && weight !== server.weight)) return;
		this.states.setWeight(tracked, weight);
	}

	/** 0: no limit. Whoever waits looks again. */
	setServerMaxconn(tracked: TrackedServer, maxconn: number): void {
		this.states.setMaxconn(tracked, maxconn);
	}

	endSessions({server}: TrackedServer): void {
		this.#parts.supervisor.tell({type: 'endSessions', server: server.index, cause: 'K'}, false);
	}

	// --- Frontends and the process ------------------------------------------------------------------------------------

	frontendState(index: number): number {
		return this.table.board.get(this.table.board.row('frontend', index), FrontendColumn.state);
	}

	/** Resolves when every worker has carried it out; false when one could not listen. */
	async setFrontendState(index: number, state: number): Promise<boolean> {
		const {board} = this.table;
		board.set(board.row('frontend', index), FrontendColumn.state, state);
		this.#parts.supervisor.letGo(index);
		const answers = await this.#parts.supervisor.ask({type: 'obeyBoard'});
		return answers.every(answer => answer.type === 'obeyed' && answer.ok);
	}

	setFrontendMaxconn(index: number, maxconn: number): void {
		this.table.board.set(this.table.board.row('frontend', index), FrontendColumn.maxconn, maxconn);
		this.table.ringAll();
	}

	setProcessMaxconn(maxconn: number): void {
		this.table.board.set(0, ProcessColumn.maxconn, maxconn);
		this.table.ringAll();
	}

	/** As estimated from the last seconds. */
	neededConnections(server: number): number {
		const {board} = this.table;
		return board.get(board.row('server', server), ServerColumn.neededConnections);
	}

	/** One of the limits a second in `ProcessColumn`; 0 for none. */
	setProcessRate(column: number, limit: number): void {
		this.table.board.set(0, column, limit);
		this.table.ringAll();
	}

	clearCounters(all: boolean): void {
		this.table.clearCounters(all);
		if (all) this.states.clearCounters();
	}

	// --- What only the workers know -----------------------------------------------------------------------------------

	async inspect(): Promise<{readonly sessions: readonly SessionFacts[]; readonly badMessages: readonly BadMessage[]}> {
		const answers = await this.#parts.supervisor.ask({type: 'inspect'});
		const inspected = answers.flatMap(answer => (answer.type === 'inspected' ? [answer] : []));
		return {
			sessions: inspected.flatMap(({sessions}) => sessions),
			badMessages: inspected.flatMap(({badMessages}) => badMessages),
		};
	}

	/** False when there is no such session (any more). */
	async endSession(session: string): Promise<boolean> {
		const answers = await this.#parts.supervisor.ask({type: 'endSession', session});
		return answers.some(answer => answer.type === 'obeyed' && answer.ok);
	}
}
