// Real daemons in network namespaces: root on Linux, two test files at a time, since they wait more than they work; tests of one
// file one after the other (test.serial). Run by scripts/test.ts.
export default {
	files: ['test/namespaces/**/*.test.ts'],
	extensions: ['ts'],
	timeout: '3m',
	workerThreads: false,
	concurrency: 2,
	failFast: false,
};
