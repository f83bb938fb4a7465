import test, {type ExecutionContext} from 'ava';
import {parseArguments, type StandaloneArguments} from '../../src/standalone/arguments.ts';

function reads(t: ExecutionContext, line: string, expected: Partial<StandaloneArguments>): void {
	const parsed = parseArguments(line.split(' '));
	t.true(parsed.ok);
	if (parsed.ok) t.like(parsed.arguments, expected);
}

function refuses(t: ExecutionContext, line: string, message: RegExp): void {
	const parsed = parseArguments(line.split(' ').filter(word => word !== ''));
	t.false(parsed.ok);
	if (!parsed.ok) t.regex(parsed.message, message);
}

test('files keep their order', reads, '-f a -f b -- c d', {files: ['a', 'b', 'c', 'd']});
test('an init script reloads', reads, '-f c.cfg -D -p /run/p.pid -sf 12 13', {
	daemon: true,
	pidFile: '/run/p.pid',
	relieve: {mode: 'finish', pids: [12, 13]},
});
test('nothing ran before', reads, '-f c.cfg -st', {relieve: {mode: 'terminate', pids: []}});
test('flags may follow the old pids', reads, '-sf 12 -f c.cfg', {files: ['c.cfg']});
test('a pid file with several lines comes as one word', t => {
	const parsed = parseArguments(['-f', 'c', '-sf', '12\n13\n']);
	t.deepEqual(parsed.ok && parsed.arguments.relieve?.pids, [12, 13]);
});
test('a scenario runner starts it', reads, '-d -L h1 -f cfg', {debug: true, foreground: true, files: ['cfg']});
test('master-worker', reads, '-W -S fd@7 -f cfg', {masterWorker: true, files: ['cfg']});
test('systemd', reads, '-Ws -f cfg', {masterWorker: true, notifySystemd: true});
test('check', reads, '-c -q -C /etc -f cfg', {check: true, quiet: true, directory: '/etc'});
test('limits', reads, '-n 100 -N 50 -m 64 -f cfg', {maxconn: 100, proxyMaxconn: 50});
test('switches of old insides are accepted', reads, '-de -dk -dp -ds -dS -dMno-merge -V -f cfg', {verbose: true});
test('the version needs no file', reads, '-vv', {version: 'long'});

test('no file is refused', refuses, '-d', /No configuration/);
test('an unknown flag is refused by name', refuses, '-f c -z', /Unknown option "-z"/);
test('a flag without its value is refused', refuses, '-f', /-f needs a value/);
test('a limit that is no number is refused', refuses, '-f c -n ten', /-n takes a number/);
test('an old pid that is none is refused', refuses, '-f c -sf 12 x', /-sf takes process ids, "x" is none/);
test('pid 0 would signal everybody', refuses, '-f c -sf 0', /takes process ids/);
