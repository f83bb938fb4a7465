import {existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {HistoryFile, readHistory} from '../../src/history/history-file.ts';
import {recordLog} from '../helpers/record-log.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {waitFor} from '../helpers/wait-for.ts';

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

test('A disk that refuses costs one warning; what has happened meanwhile is told, and written when it takes bytes again', async t => {
	const path = join(makeTempDirectory(t), 'h');
	mkdirSync(path);
	const {log, lines} = recordLog();
	const file = new HistoryFile(path, log, 5);
	t.is(file.trouble, undefined);
	for (let term = 1; term <= 5; term += 1) file.append(record(term));
	await file.flushed();
	t.regex(file.trouble ?? '', /^the history is not kept: EISDIR.*; 5 lines wait in memory$/);
	t.is((await file.newest(2)).length, 2);
	rmdirSync(path);
	await waitFor('the disk', () => file.trouble === undefined);
	t.deepEqual(
		(await readHistory(path, 10)).map(({term}) => term),
		[1, 2, 3, 4, 5],
	);
	t.deepEqual(
		lines.map(({level, message}) => [level, message.slice(0, 23)]),
		[
			['warn', 'the history is not kept'],
			['info', 'the history is kept aga'],
		],
	);
});

test('What waits is bounded: the oldest lines are lost, and counted', async t => {
	const path = join(makeTempDirectory(t), 'h');
	mkdirSync(path);
	const file = new HistoryFile(path, recordLog().log);
	for (let term = 1; term <= 1003; term += 1) file.append(record(term));
	await file.flushed();
	t.regex(file.trouble ?? '', /; 1000 lines wait in memory, 3 are lost$/);
});

test('What is older than it may be goes from both files, and with it what has no time', async t => {
	const path = join(makeTempDirectory(t), 'h');
	const at = (term: number, time: string) => `${JSON.stringify({...record(term), reason: 'r', time})}\n`;
	writeFileSync(`${path}.1`, at(1, '2026-01-01T00:00:00.000Z'));
	writeFileSync(path, `${at(2, '2026-01-05T00:00:00.000Z')}half of a li\n${at(3, '2026-02-05T00:00:00.000Z')}`);
	const file = new HistoryFile(path, recordLog().log);
	file.forget(Date.parse('2026-02-01T00:00:00.000Z'));
	file.append({...record(4), time: '2026-02-06T00:00:00.000Z'});
	await file.flushed();
	t.false(existsSync(`${path}.1`));
	t.deepEqual(
		(await readHistory(path, 10)).map(({term}) => term),
		[3, 4],
	);
	t.false(readFileSync(path, 'utf8').includes('half'));
});

test('There may be no file to forget in', async t => {
	const {log, lines} = recordLog();
	const file = new HistoryFile(join(makeTempDirectory(t), 'h'), log);
	file.forget(Date.now());
	await file.flushed();
	t.deepEqual(lines, []);
});
