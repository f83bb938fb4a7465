/**
 * Conditions on the program that reads a file: `.if`, `.elif` and `-cc` (HAProxy manual, "Conditional blocks").
 *
 * Decides their grammar and what is true of this program: it takes the place of HAProxy 2.6, with threads and expressions as PCRE reads
 * them. Leaves blocks to `directives.ts`.
 */

/** Whose configuration language this is. */
const VERSION = '2.6';
/** Features of a build that are there in effect; all others, TLS and Lua among them, are not. */
const FEATURES: ReadonlySet<string> = new Set([
	'THREAD',
	'EPOLL',
	'PCRE',
	'PCRE2',
	'PCRE_JIT',
	'PCRE2_JIT',
	'LINUX_TPROXY',
	'TPROXY',
	'CRYPT_H',
	'LIBCRYPT',
	'GETADDRINFO',
	'ACCEPT4',
	'POLL',
	'BACKTRACE',
	'DL',
	'RT',
]);
/** Names that are reachable by `defined`, beside the environment. */
const MOST_DEPTH = 50;

/** True or false, or why the text cannot be read. */
export type Verdict = boolean | {readonly problem: string};

class Unreadable extends Error {}

/** `isDefined` knows the environment. An empty text is false. */
export function judgePredicate(text: string, isDefined: (name: string) => boolean): Verdict {
	const reader = new Reader(text, isDefined);
	try {
		return reader.readAll();
	} catch (error) {
		if (error instanceof Unreadable) return {problem: error.message};
		throw error;
	}
}

class Reader {
	readonly #text: string;
	readonly #isDefined: (name: string) => boolean;
	#at = 0;
	#depth = 0;

	constructor(text: string, isDefined: (name: string) => boolean) {
		this.#text = text;
		this.#isDefined = isDefined;
	}

	readAll(): boolean {
		this.#skipBlanks();
		if (this.#at === this.#text.length) return false;
		const value = this.#readOr();
		this.#skipBlanks();
		if (this.#at < this.#text.length) this.#fail();
		return value;
	}

	#readOr(): boolean {
		let value = this.#readAnd();
		while (this.#accept('||')) value = this.#readAnd() || value;
		return value;
	}

	#readAnd(): boolean {
		let value = this.#readTerm();
		while (this.#accept('&&')) value = this.#readTerm() && value;
		return value;
	}

	#readTerm(): boolean {
		if (++this.#depth > MOST_DEPTH) this.#fail();
		try {
			if (this.#accept('!')) return !this.#readTerm();
			if (this.#accept('(')) {
				const value = this.#readOr();
				if (!this.#accept(')')) this.#fail();
				return value;
			}
			return this.#readPredicate();
		} finally {
			this.#depth--;
		}
	}

	#readPredicate(): boolean {
		this.#skipBlanks();
		const number = /^-?\d+/.exec(this.#text.slice(this.#at))?.[0];
		if (number !== undefined) {
			this.#at += number.length;
			return Number(number) !== 0;
		}
		const found = /^([a-z_]+)\(([^()]*)\)/.exec(this.#text.slice(this.#at));
		if (found === null) return this.#fail();
		this.#at += found[0].length;
		const [first = '', second = ''] = found[2]!.split(',').map(argument => argument.trim());
		return this.#judge(found[1]!, first, second);
	}

	#judge(name: string, first: string, second: string): boolean {
		switch (name) {
			case 'defined':
				return this.#isDefined(first);
			case 'feature':
				return FEATURES.has(first);
			case 'streq':
				return first === second;
			case 'strneq':
				return first !== second;
			case 'strstr':
				return first.includes(second);
			case 'version_atleast':
				return compareVersions(VERSION, first) >= 0;
			case 'version_before':
				return compareVersions(VERSION, first) < 0;
			case 'enabled':
			case 'openssl_version_atleast':
			case 'openssl_version_before':
			case 'ssllib_name_startswith':
				return false;
			default:
				throw new Unreadable(`'${name}' is no predicate`);
		}
	}

	#accept(word: string): boolean {
		this.#skipBlanks();
		if (!this.#text.startsWith(word, this.#at)) return false;
		this.#at += word.length;
		return true;
	}

	#skipBlanks(): void {
		while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at++;
	}

	#fail(): never {
		throw new Unreadable(`'${this.#text.slice(this.#at) || this.#text}' cannot be read as a condition`);
	}
}

/** `2.5-dev5` comes before `2.5`. */
function compareVersions(a: string, b: string): number {
	const parts = (version: string) => {
		const [numbers = '', suffix = ''] = version.split('-');
		const dev = /^dev(\d+)/.exec(suffix)?.[1];
		const [major = 0, minor = 0, patch = 0] = numbers.split('.').map(Number);
		return [major, minor, patch, dev === undefined ? 1e6 : Number(dev)];
	};
	const [one, other] = [parts(a), parts(b)];
	for (const [index, value] of one.entries()) if (value !== other[index]) return value - other[index]!;
	return 0;
}
