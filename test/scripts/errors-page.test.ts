import {readdirSync, readFileSync} from 'node:fs';
import test from 'ava';
import {exitCodes} from '../../packages/cli/src/exit-codes.ts';
import {counterOf} from '../../packages/heartbeat/src/reception.ts';

const source = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = source('docs/errors.md');

/** First column of a section's table, each code by itself. */
function codesOf(section: string): string[] {
	const text = page.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
	const cells = [...text.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell).slice(1);
	return [...new Set(cells.flatMap(cell => cell.split(', ')).map(code => code.replaceAll('`', '')))].sort();
}

function findAll(text: string, pattern: RegExp): string[] {
	return [...new Set([...text.matchAll(pattern)].flatMap(([, code]) => code ?? []))].sort();
}

/** The names in a union of texts, or in a list of them. */
function namesIn(path: string, pattern: RegExp): string[] {
	return findAll(pattern.exec(source(path))?.[0] ?? '', /'([\w-]+)'/g);
}

test('docs/errors.md has every exit code', t => {
	t.deepEqual(codesOf('Exit codes'), Object.values(exitCodes).map(String).sort());
});

test('docs/errors.md has every counter of refused heartbeats', t => {
	const decoded = namesIn('packages/heartbeat/src/advertisement.ts', /export type Refusal =[^;]*;/);
	const signed = namesIn('packages/heartbeat/src/authentication.ts', /function verify[^{]*\{/).filter(
		each => each !== 'ok',
	);
	const admitted = namesIn('packages/heartbeat/src/replay-guard.ts', /export type Admission =[^;]*;/).filter(
		each => !['accept', 'late', 'duplicate'].includes(each),
	);
	const atThePort = ['udp-path.ts', 'surroundings.ts'].flatMap(file =>
		findAll(source(`packages/heartbeat/src/${file}`), /\b(refused[A-Z]\w+)/g),
	);
	const counters = [...[...decoded, ...signed, ...admitted].map(counterOf), ...atThePort];
	t.true(counters.length >= 24);
	t.deepEqual(codesOf('Heartbeats that were refused'), [...new Set(counters)].sort());
});

test('docs/errors.md has what the witness answers', t => {
	const answers = namesIn('packages/heartbeat/src/witness/wire.ts', /const ANSWERS = [^;]*;/);
	t.is(answers.length, 5);
	t.deepEqual(codesOf('What the witness answers'), answers);
});

test('docs/errors.md has every check of hapair doctor', t => {
	const folder = 'packages/cli/src/doctor/checks';
	const checks = readdirSync(new URL(`../../${folder}`, import.meta.url)).flatMap(file =>
		findAll(source(`${folder}/${file}`), /(?:finding\(\s*|const check = )'([\w -]+)'/g),
	);
	t.true(checks.length >= 16);
	t.deepEqual(codesOf('What `hapair doctor` looks at'), [...new Set(checks)].sort());
});

test('docs/errors.md has every status of the admin address', t => {
	const folder = 'packages/cli/src/admin';
	const statuses = readdirSync(new URL(`../../${folder}`, import.meta.url), {recursive: true, encoding: 'utf8'})
		.filter(file => file.endsWith('.ts'))
		.flatMap(file =>
			findAll(source(`${folder}/${file}`), /(?:status: |(?:answer|refuse)\(|\[exitCodes\.\w+\]: )([45]\d\d)\b/g),
		);
	t.true(statuses.length >= 14);
	t.deepEqual(codesOf('The admin address'), [...new Set(statuses)].sort());
});

test('docs/errors.md has every answer that the proxy makes itself', t => {
	const pages = /const PAGES[\s\S]*?\];/.exec(source('packages/proxy/src/responses/error-pages.ts'))?.[0] ?? '';
	const statuses = findAll(pages, /\[(\d{3}),/g);
	t.is(statuses.length, 17);
	t.deepEqual(codesOf('What the proxy answers by itself'), statuses);
});
