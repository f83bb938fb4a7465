/**
 * Reads AVA's TAP output line by line into results.
 *
 * Pure. Decides what counts as passed, failed and skipped: a `TODO` and a `SKIP` are skipped, whatever stands before
 * them. Leaves running and printing to `test.ts`.
 */

export interface TapResult {
	readonly kind: 'passed' | 'failed' | 'skipped';
	readonly title: string;
	/** Comments and details that follow the line: figures, differences, stacks. */
	readonly details: string[];
}

const resultPattern = /^(not )?ok \d+(?: - (.*?))?(?: # (SKIP|TODO)\b.*)?$/;

export class TapReader {
	readonly results: TapResult[] = [];
	/** Set by the plan line at the end: without it the run broke off. */
	complete = false;

	/** Takes one line without its line feed; returns the result when the line begins one. */
	readLine(line: string): TapResult | undefined {
		if (/^1\.\.\d+$/.test(line)) {
			this.complete = true;
			return undefined;
		}

		const match = resultPattern.exec(line);
		if (match === null) {
			this.#readDetail(line);
			return undefined;
		}

		const [, failed, title = '', directive] = match;
		const kind = directive === undefined ? (failed === undefined ? 'passed' : 'failed') : 'skipped';
		const result: TapResult = {kind, title, details: []};
		this.results.push(result);
		return result;
	}

	count(kind: TapResult['kind']): number {
		return this.results.filter(result => result.kind === kind).length;
	}

	#readDetail(line: string): void {
		// After the plan line only totals follow; before it, comments are a test's own log.
		if (this.complete || line === '' || line.startsWith('TAP version') || /^ {2}(---|\.\.\.)$/.test(line)) return;
		this.results.at(-1)?.details.push(line.replace(/^(# {3}| {4})/, ''));
	}
}
