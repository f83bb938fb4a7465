/**
 * The `pair` section that stands for a keepalived.conf, or for those of both nodes. Pure.
 *
 * Decides names, addresses, priorities, timing and hooks. All instances become one pair: hapair has one master for all addresses,
 * and what was spread over both nodes is said. Leaves tracks to `tracks.ts`.
 */
import {splitCommand, writeTime, writeWords} from './command-line.ts';
import type {Block, Instance, KeepalivedNode} from './node.ts';
import type {Note} from './notes.ts';
import type {Statement} from './statements.ts';
import {writeTracks} from './tracks.ts';

export interface ImportWish {
	/** This node first; two when both files are known. */
	readonly nodes: readonly KeepalivedNode[];
	/** Of the nodes, in the same order, as far as they were said. */
	readonly named: readonly {readonly name: string; readonly address: string}[];
	readonly keyFile: string;
}

export interface PairText {
	readonly text: string;
	/** What has to be said by hand, for example the address of a node. */
	readonly missing: readonly string[];
}

export function writePair(wish: ImportWish, notes: Note[]): PairText {
	const [own, peer] = wish.nodes;
	const [first] = own?.instances ?? [];
	if (own === undefined || first === undefined) return {text: '', missing: ['a vrrp_instance with virtual_ipaddress']};
	const missing: string[] = [];
	const lines = [
		...writeNodes(wish, own, peer, missing, notes),
		...writeAddresses(own, peer, missing, notes),
		`advertise ${writeInterval(first, notes)}`,
		`secret file ${wish.keyFile}`,
		writePreempt(first),
		...(own.startupDelaySeconds === undefined ? [] : [`start-delay ${writeTime(own.startupDelaySeconds)}`]),
		...writeTracks(own, own.instances, notes),
		...[...own.instances, ...own.groups].flatMap(block => writeHooks(block, notes)),
	];
	noteSpread(own.instances, notes);
	const name = first.name.replace(/[^\w.:-]/g, '-') || 'main';
	return {text: `pair ${name}\n${[...new Set(lines)].map(line => `    ${line}\n`).join('')}`, missing};
}

function writeNodes(
	{named}: ImportWish,
	own: KeepalivedNode,
	peer: KeepalivedNode | undefined,
	missing: string[],
	notes: Note[],
): string[] {
	const [instance] = own.instances;
	const [other] = peer?.instances ?? [];
	if (instance === undefined) return [];
	const [heard, ...more] = instance.peers;
	for (const address of more) {
		const at = {...placeOf(instance.last('unicast_peer') ?? instance.statement), kind: 'lost' as const};
		notes.push({...at, message: `unicast_peer ${address}: a pair has two nodes`});
	}
	const addresses = [named[0]?.address ?? instance.source, named[1]?.address ?? heard ?? other?.source];
	const names = nameNodes([named[0]?.name ?? own.routerId, named[1]?.name ?? peer?.routerId]);
	const priorities = [limitPriority(instance, notes), other === undefined ? undefined : limitPriority(other, notes)];
	return addresses.flatMap((address, index) => {
		const name = names[index] ?? '';
		if (address === undefined) missing.push(`the address of ${name}: --node ${name}=ADDRESS`);
		const priority = priorities[index] ?? guessPriority(instance, notes);
		return address === undefined ? [] : [`node ${name} ${address} priority ${priority}`];
	});
}

function nameNodes(wished: readonly (string | undefined)[]): string[] {
	const names = wished.map((name, index) => (name !== undefined && /^[\w.:-]+$/.test(name) ? name : `lb${index + 1}`));
	return names[0] === names[1] ? ['lb1', 'lb2'] : names;
}

function limitPriority({priority, statement}: Instance, notes: Note[]): number {
	if (priority <= 254) return Math.max(1, priority);
	notes.push({...placeOf(statement), kind: 'changed', message: 'priority 255 becomes 254: no node owns the address'});
	return 254;
}

/** Both nodes need one, and only the file of one is known. */
function guessPriority(instance: Instance, notes: Note[]): number {
	const isMaster = instance.last('state')?.words[0] === 'MASTER';
	const guess = Math.min(254, Math.max(1, instance.priority + (isMaster ? -50 : 50)));
	const message = `the priority of the other node is not in this file; ${guess} is a guess (name both files to have it read)`;
	notes.push({...placeOf(instance.statement), kind: 'changed', message});
	return guess;
}

function writeAddresses(
	own: KeepalivedNode,
	peer: KeepalivedNode | undefined,
	missing: string[],
	notes: Note[],
): string[] {
	const lines = own.instances.flatMap(instance =>
		instance.addresses.map(one => writeAddress(instance, one, missing, notes)),
	);
	const theirs = peer?.instances.flatMap(({addresses}) => addresses) ?? [];
	const known = new Set(own.instances.flatMap(({addresses}) => addresses.map(bareAddress)));
	for (const address of theirs) {
		if (known.has(bareAddress(address))) continue;
		notes.push({...placeOf(address), kind: 'lost', message: `${address.keyword}: the other node has no such address`});
	}
	if (lines.length === 0) missing.push('a virtual_ipaddress');
	return lines;
}

function bareAddress({keyword}: Statement): string {
	return keyword.replace(/\/.*/, '');
}

function writeAddress(instance: Instance, address: Statement, missing: string[], notes: Note[]): string {
	const {keyword, words} = address;
	const at = words.indexOf('dev');
	const dev = (at < 0 ? undefined : words[at + 1]) ?? instance.interface;
	if (dev === undefined) missing.push(`the interface of ${keyword}: interface in ${instance.name}`);
	const rest = words.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
	if (rest.length > 0) {
		const message = `${keyword}: ${rest.join(' ')} is not set; the address gets the kernel's defaults`;
		notes.push({...placeOf(address), kind: 'lost', message});
	}
	if (keyword.includes('/')) return `virtual-ip ${keyword} dev ${dev}`;
	const length = keyword.includes(':') ? 128 : 32;
	const message = `${keyword}: without a prefix length keepalived sets /${length}; so does this line`;
	notes.push({...placeOf(address), kind: 'changed', message});
	return `virtual-ip ${keyword}/${length} dev ${dev}`;
}

/** 1 s by default, as in keepalived. */
function writeInterval(instance: Instance, notes: Note[]): string {
	const statement = instance.last('advert_int');
	const ms = Math.round(Number(statement?.words[0] ?? 1) * 1000);
	const limited = Math.min(40_000, Math.max(10, ms || 1000));
	if (limited !== ms && statement !== undefined)
		notes.push({
			...placeOf(statement),
			kind: 'changed',
			message: `advert_int: an interval is 10ms to 40s, so ${limited}ms`,
		});
	if (limited >= 1000) {
		const message = `a silent master is replaced after three intervals, ${(3 * limited) / 1000} s; "advertise default" (200ms) takes 0.7 s`;
		notes.push({...placeOf(statement ?? instance.statement), kind: 'moot', message});
	}
	return writeTime(limited / 1000);
}

function writePreempt(instance: Instance): string {
	if (instance.last('nopreempt') !== undefined) return 'preempt off';
	const delay = Number(instance.last('preempt_delay')?.words[0]);
	return delay > 0 ? `preempt after ${writeTime(delay)}` : 'preempt on';
}

const HOOKS = [
	['notify_master', 'master'],
	['notify_backup', 'backup'],
	['notify_fault', 'fault'],
	['notify_stop', 'stop'],
	['notify', 'change'],
] as const;

function writeHooks(block: Block, notes: Note[]): string[] {
	return HOOKS.flatMap(([keyword, event]) =>
		block.all(keyword).flatMap(statement => {
			const {words} = statement;
			const add = (kind: Note['kind'], message: string): void => {
				notes.push({...placeOf(statement), kind, message: `${keyword}: ${message}`});
			};
			const command = splitCommand(words[0] ?? '');
			if ('problem' in command) {
				add('lost', `"${words[0] ?? ''}": ${command.problem}`);
				return [];
			}
			if (words.length > 1) add('changed', `runs as the user of the daemon, not as ${words.slice(1).join(' ')}`);
			if (keyword !== 'notify')
				add(
					'changed',
					'four arguments (INSTANCE, name, state, priority) come behind those written here, as for notify',
				);
			return [`on ${event} exec ${writeWords(command)}`];
		}),
	);
}

/** Addresses that were shared out between the nodes by crossed priorities are all on one node now. */
function noteSpread(instances: readonly Instance[], notes: Note[]): void {
	const [first, ...others] = instances;
	for (const other of others) {
		const crossed =
			first?.last('state')?.words[0] !== other.last('state')?.words[0] || first?.priority !== other.priority;
		const message = crossed
			? `${other.name} has another state or priority than ${first?.name}; in a pair one node holds all addresses (--instance takes one)`
			: `${other.name} joins ${first?.name}: all addresses of a pair move together`;
		notes.push({...placeOf(other.statement), kind: crossed ? 'lost' : 'changed', message});
	}
}

function placeOf({file, line}: Statement): {readonly file: string; readonly line: number} {
	return {file, line};
}
