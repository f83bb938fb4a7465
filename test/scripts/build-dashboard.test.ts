import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import test from 'ava';
import * as esbuild from 'esbuild';
import {buildDashboard} from '../../scripts/build-dashboard.mjs';

test('the dashboard is four files of 150 KiB at most, packed, and asks nobody else for anything', async t => {
	const folder = mkdtempSync(join(tmpdir(), 'hapair-dashboard-'));
	t.teardown(() => rmSync(folder, {recursive: true, force: true}));
	await buildDashboard(esbuild, folder);
	const names = readdirSync(folder).toSorted();
	t.deepEqual(names, ['dashboard.css', 'dashboard.js', 'icon.svg', 'index.html']);
	const packedBytes = names.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
	t.log(`${(packedBytes / 1024).toFixed(0)} KiB`);
	t.true(packedBytes <= 150 * 1024, `${packedBytes} bytes`);
	for (const name of names) {
		// Names of the SVG and MathML languages are no addresses of anything.
		const text = readFileSync(join(folder, name), 'utf8').replace(/https?:\/\/www\.w3\.org\/[\w/]+/g, '');
		t.deepEqual([...text.matchAll(/https?:\/\/[^\s"'`)]*|@import|url\((?!["']?data:)/g)].map(String), [], name);
	}
});
