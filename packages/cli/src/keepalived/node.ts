/**
 * One node as its keepalived.conf describes it. Pure.
 *
 * Decides what is read from which statement, with keepalived's own defaults; each statement that is not read leaves a note. Leaves
 * what a pair makes of it to `pair-lines.ts`.
 */
import {explainKeyword, type Note} from './notes.ts';
import type {Statement} from './statements.ts';

export interface KeepalivedNode {
	readonly routerId?: string;
	readonly startupDelaySeconds?: number;
	readonly instances: readonly Instance[];
	readonly groups: readonly Block[];
	/** `vrrp_script` and `vrrp_track_process`, by name. */
	readonly scripts: ReadonlyMap<string, Block>;
	readonly processes: ReadonlyMap<string, Block>;
}

/** A block whose statements are asked for by name; who asks takes the duty to carry them over. */
export interface Block {
	readonly name: string;
	readonly statement: Statement;
	readonly all: (keyword: string) => readonly Statement[];
	readonly last: (keyword: string) => Statement | undefined;
}

export interface Instance extends Block {
	readonly interface: string | undefined;
	/** 1–255; 100 by default, as in keepalived. */
	readonly priority: number;
	readonly addresses: readonly Statement[];
	readonly peers: readonly string[];
	readonly source: string | undefined;
}

const TAKEN: Readonly<Record<string, ReadonlySet<string>>> = {
	vrrp_instance: new Set(
		`interface priority advert_int nopreempt preempt preempt_delay dont_track_primary unicast_src_ip mcast_src_ip unicast_peer
		virtual_ipaddress virtual_ipaddress_excluded track_interface track_script track_process
		notify notify_master notify_backup notify_fault notify_stop`.split(/\s+/),
	),
	vrrp_sync_group: new Set(
		`track_interface track_script track_process notify notify_master notify_backup notify_fault notify_stop`.split(' '),
	),
	vrrp_script: new Set(['script', 'interval', 'timeout', 'rise', 'fall', 'weight', 'user', 'init_fail']),
	vrrp_track_process: new Set(['process', 'weight', 'param_match', 'full_command', 'quorum', 'delay']),
	global_defs: new Set(['router_id', 'vrrp_startup_delay']),
};

export function readNode(statements: readonly Statement[], notes: Note[]): KeepalivedNode {
	const blocks = new Map<string, Block[]>();
	for (const statement of statements) {
		const taken = TAKEN[statement.keyword];
		if (taken === undefined || statement.block === undefined) {
			// Sections whose inside would say the same again are told of once.
			noteStatement(statement, notes);
			continue;
		}
		for (const inner of statement.block) if (!taken.has(inner.keyword)) noteStatement(inner, notes);
		const list = blocks.get(statement.keyword) ?? [];
		blocks.set(statement.keyword, [...list, describe(statement)]);
	}
	const of = (keyword: string): readonly Block[] => blocks.get(keyword) ?? [];
	const byName = (keyword: string): Map<string, Block> => new Map(of(keyword).map(block => [block.name, block]));
	const [globals] = of('global_defs');
	const routerId = globals?.last('router_id')?.words[0];
	const startup = Number(globals?.last('vrrp_startup_delay')?.words[0]);
	return {
		...(routerId === undefined ? {} : {routerId}),
		...(startup > 0 ? {startupDelaySeconds: startup} : {}),
		instances: of('vrrp_instance').map(readInstance),
		groups: of('vrrp_sync_group'),
		scripts: byName('vrrp_script'),
		processes: byName('vrrp_track_process'),
	};
}

function noteStatement({file, line, keyword}: Statement, notes: Note[]): void {
	const [kind, why] = explainKeyword(keyword);
	notes.push({file, line, kind, message: `${keyword}: ${why}`});
}

function describe(statement: Statement): Block {
	const all = (keyword: string): readonly Statement[] =>
		(statement.block ?? []).filter(inner => inner.keyword === keyword);
	return {name: statement.words[0] ?? '', statement, all, last: keyword => all(keyword).at(-1)};
}

function readInstance(block: Block): Instance {
	const listed = (keyword: string): readonly Statement[] => block.all(keyword).flatMap(one => one.block ?? []);
	const source = (block.last('unicast_src_ip') ?? block.last('mcast_src_ip'))?.words[0];
	return {
		...block,
		interface: block.last('interface')?.words[0],
		priority: Number(block.last('priority')?.words[0] ?? 100),
		addresses: [...listed('virtual_ipaddress'), ...listed('virtual_ipaddress_excluded')],
		peers: listed('unicast_peer').map(({keyword}) => keyword),
		source,
	};
}
