/**
 * Lines that begin with a dot: blocks that are read or not, and messages (HAProxy manual, "Conditional blocks", `.notice`).
 *
 * Decides which lines count. Leaves conditions to `predicates.ts`. A block ends in the file in which it began.
 */
import type {Place, Reporter} from './diagnostics.ts';
import {judgePredicate} from './predicates.ts';

interface Block {
	readonly place: Place;
	/** Lines around it count. */
	readonly isOuterRead: boolean;
	/** One of its branches was read, or is. */
	hadTrue: boolean;
	/** Lines of the present branch count. */
	isRead: boolean;
	hadElse: boolean;
}

const MESSAGES = ['.diag', '.notice', '.warning', '.alert'];
const FORM = 'one of .if CONDITION, .elif CONDITION, .else, .endif, .notice TEXT, .warning TEXT, .alert TEXT';
/** As in HAProxy. */
const MOST_DEPTH = 16;

export class Directives {
	readonly #reporter: Reporter;
	readonly #isDefined: (name: string) => boolean;
	readonly #blocks: Block[] = [];

	constructor(reporter: Reporter, isDefined: (name: string) => boolean) {
		this.#reporter = reporter;
		this.#isDefined = isDefined;
	}

	/** Do ordinary lines count here? */
	get isReading(): boolean {
		return this.#blocks.at(-1)?.isRead ?? true;
	}

	/** A line whose first word begins with a dot; `rest` are its other words. */
	read(word: string, rest: string, place: Place): void {
		const block = this.#blocks.at(-1);
		if (word === '.if') {
			if (this.#blocks.length >= MOST_DEPTH)
				this.#reporter.error(place, `more than ${MOST_DEPTH} blocks in each other`, 'take some out');
			const isOuterRead = this.isReading;
			const isRead = isOuterRead && this.#judge(rest, place);
			this.#blocks.push({place, isOuterRead, hadTrue: isRead, isRead, hadElse: false});
		} else if (word === '.elif' || word === '.else') {
			if (block === undefined || block.hadElse) {
				this.#reporter.error(place, `'${word}' without an '.if' before it`, FORM);
				return;
			}
			block.hadElse = word === '.else';
			const mayBe = block.isOuterRead && !block.hadTrue;
			block.isRead = mayBe && (word === '.else' || this.#judge(rest, place));
			block.hadTrue ||= block.isRead;
		} else if (word === '.endif') {
			if (this.#blocks.pop() === undefined) this.#reporter.error(place, "'.endif' without an '.if' before it", FORM);
		} else if (!MESSAGES.includes(word)) {
			if (this.isReading) this.#reporter.error(place, `'${word}' is no directive`, FORM);
		} else if (this.isReading) {
			this.#say(word, rest, place);
		}
	}

	/** The file ends. */
	finish(): void {
		for (const {place} of this.#blocks)
			this.#reporter.error(place, "this '.if' has no '.endif' in its file", 'write .endif behind the block');
		this.#blocks.length = 0;
	}

	#judge(text: string, place: Place): boolean {
		const verdict = judgePredicate(text, this.#isDefined);
		if (typeof verdict === 'boolean') return verdict;
		this.#reporter.error(
			place,
			verdict.problem,
			'such as feature(THREAD), version_atleast(2.4), defined(NAME), streq(A,B)',
		);
		return false;
	}

	#say(word: string, text: string, place: Place): void {
		if (word === '.notice') this.#reporter.notice(place, text);
		else if (word === '.warning') this.#reporter.warn(place, text);
		else if (word === '.alert') this.#reporter.error(place, text);
	}
}
