/**
 * Metrics that are read when they are asked for, over prom-client's registry and text format.
 *
 * Decides that nothing is kept here: the sums are kept where they are counted, in the proxy's shared table and in the daemon. Leaves which metrics there are to the files beside it.
 */
import {Counter, Gauge, Histogram, Registry} from 'prom-client';

export type Labels = Readonly<Record<string, string>>;

export interface Value {
	readonly value: number;
	readonly labels: Record<string, string>;
	/** Labels of many values, written out once. */
	readonly sharedLabels?: Labels;
	readonly metricName?: string;
}

export type Read<Source> = (source: Source) => readonly Value[];

/** A value, or none where it is not known. */
export function value(number: number | boolean | undefined, labels: Labels = {}, sharedLabels?: Labels): Value[] {
	if (number === undefined) return [];
	return [{value: Number(number), labels, ...(sharedLabels === undefined ? {} : {sharedLabels})}];
}

/** One for each of `all`: 1 for the one that is the case. */
export function oneOf(all: readonly string[], is: string | undefined, label: string, labels: Labels = {}): Value[] {
	return all.flatMap(word => value(word === is, {...labels, [label]: word}));
}

export class Book<Source> {
	readonly #registry = new Registry();
	#source: Source | undefined;

	gauge(name: string, help: string, read: Read<Source>): void {
		const values = (): Value[] => this.#read(read);
		new (class extends Gauge<string> {
			override async get() {
				return {...(await super.get()), values: values()};
			}
		})({name, help, registers: [this.#registry]});
	}

	counter(name: string, help: string, read: Read<Source>): void {
		const values = (): Value[] => this.#read(read);
		new (class extends Counter<string> {
			override async get() {
				return {...(await super.get()), values: values()};
			}
		})({name, help, registers: [this.#registry]});
	}

	histogram(name: string, help: string, read: Read<Source>): void {
		const values = (): Value[] => this.#read(read);
		new (class extends Histogram<string> {
			/** What the registry asks for its text. */
			async getForPromString() {
				return {name, help, type: 'histogram', values: values()};
			}
		})({name, help, registers: [this.#registry]});
	}

	/** The text of all of them. One at a time: `source` is what they read. */
	async write(source: Source): Promise<string> {
		this.#source = source;
		try {
			return await this.#registry.metrics();
		} finally {
			this.#source = undefined;
		}
	}

	#read(read: Read<Source>): Value[] {
		return this.#source === undefined ? [] : [...read(this.#source)];
	}
}
