import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {findUnseen, readRunbook} from '../../scripts/runbook/read-page.ts';
import {stages} from '../../scripts/runbook/stages.ts';
import {root} from '../architecture/sources.ts';

const page = readFileSync(join(root, 'docs/runbook.md'), 'utf8');
const sections = readRunbook(page);

test('each section of the runbook is known to the script that carries it out, and no other', t => {
	t.deepEqual(
		sections.map(({title}) => title),
		Object.keys(stages),
	);
	for (const {title, blocks} of sections) t.true(blocks.length > 0, title);
});

test('what the page says that clients notice is what the script holds it to', t => {
	for (const {title, notice} of sections) {
		t.not(notice, '', `${title} is in the table at the top`);
		const {loses, until} = stages[title] ?? {};
		t.is(notice.startsWith('nothing'), loses === 'nothing' && until === undefined, `${title}: ${notice}`);
	}
});

test('every block is one that is carried out, and what waits is given a code to', t => {
	for (const broken of [
		'```\nls\n```',
		'```sh\nls\n```',
		'```sh lb3\nls\n```',
		'```text shows\nx\n```',
		'```sh lb1\nls',
	]) {
		t.throws(() => readRunbook(`## One\n${broken}\n`), {message: /^line 2: /}, broken);
	}
	t.throws(() => readRunbook('```sh lb1\nls\n```\n'), {message: /^line 1: /});
	for (const {title, blocks} of sections) {
		const needsCode = blocks.some(({script}) => script.includes('CODE'));
		t.is(
			needsCode,
			blocks.some(({manner, shows}) => manner === 'waits' && /hapair join/.test(shows.join())),
			title,
		);
	}
});

test('commands and options of the runbook are those of the command line', t => {
	const manual = readFileSync(join(root, 'docs/cli.md'), 'utf8').split(/^## /m);
	const lines = sections.flatMap(({blocks}) => blocks.flatMap(({script}) => script.split('\n')));
	const calls = lines.flatMap(line => [...line.matchAll(/(?:^|[|;&] *)hapair ([a-z]+)(.*)/g)]);
	t.true(calls.length > 20);
	for (const [line, command, rest = ''] of calls) {
		const usage = manual.find(part => part.startsWith(`${command}\n`));
		t.truthy(usage, line);
		for (const [option] of rest.matchAll(/(?<= )--?[a-z-]+/g)) t.true(usage?.includes(option), `${line}: ${option}`);
	}
});

test('what must be seen is found whatever the columns and the order, and missed where it is not there', t => {
	const output = 'NODE            STATE\nlb1 (this node)  master  yes\nlb2              backup  no\n';
	t.deepEqual(findUnseen(['lb2 backup …', 'lb1 (this node)   master yes'], output), []);
	t.deepEqual(findUnseen(['lb1', 'lb2 master …', '…yes…'], output), ['lb1', 'lb2 master …']);
});
