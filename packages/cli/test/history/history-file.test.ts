import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {HistoryFile, readHistory} from '../../src/history/history-file.ts';
import {recordLog} from '../helpers/record-log.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const record = (term: number) =>
	({
		time: '2026-01-01T00:00:00.000Z',
		pair: 'p',
		node: 'lb1',
		kind: 'event',
		id: `${term}`,
		term,
		event: 'solo',
		reason: 'x'.repeat(2000),
	}) as const;

test('What was appended is read again, newest last, over two files of bounded size', async t => {
	const path = join(makeTempDirectory(t), 'h');
	const file = new HistoryFile(path, recordLog().log);
	for (let term = 1; term <= 900; term += 1) file.append(record(term));
	await file.flushed();
	const some = await readHistory(path, 3);
	t.deepEqual(
		some.map(({term}) => term),
		[898, 899, 900],
	);
	t.true(readFileSync(path).length < 1_100_000);
	t.is((await readHistory(path, 1000)).length, 900);
});

test('Half a line, and what is none, is left out', async t => {
	const path = join(makeTempDirectory(t), 'h');
	writeFileSync(path, `${JSON.stringify(record(1))}\n{"time":\n[]\n${JSON.stringify(record(2)).slice(0, 40)}`);
	t.deepEqual(
		(await readHistory(path, 10)).map(({term}) => term),
		[1],
	);
});

test('A disk that refuses costs lines and one warning', async t => {
	const path = join(makeTempDirectory(t), 'h');
	mkdirSync(path);
	const {log, lines} = recordLog();
	const file = new HistoryFile(path, log);
	for (let term = 1; term <= 5; term += 1) file.append(record(term));
	await file.flushed();
	t.is(lines.filter(line => JSON.stringify(line).includes('the history is not kept')).length, 1);
});
