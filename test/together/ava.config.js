// The unit tests of a whole run: files that do not mind share a process, see find.ts. `ava` without it takes each alone.
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import unit from '../../ava.config.js';
import {filesOf, groups} from './find.ts';

const root = join(import.meta.dirname, '../..');
const names = /** @type {(keyof typeof groups)[]} */ (Object.keys(groups));
for (const name of names)
	if (!existsSync(join(root, `test/together/${name}.test.ts`))) throw new Error(`Nothing runs the group ${name}`);
/** What takes longest begins first, so that nothing is left for one processor alone at the end. */
const longest = ['compat/scenarios', 'simulation', 'together/proxy', 'together/', 'standalone/program', 'test/compat/'];

/** @param {string} path */
function placeOf(path) {
	const index = longest.findIndex(part => path.includes(part));
	return index < 0 ? longest.length : index;
}

export default {
	...unit,
	files: [
		...unit.files,
		...names.map(name => `test/together/${name}.test.ts`),
		...names.flatMap(name => filesOf(root, name)).map(path => `!${path}`),
	],
	/** @type {(one: string, other: string) => number} */
	sortTestFiles: (one, other) => placeOf(one) - placeOf(other) || (one < other ? -1 : 1),
};
