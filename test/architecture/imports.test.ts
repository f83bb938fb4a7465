import test from 'ava';
import {importsOf, packageOf, packageSources, resolveImport} from './sources.ts';

/** Package folder → the packages it may import by name. */
const allowedPackages: Readonly<Record<string, readonly string[]>> = {
	config: [],
	heartbeat: ['@hapair/config'],
	proxy: ['@hapair/config'],
	takeover: ['@hapair/config'],
	cli: ['@hapair/config', '@hapair/heartbeat', '@hapair/proxy', '@hapair/takeover'],
	dashboard: [],
};
/** Package folder → what it may import from the registry. */
const allowedDependencies: Readonly<Record<string, readonly string[]>> = {
	cli: ['commander', 'node-cron', 'nodemailer', 'pino', 'pino-pretty', 'prom-client', 'ws'],
	dashboard: ['preact', 'preact/hooks', 'uplot'],
};

const imports = packageSources.flatMap(({path, text}) => importsOf(text).map(found => ({path, ...found})));

test('Packages import each other only in the allowed direction', t => {
	const wrong = imports.filter(({path, specifier}) => {
		const between = specifier.startsWith('@hapair/') || specifier === 'hapair';
		return between && !allowedPackages[packageOf(path)]?.includes(specifier);
	});
	t.deepEqual(wrong, []);
});

test('Between packages only the name is imported, never a path into the other one', t => {
	const wrong = imports.filter(({path, specifier}) => {
		if (!specifier.startsWith('.')) return /^@hapair\/[^/]+\//.test(specifier);
		const inside = resolveImport(path, specifier).startsWith(`packages/${packageOf(path)}/`);
		return !inside || !/\.(tsx?|json)$/.test(specifier);
	});
	t.deepEqual(wrong, []);
});

test('Packages of the registry are imported in cli only', t => {
	const wrong = imports.filter(({path, specifier}) => {
		const ours = /^(\.|node:|@hapair\/|hapair$)/.test(specifier);
		return !ours && !allowedDependencies[packageOf(path)]?.includes(specifier);
	});
	t.deepEqual(wrong, []);
});

test('The data path does not use node:http', t => {
	const wrong = imports.filter(({path, specifier}) => packageOf(path) === 'proxy' && /^node:https?2?$/.test(specifier));
	t.deepEqual(wrong, []);
});

test('Files do not import each other in a circle', t => {
	const graph = new Map(
		packageSources.map(({path, text}) => [
			path,
			importsOf(text)
				.filter(({specifier, typeOnly}) => !typeOnly && specifier.startsWith('.'))
				.map(({specifier}) => resolveImport(path, specifier)),
		]),
	);
	const circles: string[] = [];
	const done = new Set<string>();
	const visit = (path: string, trail: readonly string[]): void => {
		if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
		if (done.has(path) || trail.includes(path)) return;
		for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
		done.add(path);
	};
	for (const path of graph.keys()) visit(path, []);
	t.deepEqual(circles, []);
});
