import {spawnSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {check} from '../../src/commands/check.ts';
import type {StatusReport} from '../../src/daemon/status-report.ts';
import {exitCodes} from '../../src/exit-codes.ts';
import {startControlServer} from '../helpers/control-server.ts';
import {recordIo} from '../helpers/record-io.ts';
import {runHapair} from '../helpers/run-hapair.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const main = join(import.meta.dirname, '..', '..', 'bin', 'hapair.mjs');
const sound = `defaults
 mode http
 timeout connect 1s
 timeout client 1s
 timeout server 1s
listen a
 bind 127.0.0.1:18996
 server s 127.0.0.1:18995
`;

function writeConfig(t: ExecutionContext, text: string): string {
	const path = join(makeTempDirectory(t), 'x.cfg');
	writeFileSync(path, text);
	return path;
}

const options = {syntax: undefined, nodeName: undefined, socketPath: '/nonexistent/s', json: false};

test('a valid file is summarised on stdout', async t => {
	const {code, out} = await runHapair(t, ['check', '-f', writeConfig(t, sound)]);
	t.is(code, exitCodes.ok);
	t.regex(out, /^The configuration is valid\. It would run:\n {2}frontend a takes http on 127\.0\.0\.1:18996/);
});

test('all errors are shown at once on stderr, with their number', async t => {
	const path = writeConfig(t, `${sound} bnd *:81\n serve s2 127.0.0.1:1\n`);
	const {io, out, err} = recordIo();
	t.is(await check({...options, files: [path]}, io), exitCodes.failed);
	t.is(out(), '');
	t.is(err().match(/: error: /g)?.length, 2);
	t.true(err().endsWith(`2 errors in ${path}\n`));
});

test('--json tells the same findings as objects', async t => {
	const path = writeConfig(t, `${sound} bnd *:81\n`);
	const {io, out, err} = recordIo();
	t.is(await check({...options, files: [path], json: true}, io), exitCodes.failed);
	const answer = JSON.parse(out());
	t.false(answer.ok);
	t.like(answer.diagnostics[0], {severity: 'error', file: path, line: 9});
	t.is(err(), '');
});

test('a file that is not there is one sentence, with --json an object as well', async t => {
	const {code, out, err} = await runHapair(t, ['check', '-f', '/nonexistent/x.cfg', '--json']);
	t.is(code, exitCodes.failed);
	t.is(err, 'hapair: /nonexistent/x.cfg: there is no such file\n');
	t.deepEqual(JSON.parse(out), {ok: false, code: 1, message: '/nonexistent/x.cfg: there is no such file'});
});

test('an empty file is an error, since hapair would do nothing with it', async t => {
	const {io, err} = recordIo();
	t.is(await check({...options, files: [writeConfig(t, '')]}, io), exitCodes.failed);
	t.regex(err(), /there is nothing to run/);
});

test('a reader that has gone changes no exit code and is no defect', t => {
	const path = writeConfig(t, `${sound} bnd *:81\n`);
	// The reader of descriptor 3 has ended before the command writes to it.
	const shell = 'exec 3> >(exit 0); wait $!; "$@" >&3; echo "code $?"';
	const argv = ['-c', shell, 'bash', process.execPath, main, 'check', '-f', path, '--json'];
	const {stdout, stderr} = spawnSync('/bin/bash', argv, {encoding: 'utf8'});
	t.is(stdout, 'code 1\n');
	t.is(stderr, '');
});

test('beside a running daemon it tells in what the two nodes differ', async t => {
	const pair = {name: 'oslo', contradictions: ['10.0.0.13 speaks for this pair'], drift: true};
	const {path: socketPath} = await startControlServer(t, [{type: 'status', status: {pair} as unknown as StatusReport}]);
	const section = 'pair oslo\n node a 127.0.0.1\n node b 127.0.0.2\n virtual-ip 127.0.0.3/8 dev lo\n';
	const {io, err} = recordIo();
	await check({...options, files: [writeConfig(t, `${sound}${section}`)], socketPath}, io);
	t.regex(err(), /warning.*10\.0\.0\.13 speaks for this pair/);
	t.regex(err(), /warning.*drift: the two nodes have different configurations/);
});
