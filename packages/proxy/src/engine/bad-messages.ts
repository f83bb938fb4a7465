/**
 * The last request of each frontend and the last response of each backend that could not be accepted, in this thread.
 *
 * Decides what is kept. Leaves finding the newest over all threads, and showing it, to `stats/errors-text.ts`.
 */
import {findFault} from '../http1/find-fault.ts';
import type {BadMessage} from '../worker-messages.ts';
import type {Session} from './session.ts';

export class BadMessages {
	readonly #byProxy = new Map<string, BadMessage>();

	/** `text` is the head as far as it was read, latin1. */
	note(kind: BadMessage['kind'], session: Session, text: string): void {
		const {core, frontend, backend, server, record} = session;
		const message: BadMessage = {
			kind,
			event: core.table.countBadMessage(),
			wallMs: core.wallMs(),
			source: `${record.clientAddress}:${record.clientPort}`,
			frontend: frontend.index,
			backend: backend?.index ?? -1,
			server: server?.server.name ?? '',
			text,
			faultAt: findFault(text, kind),
		};
		this.#byProxy.set(`${kind} ${kind === 'request' ? message.frontend : message.backend}`, message);
	}

	get all(): readonly BadMessage[] {
		return [...this.#byProxy.values()];
	}
}
