/** `show table`, `set table` and `clear table`, as HAProxy 2.6 answers them. */
import test from 'ava';
import type {Level} from '../../src/stats/command.ts';
import {beginConversation, runCommand} from '../../src/stats/commands.ts';
import {CONFIGURATION, createRuntime} from '../helpers/runtime.ts';

const TABLES = `
backend all
	stick-table type ip size 100 expire 30s store gpc0,http_req_cnt,http_req_rate(10s)
backend web
	stick-table type integer size 1k
	stick on src
	server s1 127.0.0.1:81
backend bin
	stick-table type binary len 4 size 2
`;

function talk(level: Level = 'admin', {runtime} = createRuntime(CONFIGURATION + TABLES)) {
	const conversation = beginConversation(level, 10_000);
	return async (line: string) =>
		(await runCommand({runtime, conversation}, line)).replaceAll(/^0x[0-9a-f]+:/gm, '0xE:');
}

test('tables and entries are shown in the form of HAProxy', async t => {
	const ask = talk();
	t.is(
		await ask('show table'),
		'# table: all, type: ip, size:100, used:0\n# table: web, type: integer, size:1024, used:0\n# table: bin, type: binary, size:2, used:0\n\n',
	);
	t.is(await ask('set table all key 10.0.0.2 data.http_req_rate 50 data.gpc0 3'), '\n');
	const entry = '0xE: key=10.0.0.2 use=0 exp=30000 gpc0=3 http_req_cnt=0 http_req_rate(10000)=50\n';
	t.is(await ask('show table all'), `# table: all, type: ip, size:100, used:1\n${entry}\n`);
	t.is(await ask('show table all key 10.0.0.2'), `# table: all, type: ip, size:100, used:1\n${entry}\n`);
	t.is(await ask('show table all key 10.0.0.9'), '\n');
	await ask('set table web key 42 data.server_id 1');
	await ask('set table web key 77');
	t.is(
		await ask('show table web'),
		'# table: web, type: integer, size:1024, used:2\n0xE: key=42 use=0 exp=0 server_id=1 server_key=s1\n0xE: key=77 use=0 exp=0 server_id=0 server_key=-\n\n',
	);
	await ask('set table bin key 2F61');
	t.is(await ask('show table bin'), '# table: bin, type: binary, size:2, used:1\n0xE: key=2F610000 use=0 exp=0\n\n');
});

test('entries are chosen by what is stored', async t => {
	const ask = talk();
	for (let last = 1; last <= 5; last++) await ask(`set table all key 10.0.0.${last} data.gpc0 ${last}`);
	const keys = async (filter: string) =>
		[...(await ask(`show table all ${filter}`)).matchAll(/key=10\.0\.0\.(\d)/g)].map(([, key]) => key).join('');
	t.is(await keys('data.gpc0 gt 3'), '45');
	t.is(await keys('data.gpc0 ge 3'), '345');
	t.is(await keys('data.gpc0 lt 2'), '1');
	t.is(await keys('data.gpc0 le 2'), '12');
	t.is(await keys('data.gpc0 eq 2'), '2');
	t.is(await keys('data.gpc0 ne 2'), '1345');
	t.is(await keys('data.gpc0 gt 1 data.gpc0 lt 4'), '23');
	t.is(await ask('clear table all data.gpc0 lt 3'), '\n');
	t.is(await keys(''), '345');
	t.is(await ask('clear table all key 10.0.0.4'), '\n');
	t.is(await ask('clear table all key 10.0.0.4'), '\n');
	t.is(await keys(''), '35');
	t.is(await ask('clear table all'), '\n');
	t.is(await keys(''), '');
});

test('mistakes are answered with what is wrong', async t => {
	const ask = talk();
	const clear = 'Required arguments: <table> "data.<store_data_type>" <operator> <value> or <table> key <key>\n\n';
	const answers: Readonly<Record<string, string>> = {
		'show table nope': 'No such table\n\n',
		'show table all key': 'Key value expected\n\n',
		'show table all key nobody': "'nobody' is not a key of type ip\n\n",
		'show table all data.nope gt 1': 'Filter entry #1: Unknown data type\n\n',
		'show table all data.gpc0 gt 1 data.gpc0 xx 1':
			'Filter entry #2: Require and operator among "eq", "ne", "le", "ge", "lt", "gt"\n\n',
		'show table all data.gpc0 gt x': 'Filter entry #1: Require a valid integer value to compare against\n\n',
		'clear table': clear,
		'clear table all foo': clear,
		'set table': 'Required arguments: <table> key <key> [data.<store_data_type> <value>]*\n\n',
		'set table all key 10.0.0.1 data.nope 5': 'Unknown data type\n\n',
		'set table all key 10.0.0.1 data.gpc0 x': 'Require a valid integer value to store\n\n',
	};
	for (const [line, answer] of Object.entries(answers)) t.is(await ask(line), answer, line);
	t.regex(await ask('show table all'), /used:0\n\n$/);
});

test('entries are shown to operators, and changed by administrators', async t => {
	const shared = createRuntime(CONFIGURATION + TABLES);
	await talk('admin', shared)('set table all key 10.0.0.1');
	const head = '# table: all, type: ip, size:100, used:1\n';
	const entry = '0xE: key=10.0.0.1 use=0 exp=30000 gpc0=0 http_req_cnt=0 http_req_rate(10000)=0\n';
	for (const question of ['show table all', 'show table all key 10.0.0.1']) {
		t.is(await talk('user', shared)(question), `${head}\n`);
		t.is(await talk('operator', shared)(question), `${head}${entry}\n`);
	}
	t.is(await talk('operator', shared)('set table all key 10.0.0.1'), 'Permission denied\n\n');
	t.is(await talk('operator', shared)('clear table all'), 'Permission denied\n\n');
});
