import test from 'ava';
import {codeOf, headerOf, importsOf, packageSources} from './sources.ts';

/** Folders and files that are pure whatever their header says; everything else is when its header says "Pure". */
const pureByPlace = [
	/^packages\/config\/src\//,
	/^packages\/heartbeat\/src\/(election|rank|timers|advertisement|replay-guard)/,
	/^packages\/proxy\/src\/(http1|balance|persistence|rules)\//,
];

/** What a pure file must not say. Time comes in as `nowMs`. */
const forbidden = [
	/\bDate\.now\b/,
	/\bnew Date\(\)/,
	/\bperformance\./,
	/\bset(Timeout|Interval|Immediate)\(/,
	/\bqueueMicrotask\(/,
	/\bMath\.random\b/,
	/\brandom(Bytes|UUID|Int)\b/,
	/\bprocess\./,
	/\bawait\b/,
	/\bconsole\./,
	/\bfetch\(/,
];

/** Modules without clock, randomness or I/O; of the last two only functions of their arguments. */
const harmless = new Set(['node:assert', 'node:assert/strict', 'node:buffer', 'node:util', 'node:crypto', 'node:net']);
const harmlessNames = /^(type \w+|createHash|createHmac|hash|hkdfSync|timingSafeEqual|isIP|isIPv4|isIPv6|BlockList)$/;

const pureFiles = packageSources.filter(
	({path, text}) => pureByPlace.some(place => place.test(path)) || /\bPure\b[.:,]/.test(headerOf(text)),
);

test('Pure files know no clock, no randomness, no I/O, no process', t => {
	const wrong = pureFiles.flatMap(({path, text}) => {
		const code = codeOf(text);
		return forbidden.filter(pattern => pattern.test(code)).map(pattern => `${path}: ${pattern}`);
	});
	t.deepEqual(wrong, []);
});

test('Pure files import nothing that does I/O', t => {
	const wrong = pureFiles.flatMap(({path, text}) =>
		importsOf(text)
			.filter(({specifier, typeOnly}) => !typeOnly && specifier.startsWith('node:') && !harmless.has(specifier))
			.map(({specifier}) => `${path}: ${specifier}`),
	);
	t.deepEqual(wrong, []);
});

test('Of crypto and net pure files take functions of their arguments only', t => {
	const wrong = pureFiles.flatMap(({path, text}) =>
		[...text.matchAll(/^import \{([^}]*)\} from 'node:(?:crypto|net)'/gm)]
			.flatMap(([, names = '']) => names.split(',').map(part => part.trim()))
			.filter(name => name !== '' && !harmlessNames.test(name))
			.map(name => `${path}: ${name}`),
	);
	t.deepEqual(wrong, []);
});

/** The witness is a program of its own, with a file. */
const heartbeatFiles = packageSources.filter(({path}) => /^packages\/heartbeat\/src\/(?!witness\/)/.test(path));

test('The heartbeat knows no time of day: a clock that is set moves nothing', t => {
	const wrong = heartbeatFiles.filter(({text}) => /\bDate\b|\btoISOString\b/.test(codeOf(text)));
	t.deepEqual(
		wrong.map(({path}) => path),
		[],
	);
});

test('The heartbeat touches no disk while it runs', t => {
	const wrong = heartbeatFiles.filter(({text}) =>
		importsOf(text).some(({specifier}) => /^(node:)?fs(\/promises)?$/.test(specifier)),
	);
	t.deepEqual(
		wrong.map(({path}) => path),
		[],
	);
});
