/**
 * Commands that look at and change maps and patterns of ACLs.
 *
 * Decides arguments and answers (HAProxy manual, `show map`, `add acl`). A change is made in all threads before it is answered. Leaves the
 * entries to `patterns/`.
 */
import {findPatternProblem, findValueProblem, type PatternUse, splitEntry} from '@hapair/config';
import type {Change} from '../../patterns/changes.ts';
import {canBeAsked, type PatternEntryView} from '../../patterns/pattern-index.ts';
import type {PatternList} from '../../patterns/pattern-list.ts';
import {parseAddress} from '../../rules/address.ts';
import {type Command, type CommandContext, CommandError} from '../command.ts';

type Kind = 'map' | 'acl';

const NAMES: Readonly<Record<Kind, string>> = {map: 'map', acl: 'ACL'};

/** A list and its place; `filtered` leaves out those that are of the other kind only. */
function findList(
	{runtime}: CommandContext,
	kind: Kind,
	name: string,
	filtered = true,
): {readonly list: PatternList; readonly place: number} {
	const {lists} = runtime.lookups;
	const place = lists.findIndex(({declared}) =>
		name.startsWith('#') ? `#${declared.id}` === name : declared.file === name,
	);
	const list = lists[place];
	if (list === undefined || (filtered && !isOf(kind, list))) {
		throw new CommandError(`Unknown ${NAMES[kind]} identifier. Please use #<id> or <file>.`);
	}
	return {list, place};
}

function isOf(kind: Kind, {declared}: PatternList): boolean {
	return kind === 'map' ? declared.isMap : declared.isAcl;
}

/** `@<version>` before the other words. */
function readVersion(args: readonly string[]): {
	readonly version: number | undefined;
	readonly rest: readonly string[];
} {
	const [first = ''] = args;
	if (!first.startsWith('@')) return {version: undefined, rest: args};
	return {version: Number.parseInt(first.slice(1), 10) || 0, rest: args.slice(1)};
}

/** Numbers of entries differ from list to list, so that one of another list is not taken for one of this. */
function formatRef(place: number, {ref}: PatternEntryView): string {
	return `0x${(place + 1).toString(16)}${ref.toString(16).padStart(8, '0')}`;
}

/** A key, or the number of an entry behind `#`. */
function readWanted(place: number, text: string): string | number {
	const found = /^#0x([0-9a-f]+?)([0-9a-f]{8})$/.exec(text);
	if (!text.startsWith('#')) return text;
	return found !== null && Number.parseInt(found[1]!, 16) === place + 1 ? Number.parseInt(found[2]!, 16) : -1;
}

// --- Looking --------------------------------------------------------------------------------------------------------

function show(kind: Kind): Command['run'] {
	return (context, args) => {
		context.runtime.lookups.catchUp();
		const {version, rest} = readVersion(args);
		const [name] = rest;
		if (name === undefined) return listAll(context, kind);
		const {list, place} = findList(context, kind, name);
		const entries = list.entries(version) ?? [];
		return entries.map(entry => `${formatRef(place, entry)} ${entry.key}${shownValue(list, entry)}\n`).join('');
	};
}

function shownValue({declared}: PatternList, {value}: PatternEntryView): string {
	return declared.isMap ? ` ${value}` : '';
}

function listAll({runtime}: CommandContext, kind: Kind): string {
	const lines = runtime.lookups.lists
		.filter(list => isOf(kind, list))
		.sort((a, b) => a.declared.id - b.declared.id)
		.map(({declared: {id, file, description, uses}, currentVersion, nextVersion, size}) => {
			// HAProxy counts an entry once for each way of looking it up.
			const count = size * uses.length;
			const versions = `curr_ver=${currentVersion} next_ver=${nextVersion} entry_cnt=${count}`;
			return `${id} (${file ?? ''}) ${description}. ${versions}\n`;
		});
	return `# id (file) description\n${lines.join('')}`;
}

function get(kind: Kind): Command['run'] {
	return (context, [name, key]) => {
		if (name === undefined || key === undefined)
			throw new CommandError(`Missing ${NAMES[kind]} identifier and/or key.`);
		context.runtime.lookups.catchUp();
		const {list} = findList(context, kind, name);
		return list.declared.uses.map(use => `${describe(kind, list, use, key)}\n`).join('');
	};
}

function describe(kind: Kind, list: PatternList, use: PatternUse, key: string): string {
	const index = list.index(use);
	const entry = canBeAsked(use.match, key) ? index.find(key)?.entry : undefined;
	const parts = [`type=${use.match}`, `case=${use.ignoreCase ? 'insensitive' : 'sensitive'}`];
	if (entry === undefined) return [...parts, kind === 'map' ? 'found=no' : 'match=no'].join(', ');
	if (kind === 'acl') return [...parts, 'match=yes', `idx=${index.style}`, `pattern="${entry.key}"`].join(', ');
	// An ACL makes nothing of the values of a map.
	const shown = use.of === 'acl' ? ['value=none'] : [`value="${entry.value}"`, `type="${typeOf(use, entry.value)}"`];
	const value = [`key="${entry.key}"`, ...shown];
	return [...parts, 'found=yes', `idx=${index.style}`, ...value].join(', ');
}

function typeOf({output}: PatternUse, value: string): string {
	if (output === 'int') return 'sint';
	if (output === 'str') return 'str';
	return parseAddress(value)?.family === 6 ? 'ipv6' : 'ipv4';
}

// --- Changing -------------------------------------------------------------------------------------------------------

/** A version that is neither the present one nor being prepared takes no entries. */
function checkVersion(list: PatternList, version: number | undefined): void {
	if (version !== undefined && version > list.nextVersion) {
		throw new CommandError("Version number in the future, please use 'prepare map' before.");
	}
}

function checkEntry({declared}: PatternList, key: string, value: string): void {
	for (const {match, output} of declared.uses) {
		const problem = findPatternProblem(match, key) ?? (declared.isMap ? findValueProblem(output, value) : undefined);
		if (problem !== undefined) throw new CommandError(problem);
	}
}

function add(kind: Kind): Command['run'] {
	const form =
		kind === 'map'
			? "'add map' expects three parameters (map identifier, key and value) or one parameter (map identifier) and a payload"
			: "'add acl' expects two parameters: ACL identifier and pattern.";
	return (context, args, payload) => {
		const {version, rest} = readVersion(args);
		const [name, key, value] = rest;
		const takesPayload = kind === 'map' && payload !== undefined && key === undefined;
		if (name === undefined || (!takesPayload && (key === undefined || (kind === 'map' && value === undefined)))) {
			throw new CommandError(form);
		}
		const {list, place} = findList(context, kind, name, false);
		if (kind === 'acl' && list.declared.isMap) {
			throw new CommandError(
				"This ACL is shared with a map containing samples. You must use the command 'add map' to add values.",
			);
		}
		checkVersion(list, version);
		const entries = takesPayload ? readPayload(payload) : [{key: key!, value: value ?? ''}];
		for (const entry of entries) checkEntry(list, entry.key, entry.value);
		context.runtime.lookups.change(() =>
			entries.map(entry => ({kind: 'add', list: place, ...entry, ...(version === undefined ? {} : {version})})),
		);
		return '';
	};
}

/** A key and a value a line. */
function readPayload(payload: string): readonly {readonly key: string; readonly value: string}[] {
	return payload
		.split('\n')
		.filter(line => line.trim() !== '')
		.map(line => {
			const entry = splitEntry(line.trimStart());
			if (entry.value === '') throw new CommandError(`Missing value for key '${entry.key}' in payload.`);
			return entry;
		});
}

/** One change of entries that must be there; the newest state decides. */
function changeEntries(
	context: CommandContext,
	{list, place}: {readonly list: PatternList; readonly place: number},
	text: string,
	missing: string,
	make: (wanted: string | number) => Change,
): string {
	const wanted = readWanted(place, text);
	context.runtime.lookups.change(() => {
		if (list.matching(wanted).length === 0) throw new CommandError(missing);
		return [make(wanted)];
	});
	return '';
}

function remove(kind: Kind): Command['run'] {
	return (context, [name, key]) => {
		if (name === undefined || key === undefined) {
			throw new CommandError(`This command expects two parameters: ${NAMES[kind]} identifier and key.`);
		}
		const found = findList(context, kind, name);
		return changeEntries(context, found, key, 'Key not found.', wanted => ({
			kind: 'remove',
			list: found.place,
			wanted,
		}));
	};
}

function setMap(context: CommandContext, [name, key, value]: readonly string[]): string {
	if (name === undefined || key === undefined || value === undefined) {
		throw new CommandError("'set map' expects three parameters: map identifier, key and value.");
	}
	const found = findList(context, 'map', name);
	for (const {output} of found.list.declared.uses) {
		const problem = findValueProblem(output, value);
		if (problem !== undefined) throw new CommandError(problem);
	}
	const missing = key.startsWith('#') ? 'key or pattern not found.' : 'entry not found.';
	return changeEntries(context, found, key, missing, wanted => ({kind: 'set', list: found.place, wanted, value}));
}

function clear(kind: Kind): Command['run'] {
	return (context, args) => {
		const {version, rest} = readVersion(args);
		const [name] = rest;
		if (name === undefined) throw new CommandError(`Missing ${NAMES[kind]} identifier.`);
		const {list, place} = findList(context, kind, name);
		checkVersion(list, version);
		context.runtime.lookups.change(() => [{kind: 'clear', list: place, ...(version === undefined ? {} : {version})}]);
		return '';
	};
}

function prepare(kind: Kind): Command['run'] {
	return (context, [name = '']) => {
		const {list, place} = findList(context, kind, name);
		context.runtime.lookups.change(() => [{kind: 'prepare', list: place}]);
		return `New version created: ${list.nextVersion}\n`;
	};
}

function commit(kind: Kind): Command['run'] {
	return (context, args) => {
		const {version, rest} = readVersion(args);
		if (version === undefined) throw new CommandError('Missing version number.');
		const [name] = rest;
		if (name === undefined) throw new CommandError(`Missing ${NAMES[kind]} identifier.`);
		const {list, place} = findList(context, kind, name);
		context.runtime.lookups.change(() => {
			const isInRange = version > list.currentVersion && version <= list.nextVersion;
			if (!isInRange) throw new CommandError('Version number out of range.');
			return [{kind: 'commit', list: place, version}];
		});
		return '';
	};
}

// --- The table ------------------------------------------------------------------------------------------------------

function commandsOf(kind: Kind): readonly Command[] {
	const what = kind === 'map' ? 'a map' : "an ACL's patterns";
	const row = (verb: string, usage: string, help: string, run: Command['run'], level: Command['level'] = 'admin') => ({
		name: `${verb} ${kind}`,
		usage,
		help,
		level,
		run,
	});
	const key = kind === 'map' ? '<key> <value>' : '<pattern>';
	return [
		row('add', `[@<version>] <${kind}> ${key}`, `adds an entry to ${what}`, add(kind)),
		row('clear', `[@<version>] <${kind}>`, `removes all entries of ${what}`, clear(kind)),
		row('commit', `@<version> <${kind}>`, `makes a prepared version of ${what} the one that counts`, commit(kind)),
		row('del', `<${kind}> <key>|#<entry>`, `removes entries of ${what}`, remove(kind)),
		row('get', `<${kind}> <value>`, `what ${what} finds for a value`, get(kind), 'user'),
		row('prepare', `<${kind}>`, `begins a new version of ${what}`, prepare(kind)),
		row('show', `[[@<version>] <${kind}>]`, `all of this kind, or the entries of ${what}`, show(kind), 'user'),
	];
}

export const patternCommands: readonly Command[] = [
	...commandsOf('map'),
	...commandsOf('acl'),
	{
		name: 'set map',
		usage: '<map> <key>|#<entry> <value>',
		help: 'changes the value of an entry',
		level: 'admin',
		run: setMap,
	},
];
