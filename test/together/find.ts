/**
 * Which unit test files can share a process: those that change nothing of it.
 *
 * To start a process and load AVA, the configuration and the rest costs more than most of these files do. In a shared process one file runs after the
 * other, its tests at once or in turn as in a process of its own. Leaves running them to `run.ts`.
 */
import {globSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

/** What belongs to a whole process: hooks and order of tests, environment, folder, signals, accounts, limits, memory; and what cannot be loaded at once. */
const alone = [
	/\btest\.(?:serial|before|after|only|todo|meta)/,
	/\bprocess\.(?:chdir|umask|set[eug]|emit|exit\b|on\(|once\(|title|memoryUsage|cpuUsage|resourceUsage)/,
	/\bprocess\.env(?:\.\w+|\[[^\]]+\]) = |\bdelete process\b|\bglobalThis\.\w+ = |\/proc\/self\b/,
	/^(?:const .* = |for )?await /m,
];
/** Through what they call they change the account, the limits or the memory of their process or wait while they load; or they are so long that another processor should have them. */
const alonePaths =
	/\/(?:system|privileges)\/|\/(?:privileges|descriptor-limit|simulation|blinks|build-dashboard)\.test\.ts$|^test\/(?:compat|keywords)\//;

/** Does a test file fit beside others? @param path of the file, below the root @param text its content */
export function fitsTogether(path: string, text: string): boolean {
	return (
		/^import test\b.* from 'ava';$/m.test(text) && !alonePaths.test(path) && !alone.some(pattern => pattern.test(text))
	);
}

/** Each is the work of one process: `NAME.test.ts` in this folder runs it. A file that no pattern names has a process of its own. */
export const groups = {
	config: ['packages/config/test/**/*.test.ts'],
	heartbeat: ['packages/{heartbeat,takeover,dashboard}/test/**/*.test.ts'],
	'cli-admin': ['packages/cli/test/[a-c]*/**/*.test.ts'],
	'cli-daemon': ['packages/cli/test/daemon/**/*.test.ts'],
	'cli-others': ['packages/cli/test/*.test.ts', 'packages/cli/test/{do,dr,[e-z]}*/**/*.test.ts'],
	'proxy-compat': ['packages/proxy/test/compat/**/*.test.ts'],
	'proxy-engine': ['packages/proxy/test/{engine,health,reload,standalone,workers}/**/*.test.ts'],
	'proxy-others': [
		'packages/proxy/test/*.test.ts',
		'packages/proxy/test/{balance,http1,log,patterns,persistence,responses,rules,stats,stick}/**/*.test.ts',
	],
	repository: ['test/{architecture,deploy,lab,pains,scripts}/**/*.test.ts'],
} as const;

/** The files of a group that fit together, sorted; paths are below `root`. */
export function filesOf(root: string, group: keyof typeof groups): string[] {
	const paths = globSync(groups[group], {cwd: root}).sort();
	return paths.filter(path => fitsTogether(path, readFileSync(join(root, path), 'utf8')));
}
