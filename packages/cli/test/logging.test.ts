import {openSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {createLog, type LogOptions} from '../src/logging.ts';
import {makeTempDirectory} from './helpers/temp-directory.ts';

/** What a log with these options writes into a file. */
async function write(t: ExecutionContext, options: Partial<LogOptions>): Promise<string> {
	const path = join(makeTempDirectory(t), 'log');
	const log = createLog({level: 'info', terminal: false, colour: false, descriptor: openSync(path, 'w'), ...options});
	const pair = log.forComponent('pair');
	pair.debug({}, 'not important');
	pair.info({from: 'backup', to: 'master', term: 4}, 'backup → master: lb2 was silent');
	log.forComponent('proxy').warn({}, 'careful');
	t.true(await log.end(5000));
	return readFileSync(path, 'utf8');
}

test('elsewhere than on a terminal each line is one JSON object with level, time, component and its fields', async t => {
	const lines = (await write(t, {fields: {node: 'lb1'}}))
		.trimEnd()
		.split('\n')
		.map(line => JSON.parse(line));
	t.is(lines.length, 2);
	const {time, ...rest} = lines[0];
	t.regex(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
	t.deepEqual(rest, {
		level: 'info',
		node: 'lb1',
		component: 'pair',
		from: 'backup',
		to: 'master',
		term: 4,
		msg: 'backup → master: lb2 was silent',
	});
	t.like(lines[1], {level: 'warn', component: 'proxy', msg: 'careful'});
});

test('on a terminal it is text, coloured only when asked', async t => {
	const text = await write(t, {terminal: true});
	const lines = text.trimEnd().split('\n');
	t.is(lines.length, 2, 'one line for each thing that happens');
	t.regex(lines[0] ?? '', /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: pair: backup → master: lb2 was silent \{"term":4\}$/);
	t.false(text.includes('\x1b'));
	t.true((await write(t, {terminal: true, colour: true})).includes('\x1b['));
});

test('the level decides what is written', async t => {
	t.regex(await write(t, {level: 'debug'}), /not important/);
	t.notRegex(await write(t, {level: 'error'}), /careful/);
});

test("another's line is passed on as it is, in order with the own ones", async t => {
	const path = join(makeTempDirectory(t), 'log');
	const log = createLog({level: 'info', terminal: false, colour: false, descriptor: openSync(path, 'w')});
	log.forComponent('pair').info({}, 'before');
	log.passOn('{"status":200}');
	log.forComponent('pair').info({}, 'behind');
	t.true(await log.end(5000));
	const lines = readFileSync(path, 'utf8').split('\n');
	t.is(lines[1], '{"status":200}');
	t.deepEqual([lines.length, lines[0]?.includes('before'), lines[2]?.includes('behind')], [4, true, true]);
});

test('a full disk costs lines, never the daemon', async t => {
	const log = createLog({level: 'info', terminal: false, colour: false, descriptor: openSync('/dev/full', 'w')});
	for (let index = 0; index < 100; index++) log.forComponent('pair').info({}, 'a line that nobody keeps');
	t.true(await log.end(5000));
});
