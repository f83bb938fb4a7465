// Unit tests: fast, no root, no real clock deciding anything. test/pair has its own list (scripts/test.ts).
export default {
	files: [
		'packages/*/test/**/*.test.ts',
		'test/architecture/**/*.test.ts',
		'test/compat/**/*.test.ts',
		'test/deploy/**/*.test.ts',
		'test/keywords/**/*.test.ts',
		'test/lab/**/*.test.ts',
		'test/pains/**/*.test.ts',
		'test/scripts/**/*.test.ts',
	],
	extensions: ['ts'],
	timeout: '2m',
	workerThreads: false,
};
