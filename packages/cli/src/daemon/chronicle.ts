/**
 * What happens to the pair, and who hears of it: log, history, drivers, hooks, the drill that runs, `watch`, the dashboard.
 *
 * Decides the order of the hearers, and that nobody hears anything while another daemon of this node still speaks: it is kept until `catchUp`.
 * Leaves what each hearer makes of it to that one. This is where a takeover leaves the heartbeat and reaches everybody else.
 */
import type {PairEvent, Transition} from '@hapair/heartbeat';
import type {Admin} from '../admin/admin.ts';
import {describeHook} from '../hooks/describe.ts';
import type {HookRecord} from '../hooks/queue.ts';
import type {DaemonLog} from '../logging.ts';
import type {ControlReply} from './control-protocol.ts';
import type {PairParts} from './pair-parts.ts';

export interface ChroniclePorts {
	readonly log: DaemonLog;
	/** There once they have been made. */
	readonly pair: () => PairParts | undefined;
	/** Absent while the admin address is closed. */
	readonly admin: () => Pick<Admin, 'note'> | undefined;
	/** Begins while another daemon of this node still speaks. */
	readonly isHeld: boolean;
}

export class Chronicle {
	readonly #ports: ChroniclePorts;
	readonly #watchers = new Set<(reply: ControlReply) => void>();
	#kept: (() => void)[] | undefined;

	constructor(ports: ChroniclePorts) {
		this.#ports = ports;
		if (ports.isHeld) this.#kept = [];
	}

	/** Another daemon of this node still speaks. */
	get isHeld(): boolean {
		return this.#kept !== undefined;
	}

	/** That daemon has fallen silent: what has happened meanwhile is told now. */
	catchUp(): void {
		const kept = this.#kept ?? [];
		this.#kept = undefined;
		for (const record of kept) record();
	}

	/** Adds a listener; the answer removes it. */
	watch(listener: (reply: ControlReply) => void): () => void {
		this.#watchers.add(listener);
		return () => this.#watchers.delete(listener);
	}

	recordTransition(transition: Transition): void {
		if (this.#kept !== undefined) return void this.#kept.push(() => this.recordTransition(transition));
		const {from, to, reason, term, takeoverMs, id} = transition;
		const fields = {from, to, term, id, ...(takeoverMs === undefined ? {} : {takeoverMs})};
		this.#ports.log.forComponent('pair').info(fields, `${from} → ${to}: ${reason}`);
		const pair = this.#ports.pair();
		if (pair === undefined) return;
		if (to === 'master') pair.keeping.cancel();
		const time = new Date().toISOString();
		pair.drills.noteChange();
		pair.takeover.recordTransition(transition);
		const cause = pair.recorder.recordTransition(transition, time);
		pair.flight.noteTransition(transition, cause);
		this.#tellWatchers({type: 'transition', time, node: pair.setup.own.name, transition});
		pair.hooks.recordTransition(transition, time);
	}

	recordEvent(event: PairEvent): void {
		if (this.#kept !== undefined) return void this.#kept.push(() => this.recordEvent(event));
		this.#ports.log.forComponent('pair').warn({event: event.kind, term: event.term, id: event.id}, event.reason);
		const pair = this.#ports.pair();
		if (pair === undefined) return;
		const time = new Date().toISOString();
		if (['solo', 'paired', 'drift', 'agreed'].includes(event.kind)) pair.drills.noteChange();
		pair.recorder.recordEvent(event, time);
		pair.flight.noteEvent();
		this.#tellWatchers({type: 'event', time, node: pair.setup.own.name, event});
		pair.hooks.recordEvent(event, time);
	}

	recordHook({hook, occasion, outcome, detail}: HookRecord): void {
		const log = this.#ports.log.forComponent('hook');
		const name = describeHook(hook);
		const fields = {on: hook.on, event: occasion.event, eventId: occasion.eventId, outcome};
		log[outcome === 'ok' || outcome === 'superseded' ? 'info' : 'warn'](
			fields,
			`${name} on ${occasion.event}: ${detail}`,
		);
		const {event, reason} = occasion;
		const time = new Date().toISOString();
		this.#tellWatchers({type: 'hook', time, node: occasion.node, event, reason, outcome, hook: name, detail});
	}

	#tellWatchers(reply: ControlReply): void {
		for (const watcher of this.#watchers) watcher(reply);
		this.#ports.admin()?.note(reply);
	}
}
