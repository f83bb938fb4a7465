import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {assetPaths} from '../../src/admin/assets.ts';
import {routes} from '../../src/admin/routes.ts';
import {ask, bearer, post, startAdmin} from '../helpers/admin-server.ts';

interface Schema {
	readonly $ref?: string;
	readonly type?: string;
	readonly const?: unknown;
	readonly enum?: readonly unknown[];
	readonly required?: readonly string[];
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly items?: Schema;
}

interface Operation {
	readonly security?: readonly unknown[];
	readonly responses: Readonly<
		Record<string, {readonly $ref?: string; readonly content?: Readonly<Record<string, {readonly schema: Schema}>>}>
	>;
}

const text = readFileSync(join(import.meta.dirname, '../../../../docs/openapi.json'), 'utf8');
const document: {
	readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
	readonly components: {
		readonly schemas: Readonly<Record<string, Schema>>;
		readonly responses: Readonly<Record<string, unknown>>;
	};
} = JSON.parse(text);

test('the file and the table of routes name the same, and the same need a login', t => {
	const described = Object.entries(document.paths).flatMap(([path, operations]) =>
		Object.entries(operations).map(
			([method, {security}]) => `${method} ${path}${security?.length === 0 ? ' open' : ''}`,
		),
	);
	const served = routes
		.filter(({path}) => !assetPaths.includes(path))
		.map(({method, path, isOpen}) => `${method.toLowerCase()} ${path}${isOpen ? ' open' : ''}`);
	t.deepEqual(described.toSorted(), served.toSorted());
});

test('what it refers to is there', t => {
	const names = [...text.matchAll(/"\$ref": "#\/components\/(schemas|responses)\/(\w+)"/g)];
	t.true(names.length > 20);
	for (const [, kind, name = ''] of names) t.true(name in document.components[kind as 'schemas' | 'responses'], name);
});

test('answers are as it says', async t => {
	const {url} = await startAdmin(t);
	const answers = [
		['get', '/api/session', await ask(url, {path: '/api/session'})],
		['get', '/api/ping', await ask(url, {path: '/api/ping', headers: bearer})],
		['get', '/api/status', await ask(url, {path: '/api/status', headers: bearer})],
		['get', '/api/history', await ask(url, {path: '/api/history', headers: bearer})],
		['post', '/api/failover', await post(url, '/api/failover', {})],
		['post', '/api/maintenance', await post(url, '/api/maintenance', {on: true})],
		['post', '/api/reload', await post(url, '/api/reload', {})],
		['post', '/api/server', await post(url, '/api/server', {})],
		['get', '/api/drills', await ask(url, {path: '/api/drills', headers: bearer})],
		['post', '/api/drill', await post(url, '/api/drill', {dryRun: true})],
		['post', '/api/sync', await post(url, '/api/sync', {action: 'diff'})],
		['post', '/api/check', await post(url, '/api/check', {})],
		['post', '/api/doctor', await post(url, '/api/doctor', {})],
		['post', '/api/hooks/test', await post(url, '/api/hooks/test', {})],
		['get', '/api/why', await ask(url, {path: '/api/why', headers: bearer})],
		['get', '/api/feed', await ask(url, {path: '/api/feed', headers: bearer})],
	] as const;
	for (const [method, path, {status, text: body}] of answers) {
		const response = document.paths[path]?.[method]?.responses[String(status)];
		t.truthy(response, `${path} ${status}`);
		const schema = response?.content?.['application/json']?.schema ?? {$ref: '#/components/schemas/Refusal'};
		t.deepEqual(findMismatches(schema, JSON.parse(body), path), []);
	}
});

/** Enough of JSON Schema for this file: types, required fields, constants, references. */
function findMismatches(schema: Schema, value: unknown, place: string): string[] {
	if (schema.$ref !== undefined) {
		const named = document.components.schemas[schema.$ref.split('/').at(-1) ?? ''];
		return named === undefined ? [`${place}: ${schema.$ref}`] : findMismatches(named, value, place);
	}
	if ('const' in schema) return schema.const === value ? [] : [`${place}: ${value} is not ${schema.const}`];
	if (schema.enum !== undefined && !schema.enum.includes(value))
		return [`${place}: ${value} is none of ${schema.enum}`];
	const type = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
	if (schema.type !== type && !(schema.type === 'number' && type === 'integer'))
		return [`${place}: ${type} is not ${schema.type}`];
	if (Array.isArray(value))
		return value.flatMap((item, index) => findMismatches(schema.items ?? {}, item, `${place}[${index}]`));
	if (type !== 'object') return [];
	const fields = value as Readonly<Record<string, unknown>>;
	const missing = (schema.required ?? []).filter(name => !(name in fields)).map(name => `${place}: ${name} is missing`);
	const wrong = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
		name in fields ? findMismatches(property, fields[name], `${place}.${name}`) : [],
	);
	return [...missing, ...wrong];
}
