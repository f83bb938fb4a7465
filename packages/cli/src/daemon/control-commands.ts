/**
 * What the daemon does for each command that arrives on the control socket.
 *
 * Leaves the moves to `handover.ts` and the heartbeat, and the wire to `control-socket.ts`.
 */
import type {DrillWish} from '../drill/desk.ts';
import type {DrillRecord} from '../drill/record.ts';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import type {SyncService} from '../sync/sync-service.ts';
import {formatDuration} from '../terminal.ts';
import type {ControlReply, ControlRequest, ServerRequest} from './control-protocol.ts';
import type {ControlConnection} from './control-socket.ts';
import {
	findRefusal,
	formatRefusal,
	type HandoverOutcome,
	type HandoverRequest,
	heartbeatDown,
	usualDrain,
} from './handover.ts';
import type {HeartbeatChild} from './heartbeat-child.ts';
import type {ProxyChild} from './proxy-child.ts';
import type {ReloadOutcome} from './reload.ts';
import type {ReloadPreview} from './reload-preview.ts';
import type {StatusReport} from './status-report.ts';
import {answerSync} from './sync-command.ts';
import type {UpgradeOutcome} from './upgrade/successor.ts';

export interface CommandPorts {
	readonly version: string;
	readonly status: () => StatusReport;
	readonly handOver: (request: HandoverRequest) => Promise<HandoverOutcome>;
	readonly reload: (progress: (message: string) => void) => Promise<ReloadOutcome>;
	/** Absent where nothing else may take this daemon's place. */
	readonly upgrade?: (progress: (message: string) => void) => Promise<UpgradeOutcome>;
	readonly previewReload: () => ReloadPreview;
	/** Adds a listener of transitions; the answer removes it. */
	readonly watch: (listener: (reply: ControlReply) => void) => () => void;
	readonly proxy: Pick<ProxyChild, 'setServer'>;
	/** Absent without a pair section. */
	readonly drill?: (wish: DrillWish) => Promise<DrillRecord>;
	/** Likewise. */
	readonly heartbeat?: Pick<HeartbeatChild, 'status' | 'failover' | 'maintenance'>;
	/** Absent where the nodes' daemons do not talk. */
	readonly sync?: Pick<SyncService, 'difference' | 'synchronise'>;
}

export interface MaintenanceOutcome {
	readonly code: ExitCode;
	readonly message: string;
}

type MaintenanceRequest = Extract<ControlRequest, {command: 'maintenance'}>;
type Progress = (message: string) => void;

/** How long a heartbeat may take to answer what needs no move. */
const answerLimitMs = 5000;
/** Between two status lines of `watch`. */
const watchEveryMs = 500;

export class ControlCommands {
	readonly #ports: CommandPorts;
	#maintenanceEnd: NodeJS.Timeout | undefined;
	#maintenanceEndsMs: number | undefined;

	constructor(ports: CommandPorts) {
		this.#ports = ports;
	}

	/** Resolves when the answer is complete. */
	async answer(request: ControlRequest, connection: ControlConnection): Promise<void> {
		switch (request.command) {
			case 'ping':
				connection.reply({type: 'pong', pid: process.pid, version: this.#ports.version});
				return;
			case 'status':
				connection.reply({type: 'status', status: this.#ports.status()});
				return;
			case 'watch':
				return this.#watch(connection);
			case 'reload':
				return request.dryRun === true ? this.#previewReload(connection) : this.#reload(connection);
			case 'upgrade':
				return this.#upgrade(connection);
			case 'failover':
				return this.#failover(request, connection);
			case 'maintenance':
				return this.#maintenance(request, connection);
			case 'server':
				return this.#server(request, connection);
			case 'drill':
				return this.#drill(request, connection);
			case 'sync':
				return answerSync(this.#ports.sync, request.action, connection);
		}
	}

	async #watch(connection: ControlConnection): Promise<void> {
		const remove = this.#ports.watch(reply => connection.reply(reply));
		const send = (): void => connection.reply({type: 'status', status: this.#ports.status()});
		send();
		const timer = setInterval(send, watchEveryMs);
		const {promise, resolve} = Promise.withResolvers<void>();
		connection.gone.addEventListener('abort', () => resolve(), {once: true});
		if (connection.gone.aborted) resolve();
		await promise;
		clearInterval(timer);
		remove();
	}

	async #reload(connection: ControlConnection): Promise<void> {
		const progress = (message: string): void => connection.reply({type: 'progress', message});
		const {code, message, durationMs, findings} = await this.#ports.reload(progress);
		if (findings !== undefined && findings.diagnostics.length > 0) connection.reply({type: 'findings', ...findings});
		connection.reply({type: 'result', code, message, durationMs});
	}

	async #upgrade(connection: ControlConnection): Promise<void> {
		const progress = (message: string): void => connection.reply({type: 'progress', message});
		const outcome = await this.#ports.upgrade?.(progress);
		const {code, message, durationMs = 0} = outcome ?? {code: exitCodes.refused, message: 'not here'};
		connection.reply({type: 'result', code, message, durationMs});
	}

	#previewReload(connection: ControlConnection): void {
		const {code, message, findings, files} = this.#ports.previewReload();
		connection.reply({type: 'difference', difference: {own: 'running', peer: 'file', files, remarks: []}});
		if (findings !== undefined && findings.diagnostics.length > 0) connection.reply({type: 'findings', ...findings});
		connection.reply({type: 'result', code, message});
	}

	async #failover(
		request: Extract<ControlRequest, {command: 'failover'}>,
		connection: ControlConnection,
	): Promise<void> {
		const {heartbeat} = this.#ports;
		const {force, drainMs, timeoutMs} = request;
		const progress = (message: string): void => connection.reply({type: 'progress', message});
		const startedMs = performance.now();
		const finish = (code: ExitCode, message: string): void => {
			connection.reply({type: 'result', code, message, durationMs: Math.round(performance.now() - startedMs)});
		};
		if (heartbeat === undefined) return finish(exitCodes.refused, noPair);
		const {status} = heartbeat;
		if (status === undefined) return finish(exitCodes.failed, heartbeatDown);
		if (status.state !== 'backup') {
			const drain = drainMs === undefined ? usualDrain : {drainMs, keepMs: drainMs};
			const {code, message} = await this.#ports.handOver({force, ...drain, timeoutMs, progress});
			return finish(code, message);
		}
		const refusal = findRefusal(status, force);
		if (refusal !== undefined) return finish(exitCodes.refused, formatRefusal(refusal));
		progress(`asking ${status.peer.node}, the master, to drain and hand over`);
		const answer = await heartbeat.failover(force, timeoutMs);
		if (answer === undefined)
			return finish(
				exitCodes.timedOut,
				`no answer within ${timeoutMs} ms; "hapair status" shows who holds the address`,
			);
		finish(answer.ok ? exitCodes.ok : exitCodes.refused, answer.message);
	}

	async #drill(request: Extract<ControlRequest, {command: 'drill'}>, connection: ControlConnection): Promise<void> {
		const {drill: hold} = this.#ports;
		if (hold === undefined) {
			connection.reply({type: 'result', code: exitCodes.refused, message: noPair});
			return;
		}
		const {dryRun, settleMs} = request;
		const progress = (message: string): void => connection.reply({type: 'progress', message});
		const settle = settleMs === undefined ? {} : {settleMs};
		const drill = await hold({by: 'operator', dryRun, progress, ...settle});
		const codes = {passed: exitCodes.ok, failed: exitCodes.failed, refused: exitCodes.refused} as const;
		const {result, reason: message, durationMs = 0} = drill;
		connection.reply({type: 'result', code: codes[result], message, durationMs, drill});
	}

	async #maintenance(request: MaintenanceRequest, connection: ControlConnection): Promise<void> {
		const progress = (message: string): void => connection.reply({type: 'progress', message});
		connection.reply({type: 'result', ...(await this.maintain(request, progress))});
	}

	/** Begins or ends the maintenance of this node. Never rejects. */
	async maintain(request: Omit<MaintenanceRequest, 'command'>, progress: Progress): Promise<MaintenanceOutcome> {
		const {heartbeat} = this.#ports;
		if (heartbeat === undefined) return {code: exitCodes.refused, message: noPair};
		const {status} = heartbeat;
		if (status === undefined) return {code: exitCodes.failed, message: heartbeatDown};
		// A master leaves in order first, so that no request is lost.
		if (request.on && status.state === 'master') {
			const refusal = findRefusal(status, false);
			if (refusal !== undefined && !request.force)
				return {code: exitCodes.refused, message: `${refusal.why}; ${maintenanceForced}`};
			if (refusal === undefined) {
				const order = {force: false, ...usualDrain, timeoutMs: 15_000, progress, mayReturn: true};
				const {code, message} = await this.#ports.handOver(order);
				if (code !== exitCodes.ok && !request.force) return {code, message: `${message}; ${maintenanceForced}`};
			}
		}
		clearTimeout(this.#maintenanceEnd);
		this.#maintenanceEndsMs = undefined;
		const answer = await heartbeat.maintenance(request.on, answerLimitMs);
		if (answer === undefined) return {code: exitCodes.timedOut, message: `no answer within ${answerLimitMs} ms`};
		if (!answer.ok) return {code: exitCodes.failed, message: answer.message};
		if (request.forMs === undefined) return {code: exitCodes.ok, message: answer.message};
		this.#endMaintenanceAfter(request.forMs);
		const until = `it ends by itself in ${formatDuration(request.forMs)}`;
		return {code: exitCodes.ok, message: `${answer.message}; ${until}`};
	}

	async #server({backend, server, state}: ServerRequest, connection: ControlConnection): Promise<void> {
		const answer = await this.#ports.proxy.setServer({backend, server, admin: state}, answerLimitMs);
		const finish = (code: ExitCode, message: string): void => connection.reply({type: 'result', code, message});
		if (answer === undefined) return finish(exitCodes.timedOut, 'the proxy process does not answer');
		if (!answer.ok) return finish(exitCodes.refused, answer.message);
		finish(
			exitCodes.ok,
			`${backend}/${server} is in state ${state} on this node, until it is changed or the proxy restarts`,
		);
	}

	/** When a maintenance under way ends by itself; absent when it does not. */
	get maintenanceLeftMs(): number | undefined {
		if (this.#maintenanceEndsMs === undefined) return undefined;
		return Math.max(1, Math.round(this.#maintenanceEndsMs - performance.now()));
	}

	/** What another daemon of this node has promised. */
	resumeMaintenance(leftMs: number): void {
		this.#endMaintenanceAfter(leftMs);
	}

	/** Tried again each minute while the heartbeat is down: what was promised to end must. */
	#endMaintenanceAfter(ms: number): void {
		this.#maintenanceEndsMs = performance.now() + ms;
		this.#maintenanceEnd = setTimeout(async () => {
			const answer = await this.#ports.heartbeat?.maintenance(false, answerLimitMs);
			this.#maintenanceEndsMs = undefined;
			if (answer?.ok !== true) this.#endMaintenanceAfter(60_000);
		}, ms);
		this.#maintenanceEnd.unref();
	}
}

const noPair = 'there is no pair section in the configuration, so there is no address to move';

const maintenanceForced = 'maintenance was not begun; --force begins it all the same';
