/**
 * The admin address over the life of a daemon: opened at its start, changed by a reload, closed at its end.
 *
 * Decides that only a changed line, or another token in the file, costs the sessions and dashboards that are open. Without a token the node serves
 * all the same; the address stays closed, with a line in the log.
 */
import type {Pair, PairNode} from '@hapair/config';
import {UserError} from '../exit-codes.ts';
import type {Log} from '../logging.ts';
import {Admin, type AdminOptions} from './admin.ts';
import {openToken} from './token.ts';

export interface AdminSubject {
	readonly pair: Pair;
	readonly own: PairNode;
	readonly uid: number;
	/** Where a token may be kept; absent: nowhere. */
	readonly stateDirectory?: string;
}

type Door = Pick<AdminOptions, 'host' | 'port' | 'hostNames' | 'token'>;

export class AdminDesk {
	readonly #log: Log;
	readonly #parts: Omit<AdminOptions, keyof Door | 'log'>;
	#door: Door | undefined;
	#admin: Admin | undefined;

	constructor(log: Log, parts: Omit<AdminOptions, keyof Door | 'log'>) {
		this.#log = log;
		this.#parts = parts;
	}

	/** Who is to be told of what happens; absent while the address is closed. */
	get admin(): Admin | undefined {
		return this.#admin;
	}

	/** At the start, and again when the configuration was read again. */
	open(subject: AdminSubject | undefined): void {
		const door = subject === undefined ? undefined : this.#findDoor(subject);
		if (JSON.stringify(door) === JSON.stringify(this.#door)) return;
		const old = this.#admin;
		this.#door = door;
		this.#admin = door === undefined ? undefined : new Admin({...door, ...this.#parts, log: this.#log});
		// Where the new one listens the old one may have listened.
		if (old === undefined) this.#admin?.start();
		else void old.close().then(() => this.#admin?.start());
	}

	async close(): Promise<void> {
		await this.#admin?.close();
	}

	#findDoor({pair: {admin}, own, uid, stateDirectory}: AdminSubject): Door | undefined {
		if (admin === undefined) return undefined;
		try {
			const {token, path} = openToken(admin, stateDirectory, uid);
			const {host, port, hostNames} = admin;
			this.#log.info({token: path}, 'whoever can read the token file may log in');
			return {host: host === 'node' ? own.address : host, port, hostNames, token};
		} catch (error) {
			if (!(error instanceof UserError)) throw error;
			this.#log.warn({hint: error.hint}, `no admin address: ${error.message}`);
			return undefined;
		}
	}
}
