/**
 * The dashboard as three files without outside resources: the page, one script, one style sheet (and its icon).
 *
 * Usage: node scripts/build-dashboard.mjs [FOLDER]; `npm run build` does it too. Plain JavaScript, since it runs under whatever Node installs.
 */
import {copyFileSync, mkdirSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const source = `${root}packages/dashboard/src/`;

/** Returns esbuild's report. @param {typeof import('esbuild')} esbuild @param {string} outdir */
export async function buildDashboard(esbuild, outdir) {
	mkdirSync(outdir, {recursive: true});
	const {metafile} = await esbuild.build({
		absWorkingDir: root,
		entryPoints: [
			{in: `${source}main.tsx`, out: 'dashboard'},
			{in: `${source}style.css`, out: 'dashboard'},
		],
		outdir,
		bundle: true,
		minify: true,
		platform: 'browser',
		// light-dark() and nested rules: every browser since the middle of 2024.
		target: 'es2023',
		format: 'esm',
		jsx: 'automatic',
		jsxImportSource: 'preact',
		legalComments: 'eof',
		logLevel: 'warning',
		metafile: true,
	});
	for (const name of ['index.html', 'icon.svg']) copyFileSync(`${source}${name}`, `${outdir}/${name}`);
	return metafile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	await buildDashboard(await import('esbuild'), process.argv[2] ?? `${root}packages/cli/dist/dashboard`);
}
