/**
 * The whole way from texts to a frozen configuration, or to the reasons why there is none.
 *
 * Decides the order of the steps: read, validate, build. Leaves files and the environment to the caller.
 */
import {buildConfiguration} from './build.ts';
import {type Diagnostic, Reporter} from './diagnostics.ts';
import type {ProxyDraft} from './drafts.ts';
import {resolvePath} from './file-paths.ts';
import {deepFreeze} from './freeze.ts';
import {serverOfTarget} from './keywords/targets.ts';
import type {Environment, SyntaxMode} from './lexer.ts';
import type {ReadFile} from './line-cursor.ts';
import type {Configuration} from './model.ts';
import {type ParsedFiles, parseFiles} from './parser.ts';
import {addPatternLists} from './pattern-lists.ts';
import type {Source} from './text.ts';
import {validate} from './validate.ts';

export interface ParseOptions {
	/** `auto` (the default) reads a file with 1.4 lexing when it uses a keyword that only 1.4 had. */
	readonly syntax?: SyntaxMode | 'auto';
	/** What `"${NAME}"` stands for. */
	readonly environment: Environment;
	/** The text of a file of patterns, undefined when it cannot be read. Without it no file can be named. */
	readonly readFile?: ReadFile;
}

export interface ParseResult {
	/** Absent if and only if there is an error. Frozen. */
	readonly configuration?: Configuration;
	/** In the order of files, lines and columns. */
	readonly diagnostics: readonly Diagnostic[];
}

/** Reads `sources` in order as one configuration. Never throws on any text. */
export function parseConfiguration(sources: readonly Source[], options: ParseOptions): ParseResult {
	const reporter = new Reporter();
	const parsed = parseFiles(
		sources,
		options.syntax ?? 'auto',
		{environment: options.environment, readFile: options.readFile},
		reporter,
	);
	for (const draft of parsed.proxies) addTarget(draft);
	if (!reporter.full) validate(parsed, reporter);
	const isRefused = () => reporter.diagnostics.some(({severity}) => severity === 'error');
	const configuration = isRefused() ? undefined : buildConfiguration(parsed, namesSocketCount(sources, options));
	if (configuration !== undefined) addPatternLists(configuration, readFileOf(parsed, sources, options), reporter);
	refuseWarnings(parsed, reporter);
	const diagnostics = deepFreeze(inOrder(reporter.diagnostics, sources));
	return isRefused() || configuration === undefined
		? {diagnostics}
		: {configuration: deepFreeze(configuration), diagnostics};
}

/** Patterns are read once all is known: their names count from the first file's `default-path`. */
function readFileOf({global}: ParsedFiles, sources: readonly Source[], {readFile}: ParseOptions): ReadFile | undefined {
	const {defaultPath} = global;
	if (readFile === undefined || defaultPath === undefined) return readFile;
	return path => readFile(resolvePath(path, defaultPath, sources[0]?.name ?? ''));
}

/** `zero-warning` */
function refuseWarnings({global}: ParsedFiles, reporter: Reporter): void {
	const count = reporter.diagnostics.filter(({severity}) => severity === 'warning').length;
	if (global.zeroWarning === undefined || count === 0) return;
	const message = `'zero-warning' refuses a configuration with ${count === 1 ? 'a warning' : `${count} warnings`}`;
	reporter.error(global.zeroWarning, message, 'see the warnings');
}

/** The word in a comment counts too: that costs a little time and no truth. */
function namesSocketCount(sources: readonly Source[], {environment}: ParseOptions): boolean {
	const texts = [...sources.map(({text}) => text), ...Object.values(environment)];
	return texts.some(text => text !== undefined && /\bdst_conn\b/.test(text));
}

/** `option http_proxy` and `option transparent` stand for a server. */
function addTarget(draft: ProxyDraft): void {
	const server = draft.kind === 'frontend' ? undefined : serverOfTarget(draft);
	if (server !== undefined) draft.servers.push(server);
}

function inOrder(diagnostics: readonly Diagnostic[], sources: readonly Source[]): readonly Diagnostic[] {
	const order = new Map<string, number>();
	for (const [index, source] of sources.entries()) if (!order.has(source.name)) order.set(source.name, index);
	return diagnostics.toSorted(
		(a, b) => order.get(a.file)! - order.get(b.file)! || a.line - b.line || a.column - b.column,
	);
}
