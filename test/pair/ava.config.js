// Real daemons in network namespaces: root on Linux, two test files at a time, since they wait more than they work; tests of one
// file one after the other (test.serial). Run by scripts/test.ts.

/** What takes longest begins first, so that no long file is left alone at the end. */
const longest = ['dashboard', 'doctor', 'drill', 'second-chance', 'hooks', 'killed-process', 'heartbeat-life', 'drops'];

/** @param {string} path */
function placeOf(path) {
	const index = longest.findIndex(name => path.endsWith(`/${name}.test.ts`));
	return index < 0 ? longest.length : index;
}

export default {
	files: ['test/pair/**/*.test.ts'],
	extensions: ['ts'],
	timeout: '3m',
	workerThreads: false,
	concurrency: 2,
	failFast: false,
	/** @type {(one: string, other: string) => number} */
	sortTestFiles: (one, other) => placeOf(one) - placeOf(other) || (one < other ? -1 : 1),
};
