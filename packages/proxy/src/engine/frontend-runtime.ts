/**
 * A frontend at work in one thread.
 *
 * Decides what is computed once for all its sessions. Leaves listening to `listener.ts`.
 */
import type {Frontend} from '@hapair/config';
import type {Core} from './core.ts';
import {HttpPolicy} from './http-policy.ts';
import type {Session} from './session.ts';

export class FrontendRuntime {
	readonly frontend: Frontend;
	readonly index: number;
	readonly row: number;
	/** All sessions of this thread, for draining and stopping. */
	readonly sessions: Set<Session> = new Set();

	readonly policy: HttpPolicy;

	constructor(frontend: Frontend, index: number, core: Core) {
		this.frontend = frontend;
		this.index = index;
		this.row = core.table.row('frontend', index);
		this.policy = new HttpPolicy(core, this);
	}
}
