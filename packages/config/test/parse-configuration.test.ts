import test from 'ava';
import fc from 'fast-check';
import {parseConfiguration} from '../src/index.ts';
import {linesOf} from '../src/text.ts';
import {configurationOf, describe, remarks} from './helpers/parse.ts';
import {anyConfiguration} from './helpers/texts.ts';

test('no text makes it throw; every remark lies inside the text; a model exists if and only if there is no error', t => {
	fc.assert(
		fc.property(
			fc.array(anyConfiguration, {maxLength: 2}),
			fc.constantFrom('auto', '1.4', 'modern'),
			(texts, syntax) => {
				const sources = texts.map((text, index) => ({name: `${index}.cfg`, text}));
				const {configuration, diagnostics} = parseConfiguration(sources, {syntax, environment: {A: 'a b"'}});
				for (const {file, line, column, length, message, hint} of diagnostics) {
					const text = linesOf(sources.find(({name}) => name === file)!.text)[line - 1]!;
					t.true(
						column >= 1 && length >= 1 && column - 1 + length <= Math.max(1, text.length),
						`${line}:${column}+${length} ${message}`,
					);
					t.true(message !== '' && hint !== '');
				}
				t.is(
					configuration === undefined,
					diagnostics.some(({severity}) => severity === 'error'),
				);
			},
		),
		{numRuns: 2000},
	);
});

test('remarks come in the order of files, lines and columns', t => {
	const sources = [
		{name: 'b.cfg', text: 'global\n foo\n maxconn x\n'},
		{name: 'a.cfg', text: 'frontend f\n bind *:99999\n default_backend nope\n'},
	];
	const {diagnostics} = parseConfiguration(sources, {environment: {}});
	t.deepEqual(
		diagnostics.filter(({severity}) => severity === 'error').map(({file, line, column}) => `${file}:${line}:${column}`),
		['b.cfg:2:2', 'b.cfg:3:10', 'a.cfg:2:9', 'a.cfg:3:18'],
	);
});

test('what comes out cannot be changed', t => {
	const result = parseConfiguration([{name: 'x', text: 'global\n nbproc 2\nlisten x\n bind *:80\n'}], {
		environment: {},
	});
	const frozen = (value: unknown): boolean =>
		typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
	t.true(frozen(result.configuration));
	t.true(frozen(result.diagnostics));
});

test('nothing at all is a valid configuration', t => {
	t.deepEqual(parseConfiguration([], {environment: {}}).diagnostics, []);
	for (const text of [
		'',
		'\n\n',
		'# nothing\n',
		'\ufeff',
		'global\n',
		'global\r\n\tdaemon\r\n',
		'defaults\n mode http\n',
	]) {
		t.deepEqual(configurationOf(text).frontends, []);
		t.deepEqual(remarks(text), []);
	}
});

test('several files are one configuration, and each begins outside of any section', t => {
	const files = (...texts: readonly string[]) =>
		parseConfiguration(
			texts.map((text, index) => ({name: `${index}.cfg`, text})),
			{environment: {}},
		);
	const {configuration} = files(
		'defaults\n mode http\n timeout client 1s\n',
		'frontend f\n bind *:80\n default_backend b\n',
		'defaults\n timeout server 5s\n timeout connect 5s\nbackend b\n mode http\n server s 10.0.0.1:80\n',
	);
	t.is(configuration?.frontends[0]?.mode, 'http');
	t.is(configuration?.frontends[0]?.timeouts.clientMs, 1000);
	t.is(configuration?.backends[0]?.timeouts.clientMs, undefined);
	t.deepEqual(files('global\n', 'daemon\n').diagnostics.map(describe), [
		"error 1:1 'daemon' stands outside of any section (a file begins with global, defaults, frontend, listen, backend, pair, userlist, http-errors)",
	]);
});

test('variables come from the environment that was given, in modern files alone', t => {
	const text = `frontend f\n timeout client 1s\n bind "fd@\${FD}"\n`;
	t.deepEqual(configurationOf(text, {environment: {FD: '5'}}).frontends[0]?.binds[0]?.address, {kind: 'fd', fd: 5});
	t.deepEqual(remarks(text), [
		`error 3:7 '' is not a descriptor number (write fd@N or "fd@\${NAME}")`,
		`warning 3:11 the environment variable 'FD' is not set and stands for nothing (set it, or write "\${FD-default}")`,
	]);
});
