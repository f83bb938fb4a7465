import {mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {TermFile} from '../../src/daemon/term-file.ts';
import {recordLog} from '../helpers/record-log.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

test('A restart claims above every term of the life before, however it ended', t => {
	const path = join(makeTempDirectory(t), 'term');
	let highest = 0;
	for (let life = 0; life < 20; life += 1) {
		const terms = new TermFile(path, recordLog().log);
		t.true(terms.first() >= highest, `life ${life}`);
		for (let claim = 0; claim < life; claim += 1) {
			highest = terms.first() + 1;
			terms.note(highest);
			t.true(Number(readFileSync(path, 'utf8')) >= highest);
		}
	}
});

test('A restart alone raises no term', t => {
	const path = join(makeTempDirectory(t), 'term');
	new TermFile(path, recordLog().log).note(7);
	for (let life = 0; life < 3; life += 1) t.is(new TermFile(path, recordLog().log).first(), 7);
});

test('Without a file, with a damaged one or on a disk that refuses, terms live in memory and a warning says so', t => {
	t.is(new TermFile(undefined, recordLog().log).first(), 0);
	const directory = makeTempDirectory(t);
	writeFileSync(join(directory, 'damaged'), 'eleven\n');
	mkdirSync(join(directory, 'directory'));
	for (const name of ['damaged', 'directory']) {
		const {log, lines} = recordLog();
		const terms = new TermFile(join(directory, name), log);
		t.is(terms.first(), 0, name);
		terms.note(5);
		t.is(terms.first(), 5);
		t.is(lines.length, 1, name);
	}
});

test('A disk that refuses is told of, and tried again as the same term is heard', t => {
	const path = join(makeTempDirectory(t), 'term');
	mkdirSync(`${path}.new`);
	let nowMs = 0;
	const terms = new TermFile(path, recordLog().log, () => nowMs);
	terms.note(5);
	t.regex(terms.trouble ?? '', /^terms are not kept over a restart of both nodes: EISDIR/);
	rmdirSync(`${path}.new`);
	terms.note(5);
	t.not(terms.trouble, undefined, 'not at each word of the heartbeat');
	nowMs = 5000;
	terms.note(5);
	t.is(terms.trouble, undefined);
	t.is(readFileSync(path, 'utf8'), '5\n');
});
