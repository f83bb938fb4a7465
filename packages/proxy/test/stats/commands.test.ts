/** Commands of the stats socket: what they answer, what they need, what they do (HAProxy manual, "Unix Socket commands"). */
import test from 'ava';
import {ServerState} from '../../src/shared-table.ts';
import {type Level, splitCommands, splitWords} from '../../src/stats/command.ts';
import {beginConversation, COMMANDS, runCommand} from '../../src/stats/commands.ts';
import {BackendColumn, FrontendColumn, ProcessColumn, ServerColumn} from '../../src/status-board.ts';
import {CONFIGURATION, createRuntime} from '../helpers/runtime.ts';

function talk(level: Level = 'admin') {
	const test = createRuntime();
	const conversation = beginConversation(level, 10_000);
	const ask = (line: string) => runCommand({runtime: test.runtime, conversation}, line);
	return {...test, conversation, ask};
}

test('a line is split at semicolons, a command at blanks; a backslash keeps either', t => {
	t.deepEqual(splitCommands('show info;show stat'), ['show info', 'show stat']);
	t.deepEqual(splitCommands(' a ; b; '), ['a', 'b']);
	t.deepEqual(splitCommands(String.raw`a\;b;c`), [String.raw`a\;b`, 'c']);
	t.deepEqual(splitCommands(''), ['']);
	t.deepEqual(splitWords(String.raw`  set  a\ b \;c`), ['set', 'a b', ';c']);
});

test('an unknown command is answered with the nearest ones, or with all', async t => {
	const {ask} = talk();
	t.regex(await ask('show bogus'), /^Unknown command\. .*:\n( {2}show .*\n)+\n$/);
	const all = await ask('');
	for (const {name} of COMMANDS) t.true(all.includes(`  ${name} `), name);
	t.is((await ask('help')).split('\n').length, COMMANDS.length + 3);
});

test('each command needs its level', async t => {
	const needs = new Map<Level, string[]>();
	for (const {name, level} of COMMANDS) needs.set(level, [...(needs.get(level) ?? []), name]);
	t.deepEqual(needs.get('operator'), [
		'clear counters',
		'operator',
		'show activity',
		'show cli sockets',
		'show env',
		'show errors',
		'show fd',
		'show pools',
		'show sess',
		'show threads',
	]);
	for (const name of needs.get('admin')!) {
		t.is(await talk('operator').ask(`${name} out/s1`), 'Permission denied\n\n', name);
	}
	for (const name of needs.get('operator')!) t.is(await talk('user').ask(name), 'Permission denied\n\n', name);
	t.regex(await talk('user').ask('show info'), /^Name: /);
	t.notRegex(await talk('user').ask('help'), /set server/);
});

test('a connection can give permissions up, and never get them back', async t => {
	const {ask, conversation} = talk();
	t.is(await ask('operator'), '\n');
	t.is(await ask('set weight out/s1 1'), 'Permission denied\n\n');
	t.is(await ask('user'), '\n');
	t.is(await ask('operator'), 'Permission denied\n\n');
	t.is(conversation.level, 'user');
});

test('what is not there is named', async t => {
	const {ask} = talk();
	const cases = {
		'get weight out/nope': 'No such server.',
		'get weight nope/s1': 'No such backend.',
		'get weight out': "Require 'backend/server'.",
		'get weight': "Require 'backend/server'.",
		'disable server out/s1/x': "Require 'backend/server'.",
		'enable frontend nope': 'No such frontend.',
		'enable frontend': 'A frontend name is expected.',
		'show stat nope 1 -1': 'No such proxy.',
		'show servers state nope': "Can't find backend.",
		'show table nope': 'No such table',
		'show sess 0x99': 'Session not found.',
		'shutdown session 0x99': "No such session (use 'show sess').",
	};
	for (const [command, answer] of Object.entries(cases)) t.is(await ask(command), `${answer}\n\n`, command);
});

test('weights: 0 to 256, or a percentage cut to a whole number', async t => {
	const {ask, table} = talk();
	t.is(await ask('get weight #3/#1'), '10 (initial 10)\n\n');
	for (const [text, weight] of [
		['50%', 5],
		['256', 256],
		['0', 0],
		['19%', 1],
		['100%', 10],
	] as const) {
		t.is(await ask(`set weight out/s1 ${text}`), '\n');
		t.is(await ask('get weight out/s1'), `${weight} (initial 10)\n\n`);
		t.is(table.serverWeight(0), weight);
	}
	for (const text of ['257', '-1', '2570%']) {
		t.is(await ask(`set weight out/s1 ${text}`), 'Absolute weight can only be between 0 and 256 inclusive.\n\n', text);
	}
	t.is(await ask('set weight out/s1'), 'Require <weight> or <weight%>.\n\n');
	for (const text of ['abc', '5x', '%']) {
		t.is(await ask(`set weight out/s1 ${text}`), 'Empty weight string empty or preceded by garbage\n\n', text);
	}
	t.is(table.serverWeight(0), 10);
});

test('under a static algorithm a server is on or off', async t => {
	const {ask, table} = talk();
	t.regex(await ask('set weight raw/t1 2'), /static/);
	t.is(await ask('set weight raw/t1 0%'), '\n');
	t.is(table.serverWeight(3), 0);
	t.is(await ask('set weight raw/t1 100%'), '\n');
	t.is(table.serverWeight(3), 1);
	const circle = createRuntime(CONFIGURATION.replace('balance source', 'balance source\n\thash-type consistent'));
	const conversation = beginConversation('admin', 10_000);
	t.is(await runCommand({runtime: circle.runtime, conversation}, 'set weight raw/t1 2'), '\n');
});

test('servers go into maintenance and drain, and their checks with them', async t => {
	const {ask, table, told} = talk();
	t.is(await ask('disable server out/s1'), '\n');
	t.is(table.serverState(0), ServerState.maint);
	t.is(await ask('enable server out/s1'), '\n');
	t.is(table.serverState(0), ServerState.up);
	t.is(await ask('set server out/s1 state drain'), '\n');
	t.is(table.serverState(0), ServerState.drain);
	t.is(await ask('set server out/s1 state ready'), '\n');
	t.deepEqual(told, ['pause 0', 'resume 0', 'resume 0', 'resume 0']);
	t.regex(await ask('set server out/s1 state gone'), /'ready', 'drain' and 'maint'/);
	t.regex(
		await ask('set server out/s1 bogus x'),
		/^usage: set server <backend>\/<server> addr \| (.* \| )?check-addr \| .* \| weight\n/,
	);
	t.regex(await ask('set server out/s1 constructor'), /^usage: /);
});

test('checks that are switched off stay off when the server comes back', async t => {
	const {ask, told} = talk();
	await ask('disable health out/s1');
	await ask('disable server out/s1');
	await ask('enable server out/s1');
	t.deepEqual(told, ['pause 0', 'pause 0', 'pause 0']);
	await ask('enable health out/s1');
	t.is(told.at(-1), 'resume 0');
});

test('health can be set, but only of a server that is checked', async t => {
	const {ask, states} = talk();
	const status = () => states.statusOf(states.byIndex(0)!);
	await ask('set server out/s1 health down');
	t.is(status(), 'DOWN');
	await ask('set server out/s1 health stopping');
	t.is(status(), 'NOLB');
	await ask('set server out/s1 health up');
	t.is(status(), 'UP');
	t.is(await ask('set server out/s3 health down'), '\n');
	t.regex(await ask('set server out/s1 health maybe'), /'up', 'stopping', or 'down'/);
});

test('an address changes with one line that says what has changed', async t => {
	const {ask, table} = talk();
	const moves = () => table.board.get(table.board.row('server', 0), ServerColumn.moves);
	const by = "by 'stats socket command'\n\n";
	t.is(await ask('set server out/s1 addr 127.0.0.9'), `IP changed from '127.0.0.1' to '127.0.0.9' ${by}`);
	t.is(
		await ask('set server out/s1 addr ::1 port 99'),
		`IP changed from '127.0.0.9' to '::1', port changed from '81' to '99' ${by}`,
	);
	t.is(moves(), 2);
	t.is(await ask('set server out/s1 addr ::1 port 99'), `no need to change the addr, no need to change the port ${by}`);
	t.is(moves(), 2);
	for (const wrong of ['', 'example', '1.2.3.4 port', '1.2.3.4 port 0', '1.2.3.4 port 70000', '1.2.3.4 99']) {
		await ask(`set server out/s1 addr ${wrong}`);
		t.is(moves(), 2, wrong);
	}
});

test('limits of servers, frontends and the process change where the workers read them', async t => {
	const {ask, table} = talk();
	const {board} = table;
	t.is(await ask('set maxconn server raw/t1 7'), '\n');
	t.is(board.get(board.row('server', 3), ServerColumn.maxconn), 7);
	t.is(board.get(board.row('backend', 1), BackendColumn.hasLimits), 1);
	t.is(await ask('set maxconn frontend in 9'), '\n');
	t.is(board.get(board.row('frontend', 0), FrontendColumn.maxconn), 9);
	t.is(await ask('set maxconn global 60'), '\n');
	t.is(board.get(0, ProcessColumn.maxconn), 60);
	t.is(await ask('set maxconn global 101'), 'Value out of range.\n\n');
	t.is(await ask('set maxconn global 0'), '\n');
	t.is(board.get(0, ProcessColumn.maxconn), 100);
	t.is(await ask('set maxconn global'), 'Expects an integer value.\n\n');
	t.is(await ask('set maxconn server out/s1 -1'), 'maxconn string empty or preceded by garbage\n\n');
	t.is(await ask('set maxconn server out/s1'), 'Require <maxconn>.\n\n');
	t.regex(await ask('set maxconn frontend in many'), /number from 0/);
});

test('a frontend stops, goes on, and is shut down for good', async t => {
	const {ask, table, told} = talk();
	const state = () => table.board.get(table.board.row('frontend', 0), FrontendColumn.state);
	t.is(await ask('enable frontend in'), 'All sockets are already enabled.\n\n');
	t.is(await ask('disable frontend in'), '\n');
	t.is(state(), 1);
	t.deepEqual(told, ['letGo 0', 'obeyBoard']);
	t.is(await ask('disable frontend #2'), 'All sockets are already disabled.\n\n');
	t.is(await ask('enable frontend in'), '\n');
	t.is(state(), 0);
	t.is(await ask('shutdown frontend in'), '\n');
	t.is(state(), 2);
	t.is(await ask('enable frontend in'), 'Frontend was previously shut down, cannot enable.\n\n');
	t.is(await ask('shutdown frontend in'), 'Frontend was already shut down.\n\n');
});

test('sessions are shown and ended', async t => {
	const {ask, sessions, told} = talk();
	sessions.push({
		session: '0x5',
		proto: 'tcpv4',
		source: '10.0.0.1:9',
		frontend: 'in',
		backend: 'out',
		server: 's1',
		ageMs: 1000,
		state: 'connected',
		bytesIn: 1,
		bytesOut: 2,
	});
	t.regex(await ask('show sess'), /^0x5: .*\n\n$/);
	t.regex(await ask('show sess 0x5'), /^0x5: .*\n {2}frontend=in\n/);
	t.is(await ask('shutdown session 0x5'), '\n');
	t.is(told.at(-1), 'endSession 0x5');
	t.is(await ask('shutdown sessions server out/s2'), '\n');
	t.is(told.at(-1), 'endSessions lasting=false');
});

test('the rest of what can be shown', async t => {
	const {ask} = talk();
	t.is(await ask('show backend'), '# name\nout\nraw\n\n');
	t.is(await ask('show table'), '\n');
	t.is(await ask('show version'), '9.9\n\n');
	t.regex(await ask('show errors'), /^Total events captured on \[.*\] : 0\n\n$/);
	t.regex(await ask('show servers state raw'), /^1\n# be_id .*\n4 raw 1 t1 .*\n\n$/);
	t.is((await ask('show stat 3 4 2')).split('\n').length, 4);
	t.is((await ask('show stat -1 4 -1 up')).split('\n').length, 7);
	t.is(JSON.parse(await ask('show stat json')).length, 8);
	t.regex(await ask('show stat typed'), /^F\.2\.0\.0\.pxname\.1:KNS:str:in\n/);
	t.regex(await ask('show stat anything'), /^# pxname,/);
	t.regex(await ask('show stat out x y'), /expects/);
	t.notRegex(await talk('user').ask('show stat'), /127\.0\.0\.1/);
});

test('counters: the highest values, or all of them', async t => {
	const {ask, worker, table} = talk();
	const row = worker.row('frontend', 0);
	worker.count(row, 0, 5);
	worker.countMax(row, 21, 5);
	t.is(await ask('clear counters'), '\n');
	t.deepEqual([table.readSum(row, 0), table.readMax(row, 21)], [5, 0]);
	t.is(await ask('clear counters all'), '\n');
	t.is(table.readSum(row, 0), 0);
});

test('the connection itself: prompt, timeout, end', async t => {
	const {ask, conversation} = talk('user');
	t.is(await ask('prompt'), '\n');
	t.true(conversation.isInteractive);
	await ask('prompt');
	t.false(conversation.isInteractive);
	for (const [text, ms] of [
		['60', 60_000],
		['500ms', 500],
		['2m', 120_000],
	] as const) {
		t.is(await ask(`set timeout cli ${text}`), '\n');
		t.is(conversation.timeoutMs, ms);
	}
	t.is(await ask('set timeout cli 0'), 'Invalid timeout value.\n\n');
	t.is(await ask('set timeout cli'), 'Expects an integer value.\n\n');
	await ask('quit');
	t.true(conversation.isOver);
});
