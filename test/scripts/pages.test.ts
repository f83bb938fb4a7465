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
