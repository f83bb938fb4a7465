/**
 * The one table of keywords, and the way from the words of a line to its row.
 *
 * Decides which row a line means, and what to say when there is none: a likely word, or the sections that would take it.
 */
import type {Keyword, SectionKind} from './keyword.ts';
import {adminKeywords} from './keywords/admin.ts';
import {appSessionKeywords} from './keywords/appsession.ts';
import {balanceKeywords} from './keywords/balance.ts';
import {bindKeywords} from './keywords/bind.ts';
import {cookieKeywords} from './keywords/cookie.ts';
import {environmentKeywords} from './keywords/environment.ts';
import {errorPageKeywords, httpErrorsKeywords} from './keywords/error-pages.ts';
import {globalKeywords} from './keywords/global.ts';
import {healthCheckKeywords} from './keywords/health-checks.ts';
import {hookKeywords} from './keywords/hooks.ts';
import {httpCheckKeywords} from './keywords/http-check.ts';
import {ineffectiveKeywords} from './keywords/ineffective.ts';
import {lineRuleKeywords} from './keywords/line-rules.ts';
import {logFormatKeywords} from './keywords/log-formats.ts';
import {logKeywords} from './keywords/logs.ts';
import {optionKeywords} from './keywords/options.ts';
import {pairKeywords} from './keywords/pair.ts';
import {patternRuleKeywords} from './keywords/pattern-rules.ts';
import {persistenceKeywords} from './keywords/persistence.ts';
import {processKeywords} from './keywords/process.ts';
import {proxyKeywords} from './keywords/proxies.ts';
import {responseRuleKeywords} from './keywords/response-rules.ts';
import {retryKeywords} from './keywords/retries.ts';
import {rewritingKeywords} from './keywords/rewriting.ts';
import {ruleKeywords} from './keywords/rules.ts';
import {scheduleKeywords} from './keywords/schedules.ts';
import {serverKeywords} from './keywords/server.ts';
import {serverChoiceKeywords} from './keywords/server-choice.ts';
import {serverStateKeywords} from './keywords/server-state.ts';
import {sessionRuleKeywords} from './keywords/session-rules.ts';
import {statsKeywords} from './keywords/stats.ts';
import {stickKeywords} from './keywords/stick.ts';
import {takeoverKeywords} from './keywords/takeover.ts';
import {targetKeywords} from './keywords/targets.ts';
import {tcpRequestKeywords} from './keywords/tcp-request.ts';
import {tcpResponseKeywords} from './keywords/tcp-response.ts';
import {timeoutKeywords} from './keywords/timeouts.ts';
import {trackKeywords} from './keywords/tracks.ts';
import {unsupportedKeywords} from './keywords/unsupported.ts';
import {userlistKeywords} from './keywords/userlists.ts';
import {variableKeywords} from './keywords/variables.ts';
import {waitForBodyKeywords} from './keywords/wait-for-body.ts';
import type {Word} from './lexer.ts';
import {suggest} from './suggestions.ts';

/** Every keyword that is known, with its sections, syntax and meaning: the source of the manual's pages. */
export const KEYWORDS: readonly Keyword[] = [
	...globalKeywords,
	...environmentKeywords,
	...processKeywords,
	...serverStateKeywords,
	...statsKeywords,
	...logKeywords,
	...logFormatKeywords,
	...proxyKeywords,
	...errorPageKeywords,
	...retryKeywords,
	...balanceKeywords,
	...healthCheckKeywords,
	...httpCheckKeywords,
	...timeoutKeywords,
	...optionKeywords,
	...cookieKeywords,
	...bindKeywords,
	...serverKeywords,
	...serverChoiceKeywords,
	...persistenceKeywords,
	...targetKeywords,
	...appSessionKeywords,
	...stickKeywords,
	...tcpRequestKeywords,
	...tcpResponseKeywords,
	...ruleKeywords,
	...variableKeywords,
	...patternRuleKeywords,
	...sessionRuleKeywords,
	...waitForBodyKeywords,
	...rewritingKeywords,
	...responseRuleKeywords,
	...lineRuleKeywords,
	...userlistKeywords,
	...httpErrorsKeywords,
	...pairKeywords,
	...adminKeywords,
	...trackKeywords,
	...takeoverKeywords,
	...hookKeywords,
	...scheduleKeywords,
	...ineffectiveKeywords,
	...unsupportedKeywords,
];

/** The words that begin a section (`pair` is hapair's own). */
export const SECTION_WORDS = [
	'global',
	'defaults',
	'frontend',
	'listen',
	'backend',
	'pair',
	'userlist',
	'http-errors',
] as const;

/** Sections that HAProxy has and this version does not. */
export const LATER_SECTIONS: ReadonlySet<string> = new Set([
	'ruleset',
	'peers',
	'resolvers',
	'mailers',
	'program',
	'cache',
	'ring',
	'log-forward',
	'log-profile',
	'fcgi-app',
	'crt-store',
	'traces',
	'acme',
]);

const byName = new Map<string, Keyword[]>();
/** First words of keywords of several words: `option`, `timeout`, `http-request` … */
const families = new Map<string, Set<string>>();
for (const keyword of KEYWORDS) {
	const rows = byName.get(keyword.name);
	if (rows === undefined) byName.set(keyword.name, [keyword]);
	else rows.push(keyword);
	const [first, ...rest] = keyword.name.split(' ');
	if (rest.length > 0) {
		const members = families.get(first!) ?? new Set<string>();
		families.set(first!, members.add(rest.join(' ')));
	}
}

export interface Found {
	/** The row for this section, or the first of other sections. */
	readonly keyword: Keyword;
	/** How many words the keyword takes. */
	readonly words: number;
	/** Where it is allowed; all rows of the name together when it is not allowed here. */
	readonly sections: readonly SectionKind[];
	readonly here: boolean;
}

/** Looks up the longest keyword that the words from `at` on begin with. */
export function findKeyword(words: readonly Word[], at: number, section: SectionKind): Found | undefined {
	const first = words[at]?.text;
	if (first === undefined) return undefined;
	const longest = families.has(first) ? Math.min(3, words.length - at) : 1;
	for (let count = longest; count >= 1; count -= 1) {
		const name = count === 1 ? first : joinWords(words, at, count);
		// An action may have its argument glued to it: `set-var(txn.a)`.
		const rows = byName.get(name) ?? byName.get(name.replace(/\([^ ]*$/, ''));
		if (rows === undefined) continue;
		const here = rows.find(row => row.sections.includes(section) || row.ignoredIn?.includes(section));
		if (here !== undefined) return {keyword: here, words: count, sections: here.sections, here: true};
		return {keyword: rows[0]!, words: count, sections: rows.flatMap(row => row.sections), here: false};
	}
	return undefined;
}

function joinWords(words: readonly Word[], at: number, count: number): string {
	let name = words[at]!.text;
	for (let index = 1; index < count; index += 1) name += ` ${words[at + index]!.text}`;
	return name;
}

/** The second words that may follow `first`, in this section; undefined when it begins no family. */
export function familyMembers(first: string, section: SectionKind): readonly string[] | undefined {
	const members = families.get(first);
	if (members === undefined) return undefined;
	return [...members].filter(member =>
		byName.get(`${first} ${member}`)?.some(row => row.sections.includes(section) && row.scope !== 'unsupported'),
	);
}

const firstWords = new Map<SectionKind, Set<string>>();
for (const {name, sections} of KEYWORDS) {
	for (const section of sections) {
		const words = firstWords.get(section) ?? new Set<string>();
		firstWords.set(section, words.add(name.split(' ', 1)[0]!));
	}
}
const allFirstWords: ReadonlySet<string> = new Set([...firstWords.values()].flatMap(words => [...words]));

/** The likely keyword for a mistyped first word; a section word counts as one. */
export function suggestKeyword(word: string, section: SectionKind | undefined): string | undefined {
	const here = section === undefined ? [] : (firstWords.get(section) ?? []);
	return suggest(word, [...here, 'no', ...SECTION_WORDS]) ?? suggest(word, allFirstWords);
}

/** Words after which a file counts as written for 1.4: HAProxy ≥ 2.1 refuses them. */
export function isOnly14(name: string): boolean {
	return ONLY_14.has(name);
}

const ONLY_14: ReadonlySet<string> = new Set(KEYWORDS.filter(row => row.only14 === true).map(row => row.name));

/** First words of lines that may show that a file was written for 1.4. */
export const SIGNS_OF_14: ReadonlySet<string> = new Set([
	...[...ONLY_14].map(name => name.split(' ', 1)[0]!),
	'no',
	'default',
	'listen',
	'frontend',
]);
