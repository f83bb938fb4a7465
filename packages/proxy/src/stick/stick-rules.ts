/**
 * `stick …` and `appsession` of a backend: which server a request is kept on, and what is remembered when it was served (HAProxy manual, `stick on`).
 *
 * Decides the order of rules: the first match that leads to a usable server wins, and of rules that store into one table only the first
 * that has a key. `appsession` goes before them. What is stored waits until a server has answered. Leaves cookies to the caller: they go first.
 */
import type {AppSession, Backend} from '@hapair/config';
import {findRequestSession, findResponseSession} from '../persistence/app-session.ts';
import {type CompiledCondition, compileCondition} from '../rules/conditions.ts';
import {compileExpression} from '../rules/expression.ts';
import type {CompiledFetch} from '../rules/fetches.ts';
import type {SampleSource} from '../rules/sample-source.ts';
import type {KeySample} from './stick-key.ts';
import type {BoundTable, StickTables} from './stick-tables.ts';

interface CompiledStick {
	readonly kind: NonNullable<Backend['stickRules']>[number]['kind'];
	readonly applies: CompiledCondition;
	readonly key: CompiledFetch['value'];
	readonly table: BoundTable;
}

/** To be written once the server is known. */
export interface PendingStore {
	readonly table: BoundTable;
	readonly sample: KeySample;
}

/** Entries that one request can store, as in HAProxy. */
const MAX_STORES = 8;

export class StickPlan {
	readonly #tables: StickTables;
	readonly #request: readonly CompiledStick[];
	readonly #response: readonly CompiledStick[];
	readonly #session: {readonly plan: AppSession; readonly table: BoundTable} | undefined;

	/** Throws a `RuleError`. */
	constructor({stickRules = [], appSession}: Backend, tables: StickTables) {
		this.#tables = tables;
		this.#session = appSession && {plan: appSession, table: tables.get(appSession.table)!};
		const compiled = stickRules.map(({kind, key, table, condition}) => ({
			kind,
			applies: compileCondition(condition),
			key: compileExpression(key).value,
			table: tables.get(table)!,
		}));
		this.#request = compiled.filter(({kind}) => kind !== 'store-response');
		this.#response = compiled.filter(({kind}) => kind === 'store-response');
	}

	/**
	 * Goes through the rules for a request. `find` gives the place of the server with a number if it may be used, else -1. Returns the
	 * first place, or -1. Fills `stores`.
	 */
	match(source: SampleSource, find: (id: number) => number, stores: PendingStore[]): number {
		const nowMs = this.#tables.nowMs();
		let chosen = this.#session === undefined ? -1 : this.#matchSession(source, find, stores);
		for (const rule of this.#request) {
			const isStored = rule.kind !== 'match' && stores.some(({table}) => table === rule.table);
			// As in HAProxy: a rule that would store a second time into its table does not run at all.
			if (isStored || !rule.applies(source)) continue;
			const sample = rule.key(source);
			const key = rule.table.keyOf(sample);
			if (key === undefined) continue;
			if (rule.kind !== 'store-request') {
				const id = rule.table.shared.useByKey(key, rule.table.column('server_id')!, nowMs);
				if (id !== undefined && id > 0 && chosen < 0) chosen = find(id);
			}
			if (rule.kind !== 'match' && stores.length < MAX_STORES) stores.push({table: rule.table, sample: sample!});
		}
		return chosen;
	}

	#matchSession(source: SampleSource, find: (id: number) => number, stores: PendingStore[]): number {
		const {plan, table} = this.#session!;
		const sample = findRequestSession(plan, source);
		const key = table.keyOf(sample);
		if (key === undefined) return -1;
		const id = table.shared.useByKey(key, table.column('server_id')!, this.#tables.nowMs());
		if (plan.requestLearn) stores.push({table, sample: sample!});
		return id === undefined ? -1 : find(id);
	}

	/** A server has answered: what its response shows is stored too. */
	store(source: SampleSource, stores: readonly PendingStore[], serverId: number): void {
		const nowMs = this.#tables.nowMs();
		const session = this.#session;
		const set = session && findResponseSession(session.plan, source);
		// What the server sets goes before what the request showed.
		const all = set === undefined ? [...stores] : stores.filter(({table}) => table !== session!.table);
		if (set !== undefined) all.push({table: session!.table, sample: set});
		for (const rule of this.#response) {
			if (all.some(({table}) => table === rule.table) || all.length >= MAX_STORES || !rule.applies(source)) continue;
			const sample = rule.key(source);
			if (sample !== undefined) all.push({table: rule.table, sample});
		}
		for (const {table, sample} of all) {
			const key = table.keyOf(sample);
			if (key !== undefined) table.shared.setByKey(key, [[table.column('server_id')!, serverId]], nowMs);
		}
	}
}
