import {stripVTControlCharacters} from 'node:util';
import test from 'ava';
import {sync} from '../../src/commands/sync.ts';
import {exitCodes} from '../../src/exit-codes.ts';
import {paintFor} from '../../src/terminal.ts';
import {startControlServer} from '../helpers/control-server.ts';
import {recordIo} from '../helpers/record-io.ts';
import {runHapair} from '../helpers/run-hapair.ts';

const difference = {
	own: 'lb1',
	peer: 'lb2',
	files: [
		{path: '/etc/a.cfg', kind: 'differs', lines: ['@@ -1,2 +1,2 @@', ' \tsame', '-old \x1b[31m', '+new']},
		{path: '/etc/key.map', kind: 'differs', lines: [], remark: 'not shown: it is closed to others (mode 0600)'},
		{path: '/etc/b.map', kind: 'only there', lines: []},
	],
	remarks: ['lb2 has files that it does not run yet: hapair reload there'],
} as const;
const result = {type: 'result', code: exitCodes.ok, message: '3 files differ'} as const;

test('a difference is unified, without colour outside of a terminal, and exits with 1', async t => {
	const {path, requests} = await startControlServer(t, [{type: 'difference', difference}, result]);
	const {code, out, err} = await runHapair(t, ['sync', '--socket', path]);
	t.is(code, exitCodes.failed);
	t.deepEqual(out.split('\n'), [
		'--- lb1:/etc/a.cfg',
		'+++ lb2:/etc/a.cfg',
		'@@ -1,2 +1,2 @@',
		' \tsame',
		'-old ?[31m',
		'+new',
		'--- lb1:/etc/key.map',
		'+++ lb2:/etc/key.map',
		'(not shown: it is closed to others (mode 0600))',
		'only on lb2: /etc/b.map',
		'',
	]);
	t.is(err, '! lb2 has files that it does not run yet: hapair reload there\n');
	t.deepEqual(requests, [{command: 'sync', action: 'diff'}]);
});

test('on a terminal lines have colours, and the words stay the same', async t => {
	const {path} = await startControlServer(t, [{type: 'difference', difference}, result]);
	const {io, out} = recordIo({paint: paintFor({isTTY: true}, {})});
	await sync({socketPath: path, action: 'diff', json: false}, io);
	t.true(out().includes('\x1b[32m+new\x1b[39m'));
	t.true(stripVTControlCharacters(out()).includes('\n+new\n'));
});

test('the same files are said, and exit with 0', async t => {
	const same = {...difference, files: [], remarks: []};
	const {path} = await startControlServer(t, [{type: 'difference', difference: same}, result]);
	const {io, out} = recordIo();
	t.is(await sync({socketPath: path, action: 'diff', json: false}, io), exitCodes.ok);
	t.is(out(), 'lb1 and lb2 have the same files\n');
});

test('--json is one object, with the difference or with the refusal', async t => {
	const {path} = await startControlServer(t, [{type: 'difference', difference}, result]);
	const shown = recordIo();
	t.is(await sync({socketPath: path, action: 'diff', json: true}, shown.io), exitCodes.failed);
	const {same, files} = JSON.parse(shown.out());
	t.deepEqual([same, files.length], [false, 3]);
	const refusing = await startControlServer(t, [{type: 'result', code: exitCodes.failed, message: 'lb2 is away'}]);
	const refused = recordIo();
	t.is(await sync({socketPath: refusing.path, action: 'diff', json: true}, refused.io), exitCodes.failed);
	t.deepEqual(JSON.parse(refused.out()), {ok: false, code: 1, message: 'lb2 is away'});
});

for (const action of ['push', 'pull'] as const) {
	test(`--${action} tells how it goes and how it ended`, async t => {
		const {path, requests} = await startControlServer(t, [
			{type: 'progress', message: 'lb2 will write /etc/a.cfg'},
			{type: 'result', code: exitCodes.refused, message: 'lb2 refuses: a.cfg:3:1: error'},
		]);
		const {code, out, err} = await runHapair(t, ['sync', `--${action}`, '--socket', path]);
		t.is(code, exitCodes.refused);
		t.is(out, '');
		t.is(err, '… lb2 will write /etc/a.cfg\nrefused: lb2 refuses: a.cfg:3:1: error\n');
		t.deepEqual(requests, [{command: 'sync', action}]);
	});
}

test('both directions at once are none', async t => {
	const {code, err} = await runHapair(t, ['sync', '--push', '--pull']);
	t.is(code, exitCodes.usage);
	t.regex(err, /one of the two/);
});
