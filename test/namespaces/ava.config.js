// Real daemons in network namespaces: root on Linux, one test file at a time. Run by scripts/test.ts.
export default {
	files: ['test/namespaces/**/*.test.ts'],
	extensions: ['ts'],
	timeout: '3m',
	workerThreads: false,
	concurrency: 1,
	serial: true,
	failFast: false,
};
