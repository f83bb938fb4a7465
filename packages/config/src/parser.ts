/**
 * Files into drafts: sections, keywords, and what to do after a mistake.
 *
 * Decides how lines are read one after the other. One mistake makes one error: a line that was refused is still read for the
 * names that it declares, a mistyped section word opens the section that was meant, and a section that this version does not
 * know is passed over. It is longer than other files because the recovery of all of them hangs together. Leaves the meaning of keywords to `keywords/*`, cross-references to `validate`.
 */
import type {Place, Reporter} from './diagnostics.ts';
import {Directives} from './directives.ts';
import {
	type Budget,
	createGlobalDraft,
	createPairDraft,
	createProxyDraft,
	createSettings,
	type GlobalDraft,
	type HttpErrorsDraft,
	inheritSettings,
	type PairDraft,
	type ProxyDraft,
	type ProxyKind,
	type ProxySettings,
	type UserlistDraft,
} from './drafts.ts';
import {resolvePath} from './file-paths.ts';
import {type Keyword, notSupported, type SectionKind} from './keyword.ts';
import {
	type Found,
	familyMembers,
	findKeyword,
	LATER_SECTIONS,
	SECTION_WORDS,
	suggestKeyword,
} from './keyword-table.ts';
import {addBinds} from './keywords/bind.ts';
import {type Environment, type LexedLine, lexLine, type SyntaxMode, type Word} from './lexer.ts';
import {type Line, LineCursor, placeOfWord, type ReadFile} from './line-cursor.ts';
import {readName} from './readers.ts';
import {didYouMean, suggest} from './suggestions.ts';
import {findEvidenceOf14} from './syntax-mode.ts';
import {type Source, splitLines} from './text.ts';

export interface ParsedFiles {
	readonly syntax: SyntaxMode;
	readonly global: GlobalDraft;
	readonly proxies: readonly ProxyDraft[];
	readonly pairs: readonly PairDraft[];
	readonly userlists: readonly UserlistDraft[];
	readonly errorSections: readonly HttpErrorsDraft[];
}

type Section =
	| {readonly kind: 'none'}
	/** Refused as a whole: its lines are passed over. */
	| {readonly kind: 'skipped'}
	| {readonly kind: 'global'}
	| {readonly kind: 'proxy'; readonly draft: ProxyDraft}
	| {readonly kind: 'pair'; readonly draft: PairDraft}
	| {readonly kind: 'userlist'; readonly draft: UserlistDraft}
	| {readonly kind: 'http-errors'; readonly draft: HttpErrorsDraft};

/** Without these a section is not what its author thinks, so that HAProxy refuses them in a frontend. */
const NEVER_IGNORED: ReadonlySet<string> = new Set(['server', 'server-template', 'default-server']);

const SECTION_SET: ReadonlySet<string> = new Set([...SECTION_WORDS, ...LATER_SECTIONS]);

/** What the caller reads for the parser. */
export interface Surroundings {
	readonly environment: Environment;
	readonly readFile: ReadFile | undefined;
}

/** Reads all sources in order as one configuration. */
export function parseFiles(
	sources: readonly Source[],
	syntax: SyntaxMode | 'auto',
	surroundings: Surroundings,
	reporter: Reporter,
): ParsedFiles {
	const parser = new Parser(surroundings, reporter);
	for (const source of sources) parser.readSource(source, syntax);
	return parser.result();
}

const DIRECTIVE = /^[ \t]*\./;

class Parser {
	readonly #readFile: ReadFile | undefined;
	readonly #reporter: Reporter;
	readonly #global: GlobalDraft;
	readonly #proxies: ProxyDraft[] = [];
	readonly #pairs: PairDraft[] = [];
	readonly #userlists: UserlistDraft[] = [];
	readonly #errorSections: HttpErrorsDraft[] = [];
	#defaults: ProxySettings = createSettings();
	#section: Section = {kind: 'none'};
	#mode: SyntaxMode = 'modern';
	#used14 = false;
	readonly #budget: Budget = {binds: 0};
	/** Sections `defaults` that have a name, by it. */
	readonly #named = new Map<string, {readonly settings: ProxySettings; readonly isTwice: boolean}>();
	#outsideReported = false;

	constructor({environment, readFile}: Surroundings, reporter: Reporter) {
		this.#global = createGlobalDraft(environment);
		this.#readFile = readFile;
		this.#reporter = reporter;
	}

	result(): ParsedFiles {
		const syntax = this.#used14 ? '1.4' : 'modern';
		return {
			syntax,
			global: this.#global,
			proxies: this.#proxies,
			pairs: this.#pairs,
			userlists: this.#userlists,
			errorSections: this.#errorSections,
		};
	}

	readSource(source: Source, syntax: SyntaxMode | 'auto'): void {
		const lines = splitLines(source, this.#reporter);
		this.#mode = syntax === 'auto' ? this.#detect(source.name, lines) : syntax;
		if (this.#mode === '1.4') this.#used14 = true;
		// A file does not go on with the section of the one before; only `defaults` reach over (as in HAProxy).
		this.#section = {kind: 'none'};
		this.#outsideReported = false;
		const directives = new Directives(this.#reporter, name => this.#global.surroundings[name] !== undefined);
		for (const [index, text] of lines.entries()) {
			if (this.#reporter.full) return;
			if (DIRECTIVE.test(text)) this.#readDirective(directives, source.name, index + 1, text);
			else if (text !== '' && directives.isReading) this.#readLine(source.name, index + 1, text);
		}
		directives.finish();
	}

	#detect(file: string, lines: readonly string[]): SyntaxMode {
		const evidence = findEvidenceOf14(file, lines);
		if (evidence === undefined) return 'modern';
		const message = `'${evidence.keyword}' is of HAProxy 1.4, so this file is read as 1.4: quotes and $ are ordinary characters`;
		this.#reporter.notice(evidence.place, message, 'choose `--syntax modern` or `--syntax 1.4` to say so yourself');
		return '1.4';
	}

	#readDirective(directives: Directives, file: string, number: number, text: string): void {
		const [first, ...rest] = lexLine(text, 'modern', this.#global.surroundings).words;
		if (first === undefined) return;
		const place = {file, line: number, column: first.column, length: first.text.length};
		directives.read(first.text, rest.map(word => word.text).join(' '), place);
	}

	#readLine(file: string, number: number, text: string): void {
		const lexed = this.#lex(text);
		let refused = false;
		for (const problem of lexed.problems) {
			const place = {file, line: number, column: problem.column, length: problem.length};
			if (problem.severity === 'warning') this.#reporter.warn(place, problem.message, problem.hint);
			else this.#reporter.error(place, problem.message, problem.hint);
			refused ||= problem.severity === 'error';
		}
		const line: Line = {
			file,
			number,
			words: lexed.words,
			readFile: this.#readFile && (path => this.#readFile?.(resolvePath(path, this.#global.defaultPath, file))),
			resolve: path => resolvePath(path, this.#global.defaultPath, file),
		};
		if (line.words.length === 0) return;
		// A refused line is still read, silently, for the names that it declares.
		this.#reporter.muted = refused;
		this.#dispatch(line);
		this.#reporter.muted = false;
	}

	/** The pair section has modern quoting in every file; the line that ends it is read by the rules of the file. */
	#lex(text: string): LexedLine {
		if (this.#section.kind !== 'pair' || this.#mode === 'modern')
			return lexLine(text, this.#mode, this.#global.surroundings);
		const first = /^[ \t]*([a-z-]+)/.exec(text)?.[1];
		const mode = first !== undefined && SECTION_SET.has(first) ? this.#mode : 'modern';
		return lexLine(text, mode, this.#global.surroundings);
	}

	#dispatch(line: Line): void {
		const first = line.words[0]!;
		if (SECTION_SET.has(first.text)) this.#openSection(line, first.text);
		else if (this.#section.kind === 'none') this.#reportOutside(line, first);
		else if (this.#section.kind !== 'skipped') this.#readStatement(line);
	}

	// --- Sections ---------------------------------------------------------------------------------------------------

	#openSection(line: Line, word: string): void {
		const cursor = new LineCursor(line, this.#reporter, 1);
		switch (word) {
			case 'global':
				this.#section = {kind: 'global'};
				cursor.finish("'global' stands alone on its line");
				break;
			case 'defaults':
				this.#openDefaults(cursor);
				break;
			case 'frontend':
			case 'backend':
			case 'listen':
				this.#openProxy(cursor, word);
				break;
			case 'pair':
				this.#openPair(cursor);
				break;
			case 'userlist':
				this.#openUserlist(cursor);
				break;
			case 'http-errors':
				this.#openHttpErrors(cursor);
				break;
			default:
				cursor.error(line.words[0], notSupported(`section '${word}'`));
				this.#section = {kind: 'skipped'};
		}
	}

	#openDefaults(cursor: LineCursor): void {
		const place = cursor.startPlace();
		const name = cursor.next();
		const from = this.#readFrom(cursor);
		cursor.finish('defaults [NAME] [from DEFAULTS]');
		// A new defaults section forgets the one before (HAProxy manual, `defaults`).
		this.#defaults = from === undefined ? createSettings() : inheritSettings(from);
		if (name !== undefined) {
			this.#named.set(name.text, {settings: this.#defaults, isTwice: this.#named.has(name.text)});
		}
		const draft = createProxyDraft('defaults', name?.text ?? '', place, this.#mode, this.#defaults, this.#budget);
		this.#section = {kind: 'proxy', draft};
	}

	/** `from NAME`: the settings of a defaults section above; undefined without it. */
	#readFrom(cursor: LineCursor): ProxySettings | undefined {
		if (!cursor.accept('from')) return undefined;
		const name = cursor.require('the name of a defaults section');
		if (name === undefined) return undefined;
		const found = this.#named.get(name.text);
		if (found === undefined) {
			const hint = didYouMean(name.text, this.#named.keys()) ?? `add a section 'defaults ${name.text}' above`;
			cursor.error(name, `there is no section defaults '${name.text}' above this line`, hint);
		} else if (found.isTwice) {
			cursor.error(name, `there are several sections defaults '${name.text}'`, 'give them different names');
		}
		return found?.settings;
	}

	#openProxy(cursor: LineCursor, kind: ProxyKind): void {
		const name = readName(cursor, `the name of the ${kind}`);
		const place = name === undefined ? cursor.startPlace() : cursor.place(name);
		const settings = inheritSettings(this.#readFrom(cursor) ?? this.#defaults);
		this.#budget.unix = this.#global.unixBind;
		const draft = createProxyDraft(kind, name?.text ?? '', place, this.#mode, settings, this.#budget);
		this.#section = {kind: 'proxy', draft};
		this.#proxies.push(draft);
		const next = cursor.peek();
		if (next === undefined) return;
		if (kind === 'backend') cursor.finish("a backend has no address; 'listen' and 'frontend' have");
		else {
			cursor.next();
			addBinds(draft, cursor, next);
		}
	}

	#openPair(cursor: LineCursor): void {
		const name = readName(cursor, 'the name of the pair');
		cursor.finish('pair NAME');
		const draft = createPairDraft(name?.text ?? '', cursor.startPlace());
		this.#section = {kind: 'pair', draft};
		this.#pairs.push(draft);
	}

	#openUserlist(cursor: LineCursor): void {
		const name = readName(cursor, 'the name of the userlist');
		cursor.finish('userlist NAME');
		const draft: UserlistDraft = {name: name?.text ?? '', place: cursor.startPlace(), users: [], groups: []};
		this.#section = {kind: 'userlist', draft};
		this.#userlists.push(draft);
	}

	#openHttpErrors(cursor: LineCursor): void {
		const name = readName(cursor, 'the name of the section');
		cursor.finish('http-errors NAME');
		const draft: HttpErrorsDraft = {name: name?.text ?? '', place: cursor.startPlace(), files: []};
		this.#section = {kind: 'http-errors', draft};
		this.#errorSections.push(draft);
	}

	// --- Statements -------------------------------------------------------------------------------------------------

	#sectionKind(): SectionKind {
		const section = this.#section;
		if (section.kind === 'proxy') return section.draft.kind;
		return section.kind === 'none' || section.kind === 'skipped' ? 'global' : section.kind;
	}

	#readStatement(line: Line): void {
		const prefix = readPrefix(line);
		const at = prefix === undefined ? 0 : 1;
		const found = findKeyword(line.words, at, this.#sectionKind());
		if (found === undefined) this.#reportUnknown(line, at);
		else if (found.here) this.#run(found, line, at, prefix);
		else this.#reportMisplaced(found, line, at);
	}

	#run(found: Found, line: Line, at: number, prefix: 'no' | 'default' | undefined): void {
		const {keyword} = found;
		const kind = this.#sectionKind();
		const cursor = new LineCursor(line, this.#reporter, at + found.words);
		const place = this.#keywordPlace(line, at, found.words);
		if (prefix !== undefined && keyword.invertible !== true) {
			const message = `'${prefix}' cannot stand before '${keyword.name}'`;
			this.#reporter.error(placeOfWord(line, line.words[0]!), message, "it inverts 'option' lines and 'log'");
		} else if (!keyword.sections.includes(kind)) {
			this.#reporter.warn(place, `'${keyword.name}' has no effect in section '${kind}'`, belongsIn(keyword.sections));
		} else this.#apply(keyword, cursor, place, prefix);
	}

	#apply(keyword: Keyword, cursor: LineCursor, place: Place, prefix: 'no' | 'default' | undefined): void {
		const section = this.#section;
		const syntax = this.#mode;
		if (keyword.scope === 'ineffective') {
			this.#reporter.notice(place, `'${keyword.name}' has no effect: ${keyword.reason}`);
		} else if (keyword.scope === 'unsupported') {
			// Turned off is what this version does anyway.
			if (prefix === undefined) this.#reporter.error(place, notSupported(`'${keyword.name}'`), keyword.instead);
		} else if (keyword.scope === 'global' && section.kind === 'global') {
			keyword.read({draft: this.#global, cursor, prefix, syntax});
		} else if (keyword.scope === 'proxy' && section.kind === 'proxy') {
			keyword.read({draft: section.draft, cursor, prefix, syntax});
		} else if (keyword.scope === 'pair' && section.kind === 'pair') {
			keyword.read({draft: section.draft, cursor, prefix, syntax: 'modern'});
		} else if (keyword.scope === 'userlist' && section.kind === 'userlist') {
			keyword.read({draft: section.draft, cursor, prefix, syntax});
		} else if (keyword.scope === 'http-errors' && section.kind === 'http-errors') {
			keyword.read({draft: section.draft, cursor, prefix, syntax});
		}
	}

	#keywordPlace(line: Line, at: number, words: number): Place {
		const start = line.words[at]!;
		const end = line.words[at + words - 1]!;
		return {...placeOfWord(line, start), length: end.column + end.length - start.column};
	}

	// --- Mistakes ---------------------------------------------------------------------------------------------------

	#reportOutside(line: Line, first: Word): void {
		const near = suggestKeyword(first.text, undefined);
		if (near !== undefined && isSectionWord(near)) {
			this.#reportSectionTypo(line, first, near);
			return;
		}
		if (this.#outsideReported) return;
		this.#outsideReported = true;
		const message = `'${first.text}' stands outside of any section`;
		this.#reporter.error(placeOfWord(line, first), message, `a file begins with ${SECTION_WORDS.join(', ')}`);
	}

	#reportUnknown(line: Line, at: number): void {
		const word = line.words[at];
		const kind = this.#sectionKind();
		if (word === undefined) {
			const first = line.words[0]!;
			this.#reporter.error(
				placeOfWord(line, first),
				`'${first.text}' needs a keyword after it`,
				'such as no option redispatch',
			);
			return;
		}
		const members = familyMembers(word.text, kind);
		if (members !== undefined) {
			this.#reportUnknownMember(line, at, members);
			return;
		}
		const near = suggestKeyword(word.text, kind);
		if (near !== undefined && isSectionWord(near) && at === 0) this.#reportSectionTypo(line, word, near);
		else {
			const message = `unknown keyword '${word.text}' in section '${kind}'`;
			const hint = near === undefined ? undefined : `did you mean '${near}'?`;
			this.#reporter.error(placeOfWord(line, word), message, hint);
			if (near !== undefined) this.#readAsMeant(line, at, near);
		}
	}

	/** What a mistyped line would have declared counts as declared: its absence is no second mistake. */
	#readAsMeant(line: Line, at: number, meant: string): void {
		const before = this.#reporter.muted;
		this.#reporter.muted = true;
		const words = line.words.with(at, {...line.words[at]!, text: meant});
		if (findKeyword(words, at === 1 && readPrefix(line) !== undefined ? 1 : 0, this.#sectionKind()) !== undefined) {
			this.#readStatement({...line, words});
		}
		this.#reporter.muted = before;
	}

	/** The section that was meant is opened, so that its lines are not judged as part of the one before. */
	#reportSectionTypo(line: Line, first: Word, near: string): void {
		this.#reporter.error(placeOfWord(line, first), `unknown section '${first.text}'`, `did you mean '${near}'?`);
		this.#openSection(line, near);
	}

	#reportUnknownMember(line: Line, at: number, members: readonly string[]): void {
		const first = line.words[at]!;
		const second = line.words[at + 1];
		const list = members.length === 0 ? undefined : `one of ${members.join(', ')}`;
		if (second === undefined) {
			this.#reporter.error(placeOfWord(line, first), `'${first.text}' is not complete`, list);
			return;
		}
		const message = `unknown '${first.text} ${second.text}' in section '${this.#sectionKind()}'`;
		const near = suggest(second.text, members);
		const short = members.length > 12 ? undefined : list;
		this.#reporter.error(placeOfWord(line, second), message, near === undefined ? short : `did you mean '${near}'?`);
		// Some members have two words (`capture request header`): those are not read as meant.
		if (near !== undefined && !near.includes(' ')) this.#readAsMeant(line, at + 1, near);
	}

	/** HAProxy warns where a keyword of the other half of a proxy stands, and goes on without it; so do we. */
	#reportMisplaced(found: Found, line: Line, at: number): void {
		const {keyword, words, sections} = found;
		const kind = this.#sectionKind();
		const place = this.#keywordPlace(line, at, words);
		const half = kind === 'frontend' || kind === 'backend';
		if (half && sections.includes('listen') && !NEVER_IGNORED.has(keyword.name)) {
			this.#reporter.warn(place, `'${keyword.name}' has no effect in section '${kind}'`, belongsIn(sections));
		} else {
			const message = `'${keyword.name}' is not allowed in section '${kind}'`;
			this.#reporter.error(place, message, belongsIn(sections));
		}
	}
}

function readPrefix(line: Line): 'no' | 'default' | undefined {
	const first = line.words[0]!.text;
	return first === 'no' || first === 'default' ? first : undefined;
}

function isSectionWord(word: string): boolean {
	return (SECTION_WORDS as readonly string[]).includes(word);
}

function belongsIn(sections: readonly SectionKind[]): string {
	const names = [...new Set(sections)].map(section => `'${section}'`);
	return `it belongs in ${names.length > 1 ? `${names.slice(0, -1).join(', ')} or ` : ''}${names.at(-1)}`;
}
