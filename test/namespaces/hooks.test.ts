import {chmodSync, existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {Lab} from '../lab/lab.ts';
import {waitFor} from '../lab/wait.ts';
import {waitForPair} from './with-pair.ts';

/** Writes one line a call: the node, the four arguments, the number of the call's beginning and end. */
const hookText = `#!/bin/sh
echo "begin $HAPAIR_NODE $1 $2 $3 $4 term=$HAPAIR_TERM" >> "$(dirname "$0")/hooks.log"
sleep 0.2
echo "end $HAPAIR_NODE $3" >> "$(dirname "$0")/hooks.log"
`;

test.serial('Hooks run in order, one after the other, with the four arguments and the term', async t => {
	t.timeout(60_000);
	const lab = new Lab();
	try {
		const hook = join(lab.directory, 'hook');
		const log = join(lab.directory, 'hooks.log');
		writeFileSync(hook, hookText);
		chmodSync(hook, 0o755);
		const lines = (node: string) =>
			existsSync(log)
				? readFileSync(log, 'utf8')
						.split('\n')
						.filter(line => line.split(' ')[1] === node)
				: [];
		await lab.startPair({lines: [`on change exec ${hook}`]});
		const ended = (node: string, state: string) => () => lines(node).at(-1) === `end ${node} ${state}`;
		await waitFor('the hook of the master', ended('lb1', 'MASTER'));
		const result = await lab.daemon('lb1').command(['failover']);
		t.is(result.code, 0, result.stdout + result.stderr);
		t.is(await waitForPair(lab), 'lb2');
		await waitFor('the hook of the old master', ended('lb1', 'BACKUP'));
		await waitFor('the hook of the new master', ended('lb2', 'MASTER'));
		for (const node of ['lb1', 'lb2']) {
			const said = lines(node);
			t.log(said.join('\n'));
			const kinds = said.map(line => line.split(' ')[0]);
			t.deepEqual(
				kinds,
				said.map((_, index) => (index % 2 === 0 ? 'begin' : 'end')),
				'one hook at a time',
			);
		}

		t.regex(lines('lb1').find(line => line.includes('MASTER')) ?? '', /^begin lb1 INSTANCE lab MASTER 150 term=\d+$/);
		const terms = (node: string) =>
			lines(node)
				.flatMap(line => /term=(\d+)/.exec(line)?.[1] ?? [])
				.map(Number);
		t.true(Math.max(...terms('lb2')) > (terms('lb1')[0] ?? 0), 'the claim raised the term');
	} finally {
		lab.dispose();
	}
});
