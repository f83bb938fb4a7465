/**
 * The figures that are kept: `docs/acceptance.json`, and the part of `docs/acceptance.md` that is written from it.
 *
 * Decides that a figure is on the disk as soon as it is measured, and that it replaces the one of the same event and program. What was
 * measured on other ground (another machine, KVM instead of emulation) does not belong in the same table and goes.
 */
import {existsSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {events} from './events.ts';
import type {FirstMinutes} from './hapair.ts';
import type {Measured} from './measure.ts';
import {type Memory, type Report, writePart} from './report.ts';

/** Where figures are kept; without it they are in memory only. */
export interface Shelf {
	/** JSON. */
	readonly figures: string;
	/** Markdown with a measured part. */
	readonly page: string;
}

export class Results {
	readonly #shelf: Shelf | undefined;
	#report: Report;

	/** Begins with what is on the shelf, when that was measured on the same ground. */
	constructor(ground: string, intervalMs: number, shelf?: Shelf) {
		this.#shelf = shelf;
		this.#report = {ground, intervalMs, firstMinutes: undefined, memory: [], measured: []};
		if (shelf === undefined || !existsSync(shelf.figures)) return;
		const kept = JSON.parse(readFileSync(shelf.figures, 'utf8')) as Report;
		if (kept.ground === ground && kept.intervalMs === intervalMs) this.#report = kept;
	}

	get report(): Report {
		return this.#report;
	}

	setFirstMinutes(firstMinutes: FirstMinutes): void {
		this.#replace({firstMinutes: {...firstMinutes, date: today()}});
	}

	setMemory(memory: readonly Memory[]): void {
		this.#replace({memory});
	}

	/** In the order of the events, hapair first. */
	add(result: Measured): void {
		const others = this.#report.measured.filter(
			({event, program}) => event !== result.event || program !== result.program,
		);
		const place = ({event, program}: Measured) =>
			events.findIndex(({name}) => name === event) * 2 + (program === 'hapair' ? 0 : 1);
		const measured = [...others, {...result, date: today()}].sort((a, b) => place(a) - place(b));
		this.#replace({measured});
	}

	#replace(part: Partial<Report>): void {
		this.#report = {...this.#report, ...part};
		if (this.#shelf === undefined) return;
		const {figures, page} = this.#shelf;
		write(figures, `${JSON.stringify(this.#report, undefined, '\t')}\n`);
		write(page, writePart(readFileSync(page, 'utf8'), this.#report));
	}
}

/** Whole or not at all. */
function write(file: string, text: string): void {
	writeFileSync(`${file}.part`, text);
	renameSync(`${file}.part`, file);
}

function today(): string {
	return new Date().toISOString().slice(0, 10);
}
