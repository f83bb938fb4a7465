/**
 * The difference of two texts in unified form (diff -u). Pure.
 *
 * Decides the shortest edit (Myers 1986) up to a limit of work; texts that differ more are shown as one block out and one in.
 */

/** Changed lines up to which the shortest edit is looked for: memory grows with its square. */
const mostEdits = 1000;
const contextLines = 3;

interface Edit {
	readonly kind: ' ' | '-' | '+';
	readonly line: string;
}

/** Lines without their ends, without a head; empty when the texts are the same. */
export function diffTexts(before: string, after: string): string[] {
	if (before === after) return [];
	return formatHunks(findEdits(splitLines(before), splitLines(after)));
}

/** A last line that does not end differs from one that does. */
function splitLines(text: string): string[] {
	if (text === '') return [];
	const lines = text.split('\n');
	const last = lines.pop() ?? '';
	return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

/** Exported for its test: the edits lead from one list of lines to the other. */
export function findEdits(before: readonly string[], after: readonly string[]): Edit[] {
	let start = 0;
	while (start < before.length && start < after.length && before[start] === after[start]) start++;
	let tail = 0;
	const room = Math.min(before.length, after.length) - start;
	while (tail < room && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
	const [from, to] = [before.slice(start, before.length - tail), after.slice(start, after.length - tail)];
	const same = (lines: readonly string[]): Edit[] => lines.map(line => ({kind: ' ', line}));
	return [...same(before.slice(0, start)), ...editMiddle(from, to), ...same(before.slice(before.length - tail))];
}

function editMiddle(from: readonly string[], to: readonly string[]): Edit[] {
	const trace = searchShortest(from, to);
	if (trace !== undefined) return walkBack(trace, from, to);
	return [...from.map(line => ({kind: '-', line}) as const), ...to.map(line => ({kind: '+', line}) as const)];
}

/** For each number of edits, how far each diagonal got before it; `undefined` over the limit. */
function searchShortest(from: readonly string[], to: readonly string[]): Int32Array[] | undefined {
	const most = Math.min(from.length + to.length, mostEdits);
	const reach = new Int32Array(2 * most + 3);
	const trace: Int32Array[] = [];
	for (let edits = 0; edits <= most; edits++) {
		trace.push(reach.slice(most - edits, most + edits + 3));
		for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
			const at = most + 1 + diagonal;
			const [left = 0, right = 0] = [reach[at - 1], reach[at + 1]];
			const isDown = diagonal === -edits || (diagonal !== edits && left < right);
			let x = isDown ? right : left + 1;
			while (x < from.length && x - diagonal < to.length && from[x] === to[x - diagonal]) x++;
			reach[at] = x;
			if (x >= from.length && x - diagonal >= to.length) return trace;
		}
	}
	return undefined;
}

function walkBack(trace: readonly Int32Array[], from: readonly string[], to: readonly string[]): Edit[] {
	const edits: Edit[] = [];
	let [x, y] = [from.length, to.length];
	for (let count = trace.length - 1; count >= 0; count--) {
		const reach = trace[count] ?? new Int32Array(0);
		const diagonal = x - y;
		// This slice begins at the diagonal -count - 1.
		const at = (k: number): number => reach[k + count + 1] ?? 0;
		const isDown = diagonal === -count || (diagonal !== count && at(diagonal - 1) < at(diagonal + 1));
		const previous = isDown ? diagonal + 1 : diagonal - 1;
		const beforeX = count === 0 ? 0 : at(previous);
		const beforeY = count === 0 ? 0 : beforeX - previous;
		while (x > beforeX && y > beforeY) {
			x--;
			y--;
			edits.push({kind: ' ', line: from[x] ?? ''});
		}
		if (count === 0) break;
		if (isDown) edits.push({kind: '+', line: to[--y] ?? ''});
		else edits.push({kind: '-', line: from[--x] ?? ''});
	}
	return edits.reverse();
}

function formatHunks(edits: readonly Edit[]): string[] {
	const lines: string[] = [];
	let [oldLine, newLine] = [1, 1];
	for (let at = 0; at < edits.length; ) {
		const first = edits.findIndex(({kind}, index) => index >= at && kind !== ' ');
		if (first < 0) break;
		const begin = Math.max(at, first - contextLines);
		oldLine += begin - at;
		newLine += begin - at;
		const end = findHunkEnd(edits, first);
		const hunk = edits.slice(begin, end);
		const count = (kinds: string): number => hunk.filter(({kind}) => kinds.includes(kind)).length;
		const [removed, added] = [count(' -'), count(' +')];
		lines.push(`@@ -${formatRange(oldLine, removed)} +${formatRange(newLine, added)} @@`);
		lines.push(...hunk.flatMap(({kind, line}) => `${kind}${line}`.split('\n')));
		oldLine += removed;
		newLine += added;
		at = end;
	}
	return lines;
}

/** Behind the context that follows the last of the changes which stand near each other. */
function findHunkEnd(edits: readonly Edit[], first: number): number {
	let last = first;
	for (let at = first; at < edits.length && at - last <= 2 * contextLines + 1; at++) {
		if (edits[at]?.kind !== ' ') last = at;
	}
	return Math.min(edits.length, last + 1 + contextLines);
}

function formatRange(line: number, count: number): string {
	if (count === 1) return String(line);
	return `${count === 0 ? line - 1 : line},${count}`;
}
