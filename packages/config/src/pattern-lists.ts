/**
 * Finds every list of patterns that a configuration looks something up in, and reads the files of those that have one.
 *
 * Decides their numbers and descriptions, as HAProxy gives them. Works on the finished model: whatever has a sample expression or a text
 * with variables may name a map. Leaves changing lists at run time to the proxy.
 */
import type {Reporter} from './diagnostics.ts';
import type {Mutable} from './drafts.ts';
import type {ReadFile} from './line-cursor.ts';
import type {AclTest, Configuration, PatternList, PatternUse, Position, SampleExpression} from './model.ts';
import {readPatternLines} from './pattern-lines.ts';
import {findPatternProblem, findValueProblem} from './pattern-problems.ts';
import {PREDEFINED_ACLS} from './predefined-acls.ts';
import {parseFormat} from './samples/format-text.ts';
import {MAP_CONVERTERS} from './samples/map-converters.ts';

interface Mention {
	readonly position: Position;
	/** Undefined for patterns on the line of their ACL. */
	readonly file: string | undefined;
	readonly isMap: boolean;
	readonly isAcl: boolean;
	readonly use: PatternUse | undefined;
	readonly test?: AclTest;
	/** Maps that a line names come before its conditions. */
	readonly rank: number;
}

const PREDEFINED: ReadonlySet<unknown> = new Set(PREDEFINED_ACLS.values());
const FILE_ACTIONS: ReadonlySet<unknown> = new Set(['set-map', 'del-map', 'add-acl', 'del-acl']);

/** Sets `patternLists` and each test's `list`; reports files that cannot be read and lines that are no patterns. */
export function addPatternLists(
	configuration: Mutable<Configuration>,
	readFile: ReadFile | undefined,
	reporter: Reporter,
): void {
	const mentions = collectMentions(configuration);
	const files = [...new Set(mentions.map(({position}) => position.file))];
	mentions.sort(
		(a, b) =>
			files.indexOf(a.position.file) - files.indexOf(b.position.file) ||
			a.position.line - b.position.line ||
			a.rank - b.rank,
	);
	const groups = Map.groupBy(mentions, ({file, test}) => file ?? test);
	const taken = new Set(mentions.flatMap(({test, file}) => (file === undefined ? (test?.listId ?? []) : [])));
	let next = 0;
	configuration.patternLists = [...groups.values()].map((group, place) => {
		const [first] = group as [Mention];
		const wanted = first.file === undefined ? first.test?.listId : undefined;
		while (wanted === undefined && taken.has(next)) next += 1;
		const id = wanted ?? next++;
		if (first.file === undefined) (first.test as Mutable<AclTest>).list = place;
		return first.file === undefined ? ownList(id, first) : fileList(id, first.file, group, readFile, reporter);
	});
}

function ownList(id: number, {test, position}: Mention): PatternList {
	return {
		id,
		isMap: false,
		isAcl: true,
		description: `acl '${criterionOf(test!)}' file '${position.file}' line ${position.line}`,
		uses: [{match: test!.match, ignoreCase: test!.ignoreCase, output: 'str', of: 'acl'}],
		entries: test!.patterns.map(pattern => ({key: textOf(pattern), value: ''})),
	};
}

function fileList(
	id: number,
	file: string,
	group: readonly Mention[],
	readFile: ReadFile | undefined,
	reporter: Reporter,
): PatternList {
	const {position} = group[0]!;
	const isMap = group.some(mention => mention.isMap);
	const places = group.flatMap(({use, isMap: asMap, position: {file: name, line}}) =>
		use === undefined ? [] : [`${asMap ? 'map' : 'acl'} at file '${name}' line ${line}`],
	);
	const uses = group.flatMap(({use}) => (use === undefined ? [] : [use]));
	const key = (use: PatternUse) => `${use.of} ${use.match} ${use.ignoreCase} ${use.output}`;
	const text = readFile?.(file);
	const list: PatternList = {
		id,
		file,
		isMap,
		isAcl: group.some(mention => mention.isAcl),
		description: `pattern loaded from file '${file}' used by ${places.join(', by ')}`,
		uses: [...new Map(uses.map(use => [key(use), use])).values()],
		entries: readPatternLines(text ?? '', isMap),
	};
	const place = {...position, length: 1};
	if (text === undefined) reporter.error(place, `'${file}' cannot be read`, 'such as map(/etc/hapair/hosts.map)');
	else reportProblems(list, place, reporter);
	return list;
}

function reportProblems(
	{file, isMap, uses, entries}: PatternList,
	place: Parameters<Reporter['error']>[0],
	reporter: Reporter,
): void {
	for (const entry of entries) {
		for (const use of uses) {
			const problem =
				findPatternProblem(use.match, entry.key) ?? (isMap ? findValueProblem(use.output, entry.value) : undefined);
			if (problem === undefined) continue;
			reporter.error(place, `in '${file}': ${problem}`);
			return;
		}
	}
}

/** The criterion as it would be written without `-m`. */
function criterionOf({sample, match}: AclTest): string {
	return /^(?:beg|end|sub|dir|dom|reg|len)$/.test(match) ? `${sample.fetch}_${match}` : sample.fetch;
}

function textOf(pattern: AclTest['patterns'][number]): string {
	switch (pattern.kind) {
		case 'text':
			return pattern.text;
		case 'regex':
			return pattern.source;
		case 'network': {
			const {address, bits, family} = pattern.network;
			return bits === (family === 4 ? 32 : 128) ? address : `${address}/${bits}`;
		}
		case 'range':
			return rangeText(pattern.min, pattern.max);
	}
}

function rangeText(min: number, max: number): string {
	if (min === max) return String(min);
	return `${min === Number.MIN_SAFE_INTEGER ? '' : min}:${max === Number.MAX_SAFE_INTEGER ? '' : max}`;
}

// --- Looking through the model --------------------------------------------------------------------------------------

function collectMentions(configuration: Configuration): Mention[] {
	const mentions: Mention[] = [];
	const seen = new Set<unknown>();
	const visit = (value: unknown, position: Position): void => {
		if (typeof value === 'string') {
			if (value.includes('%[')) mentions.push(...mentionsOfText(value, position));
			return;
		}
		if (typeof value !== 'object' || value === null || PREDEFINED.has(value) || seen.has(value)) return;
		seen.add(value);
		const here = 'position' in value ? (value.position as Position) : position;
		if ('patterns' in value) mentions.push(...mentionsOfTest(value as AclTest, here));
		if ('converters' in value) mentions.push(...mentionsOfSample(value as SampleExpression, here));
		if ('kind' in value && FILE_ACTIONS.has(value.kind)) mentions.push(mentionOfAction(value as never, here));
		for (const member of Object.values(value)) visit(member, here);
	};
	visit([configuration.frontends, configuration.backends], {file: '', line: 0, column: 1});
	return mentions;
}

function mentionsOfTest(test: AclTest, position: Position): Mention[] {
	const isMap = test.filesAreMaps === true;
	const use: PatternUse = {match: test.match, ignoreCase: test.ignoreCase, output: 'str', of: 'acl'};
	const files = (test.files ?? []).map((file): Mention => ({position, file, isMap, isAcl: true, use, rank: 1}));
	return [...files, {position, file: undefined, isMap: false, isAcl: true, use, test, rank: 1}];
}

function mentionsOfSample({converters}: SampleExpression, position: Position): Mention[] {
	return converters.flatMap(({name, arguments: [file = '']}): Mention[] => {
		const map = MAP_CONVERTERS.get(name);
		if (map === undefined) return [];
		return [
			{
				position,
				file,
				isMap: true,
				isAcl: false,
				use: {match: map.match, ignoreCase: false, output: map.output, of: 'map'},
				rank: 0,
			},
		];
	});
}

function mentionsOfText(text: string, position: Position): Mention[] {
	const parts = parseFormat(text);
	if ('problem' in parts) return [];
	return parts.flatMap(part =>
		typeof part === 'object' && 'sample' in part ? mentionsOfSample(part.sample, position) : [],
	);
}

/** A rule that changes a file's patterns does not look anything up in it. */
function mentionOfAction({file, kind}: {file: string; kind: string}, position: Position): Mention {
	return {position, file, isMap: kind.endsWith('map'), isAcl: kind.endsWith('acl'), use: undefined, rank: 0};
}
