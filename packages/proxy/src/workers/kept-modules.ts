/**
 * The program of a worker thread, kept in memory: after chroot(2) its files cannot be reached, and a worker that dies must be replaced.
 *
 * Decides how the modules are found (the imports of each, from the entry on) and how a thread reads them: through hooks that answer in place
 * of the file system.
 */
import {readFileSync} from 'node:fs';
import {isBuiltin} from 'node:module';

export interface KeptModules {
	readonly entry: string;
	/** Text by address. */
	readonly sources: Readonly<Record<string, string>>;
	/** Address by name, for packages. */
	readonly packages: Readonly<Record<string, string>>;
}

/** Of an import or a re-export, static or not. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*["']([^"'\n]+)["']/g;

/** Reads everything that `entry` leads to. Throws when a file cannot be read. */
export function keepModules(entry: URL): KeptModules {
	const sources: Record<string, string> = {};
	const packages: Record<string, string> = {};
	const left = [entry.href];
	for (let url = left.pop(); url !== undefined; url = left.pop()) {
		if (sources[url] !== undefined) continue;
		const text = readFileSync(new URL(url), 'utf8');
		sources[url] = text;
		for (const [, name = ''] of text.matchAll(IMPORT)) {
			if (isBuiltin(name)) continue;
			if (name.startsWith('.')) left.push(new URL(name, url).href);
			else if (name.startsWith('@hapair/')) {
				packages[name] = import.meta.resolve(name);
				left.push(packages[name]!);
			}
		}
	}
	return {entry: entry.href, sources, packages};
}

/** What such a thread runs first; `workerData.modules` are those that were kept. */
export const KEPT_ENTRY = `
const {registerHooks} = require('node:module');
const {workerData} = require('node:worker_threads');
const {entry, sources, packages} = workerData.modules;
registerHooks({
	resolve(name, context, next) {
		const url = name === entry ? entry : name[0] === '.' ? new URL(name, context.parentURL).href : packages[name];
		return sources[url] === undefined ? next(name, context) : {url, shortCircuit: true};
	},
	load(url, context, next) {
		const source = sources[url];
		if (source === undefined) return next(url, context);
		const kind = url.slice(url.lastIndexOf('.') + 1);
		const format = kind === 'ts' ? 'module-typescript' : kind === 'json' ? 'json' : 'module';
		return {source, format, shortCircuit: true};
	},
});
import(entry);
`;
