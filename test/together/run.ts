/**
 * Runs a group of test files in this one process. Each declares its tests through `prefixed-ava.ts`, and all do so before the first one runs, as AVA
 * asks.
 *
 * Decides nothing about which: `find.ts` does.
 */
import {createRequire, registerHooks} from 'node:module';
import {join} from 'node:path';
import {filesOf, type groups} from './find.ts';
import {declareFor} from './prefixed-ava.ts';

const root = join(import.meta.dirname, '../..');
const ours = new URL('prefixed-ava.ts', import.meta.url).href;

export function runTogether(group: keyof typeof groups): void {
	registerHooks({
		resolve: (specifier, context, next) =>
			specifier === 'ava' && context.parentURL !== ours ? {url: ours, shortCircuit: true} : next(specifier, context),
	});
	const load = createRequire(import.meta.url);
	for (const path of filesOf(root, group)) {
		declareFor(path);
		load(join(root, path));
	}
}
