/**
 * `npm run build`, and after each `npm install`: one JavaScript program in `packages/cli/dist`, which `hapair` starts.
 *
 * Usage: node scripts/build.mjs [FOLDER [REPORT [VERSION]]]; the report is esbuild's, in JSON: which source went where. VERSION is what the program says of itself
 * instead of what its manifest says.
 * Decides what is built: one file for each process and thread, and the dashboard beside them. Reading TypeScript costs each of them 25 MiB and half a second. Plain
 * JavaScript, since it runs under whatever Node installs. Without esbuild nothing is built and `hapair` starts from its sources.
 */
import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {buildDashboard} from './build-dashboard.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const outdir = process.argv[2] ?? `${root}packages/cli/dist`;
const report = process.argv[3];
const version = process.argv[4];

rmSync(outdir, {recursive: true, force: true});
const esbuild = await import('esbuild').catch(() => undefined);
if (esbuild !== undefined) {
	const {metafile} = await esbuild.build({
		metafile: true,
		absWorkingDir: root,
		entryPoints: [
			{in: 'packages/cli/src/main.ts', out: 'main'},
			{in: 'packages/proxy/src/process-main.ts', out: 'proxy-process'},
			{in: 'packages/proxy/src/worker.ts', out: 'worker'},
			{in: 'packages/proxy/src/system/lean-start.ts', out: 'lean-start'},
			{in: 'packages/heartbeat/src/process-main.ts', out: 'heartbeat-process'},
		],
		outdir,
		bundle: true,
		splitting: true,
		platform: 'node',
		target: 'node26',
		format: 'esm',
		// Names stay in stack traces; the rest of the text would only be memory.
		minifySyntax: true,
		minifyWhitespace: true,
		legalComments: 'eof',
		plugins: version === undefined ? [] : [{name: 'version', setup: giveVersion}],
		logLevel: 'warning',
		// CommonJS packages ask for `node:` modules by this name.
		banner: {
			js: "import {createRequire as $createRequire} from 'node:module'; const require = $createRequire(import.meta.url);",
		},
	});
	const page = await buildDashboard(esbuild, `${outdir}/dashboard`);
	const inputs = {...metafile.inputs, ...page.inputs};
	if (report !== undefined) writeFileSync(report, JSON.stringify({...metafile, inputs}));
}

/**
 * @param {import('esbuild').PluginBuild} plugin
 */
function giveVersion(plugin) {
	plugin.onLoad({filter: /packages\/cli\/package\.json$/}, ({path}) => ({
		contents: JSON.stringify({...JSON.parse(readFileSync(path, 'utf8')), version}),
		loader: 'json',
	}));
}
