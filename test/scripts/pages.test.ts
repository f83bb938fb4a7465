import {readFileSync} from 'node:fs';
import {KEYWORDS} from '@hapair/config';
import test from 'ava';
import {exitCodes, exitCodesHelp} from '../../packages/cli/src/exit-codes.ts';
import {writeCommandPage} from '../../scripts/pages/command-page.ts';
import {writeConfigurationPage} from '../../scripts/pages/configuration-page.ts';

const read = (page: string): string => readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');

test('docs/configuration.md says what the table of keywords says', t => {
	t.is(
		read('configuration.md'),
		writeConfigurationPage(KEYWORDS),
		'the page is old: run node scripts/generate-configuration-page.ts',
	);
});

test('docs/cli.md says what --help says', t => {
	t.is(read('cli.md'), writeCommandPage(), 'the page is old: run node scripts/generate-command-page.ts');
});

test('Every exit code has a row in docs/cli.md and a line in --help', t => {
	for (const code of Object.values(exitCodes)) {
		t.regex(read('cli.md'), new RegExp(`^\\| ${code} \\|`, 'm'));
		t.regex(exitCodesHelp, new RegExp(`^ {2}${code} `, 'm'));
	}
});

test('docs/protocol.md has the table and the flags of the code', t => {
	const code = readFileSync(new URL('../../packages/heartbeat/src/advertisement.ts', import.meta.url), 'utf8');
	const page = read('protocol.md');
	const header = code.slice(0, code.indexOf('*/'));
	const cells = [...header.matchAll(/ (\d+|…) +(\d+|[a-z]) {2}(\S(?:[^\n]*?\S)??)(?= {2,}|\n)/g)];
	t.is(cells.length, 31);
	for (const [, offset, bytes, field] of cells) t.true(page.includes(`| ${offset} | ${bytes} | ${field}`), field);
	const rows = page.slice(0, page.indexOf('| Flag |')).match(/^\| (\d+|…) \|/gm);
	t.is(rows?.length, cells.length, 'no row too many');
	const flags = [...(/const FLAGS = \[([^\]]*)\]/.exec(code)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(([, name]) => name);
	t.deepEqual(
		[...page.matchAll(/^\| (\d+) \| ([a-z]\w+) \|/gm)].map(([, bit, name]) => `${bit} ${name}`),
		flags.map((name, index) => `${2 ** index} ${name}`),
	);
	const limit = /MAX_DATAGRAM_BYTES = (\d+)/.exec(code)?.[1];
	t.regex(page, new RegExp(`at\\s+most ${limit} bytes`));
});
