/** What happens next: a binary heap by time, then by order of entry, so that a schedule never depends on anything else. */
export interface Entry {
	readonly atMs: number;
	readonly order: number;
	readonly run: () => void;
}

export class Agenda {
	readonly #heap: Entry[] = [];
	#entered = 0;

	add(atMs: number, run: () => void): void {
		const heap = this.#heap;
		this.#entered += 1;
		const entry = {atMs, order: this.#entered, run};
		let index = heap.length;
		heap.push(entry);
		while (index > 0) {
			const parent = (index - 1) >> 1;
			if (!isBefore(entry, heap[parent]!)) break;
			heap[index] = heap[parent]!;
			index = parent;
		}
		heap[index] = entry;
	}

	take(): Entry | undefined {
		const heap = this.#heap;
		const first = heap[0];
		const last = heap.pop();
		if (first === undefined || last === undefined || heap.length === 0) return first;
		let index = 0;
		for (;;) {
			let child = 2 * index + 1;
			if (child >= heap.length) break;
			if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
			if (!isBefore(heap[child]!, last)) break;
			heap[index] = heap[child]!;
			index = child;
		}
		heap[index] = last;
		return first;
	}
}

function isBefore(a: Entry, b: Entry): boolean {
	return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
