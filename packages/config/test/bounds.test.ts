/** Hostile files: what is read, kept and said stays bounded. The time limit is AVA's: a blow-up would never end. */
import test from 'ava';
import {formatDiagnostics, parseConfiguration} from '../src/index.ts';

function parse(text: string) {
	const sources = [{name: 'x.cfg', text}];
	const {configuration, diagnostics} = parseConfiguration(sources, {environment: {}});
	return {configuration, diagnostics, formatted: formatDiagnostics(diagnostics, sources, {colour: false})};
}

const repeat = (count: number, line: (index: number) => string) =>
	Array.from({length: count}, (_, index) => line(index)).join('\n');

test('a hundred thousand wrong lines are a thousand remarks and one', t => {
	for (const head of ['global\n', 'frontend f\n', 'pair p\n']) {
		const {diagnostics, formatted} = parse(`${head}${repeat(100_000, index => ` balanec${index} roundrobin`)}\n`);
		t.is(diagnostics.length, 1001);
		t.true(formatted.length < 400_000);
	}
});

test('a hundred thousand lines without a section are one error', t => {
	t.is(parse(repeat(100_000, () => 'zzz')).diagnostics.length, 1);
});

test('a hundred thousand right lines are read to the end', t => {
	const {configuration, diagnostics} = parse(
		`backend b\n${repeat(100_000, index => ` server s${index} 10.0.0.1:80`)}\n`,
	);
	t.is(configuration?.backends[0]?.servers.length, 100_000);
	t.is(diagnostics.length, 1);
});

test('very long lines are refused by their length, with a short excerpt', t => {
	const {diagnostics, formatted} = parse(`global\n description ${'x'.repeat(1_000_000)}\n`);
	t.deepEqual(
		diagnostics.map(({message}) => message),
		['the line is longer than 65536 bytes'],
	);
	t.true(formatted.length < 500);
});

test('a line of a hundred thousand words is refused', t => {
	t.is(parse(`global\n description ${'x '.repeat(100_000)}\n`).diagnostics.length, 1);
	const {diagnostics} = parse(`frontend f\n use_backend b if ${'nope '.repeat(10_000)}\n`);
	t.true(diagnostics.length <= 1001);
});

test('one name with twenty thousand tests in twenty thousand conditions', t => {
	const acls = repeat(20_000, index => ` acl a path /${index}`);
	const rules = repeat(20_000, () => ' use_backend b if a !a || a');
	const {configuration, diagnostics} = parse(`frontend f\n bind *:80\n${acls}\n${rules}\nbackend b\n`);
	t.is(configuration?.frontends[0]?.useBackends.length, 20_000);
	t.true(diagnostics.length < 10);
});

test('a thousand names that are each nearly another: hints are bounded', t => {
	const acls = repeat(5000, index => ` acl static_content_${index} path /`);
	const rules = repeat(5000, index => ` use_backend b if statik_content_${index}x`);
	t.is(parse(`frontend f\n bind *:80\n${acls}\n${rules}\nbackend b\n`).diagnostics.length, 1001);
});

test('port ranges are bounded one by one and in all', t => {
	const one = parse('frontend f\n bind *:1-65535\n').diagnostics.filter(({severity}) => severity === 'error');
	t.deepEqual(
		one.map(({message}) => message),
		['the range 1-65535 is too long'],
	);
	const many = parse(repeat(50, index => `frontend f${index}\n bind 127.0.0.${index + 1}:1-4096`)).diagnostics;
	t.is(many.filter(({message}) => message.startsWith('there are more than 4096 addresses')).length, 49);
});

test('quotes, escapes and braces without end are told line by line', t => {
	for (const line of [
		' acl a path "',
		' acl a path \\x',
		` use_backend b if ${'{ '.repeat(500)}`,
		` use_backend b if ${'!'.repeat(2000)}a`,
		` acl a path_reg ${'('.repeat(3000)}`,
	]) {
		t.is(parse(`frontend f\n${repeat(2000, () => line)}\n`).diagnostics.length, 1001, line.slice(0, 30));
	}
});

test('fifty thousand sections of one name, or of names that are refused', t => {
	t.is(parse(repeat(50_000, () => 'backend b')).diagnostics.length, 1001);
	t.is(parse(repeat(50_000, () => 'backend b/')).diagnostics.length, 1001);
	t.is(parse(repeat(50_000, () => 'pair p')).diagnostics.length, 1001);
	t.is(parse(repeat(50_000, () => 'defaults x')).diagnostics.length, 0);
});

test('a section that inherits much is copied, not multiplied', t => {
	const files = repeat(16, index => ` log 127.0.0.${index + 1} local0`);
	const {configuration} = parse(`defaults\n${files}\n${repeat(20_000, index => `backend b${index}`)}\n`);
	t.is(configuration?.backends.length, 20_000);
});
