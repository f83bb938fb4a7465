/** Commands about servers and limits beside haproxy, and states kept over a restart. */
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {type Both, startBoth} from './beside-haproxy.ts';

const CONFIGURATION = `
global
	nbthread 2
	maxconn 500
	stats socket DIR/sock level admin
	stats socket ipv4@ADDR:9999 level operator
	stats bind-process 1
	server-state-base DIR
	server-state-file all.state
defaults
	mode http
	timeout connect 2s
	timeout client 10s
	timeout server 10s
	load-server-state-from-file global
frontend web
	bind ADDR:8080
	default_backend pool
backend pool
	server s1 127.0.0.1:1 weight 10
	server s2 127.0.0.1:1 weight 10 check inter 600s
	server s3 127.0.0.1:1 disabled
	server s4 127.0.0.1:1
	server s5 127.0.0.1:1 agent-check agent-port 1 agent-inter 600s
backend own
	load-server-state-from-file local
	server-state-file-name own.state
	server o1 127.0.0.1:1
backend fixed
	balance source
	stick-table type ip size 1k expire 1m store gpc0,conn_cnt
	server t1 127.0.0.1:1
`;

const start = (t: ExecutionContext) => startBoth(t, CONFIGURATION, {'all.state': '', 'own.state': ''});

/** Empty lines at the end do not count; nor do times. */
function comparable(answer: string): string {
	return answer
		.replace(/\b0x[0-9a-f]+/g, '0xREF')
		.replace(/exp=\d+/g, 'exp=N')
		.replace(/^(\d+ \S+ \d+ \S+ \S+ \d \d+ \d+ \d+) \d+ \d+ \d /gm, '$1 - ')
		.trimEnd();
}

async function compare(t: ExecutionContext, {all}: Both, commands: readonly string[]): Promise<void> {
	const differences: string[] = [];
	for (const command of commands) {
		const [theirs, ours] = (await Promise.all(all.map(({ask}) => ask(command)))).map(comparable);
		if (ours !== theirs) differences.push(`${command}\n${theirs}\n${ours}`);
	}
	t.deepEqual(differences, []);
}

test('commands that change a server', async t => {
	const both = await start(t);
	if (both === undefined) return;
	await compare(t, both, [
		'set server pool/s1 fqdn x',
		'set server pool/s1 agent up',
		'set server pool/s5 agent down',
		'set server pool/s5 agent up',
		'set server pool/s5 agent xx',
		'set server pool/s2 check-port 90',
		'set server pool/s2 check-port abc',
		'set server pool/s2 check-port 0',
		'set server pool/s1 check-port 90',
		'set server pool/s2 check-addr 127.0.0.2',
		'set server pool/s2 check-addr zz',
		'set server pool/s2 check-addr 127.0.0.1 port 7',
		'set server pool/s5 agent-addr 127.0.0.1',
		'set server pool/s5 agent-port 2',
		'set server pool/s5 agent-addr 127.0.0.1 port 3',
		'set server pool/s5 agent-send xx',
		'set server pool/s1 agent-port 1',
		'set server pool/s1 agent-send q',
		'set server pool/s2 health xx',
		'set server pool/s1 health up',
		'set server pool/s1 state xx',
		'set server pool/s1 weight',
		'set server pool/s1 weight 1000',
		'set server pool/s1 addr',
		'set server pool/s1 addr zz',
		'set server pool/s1 addr 127.0.0.1 port 1',
		'set server pool/s1 addr 127.0.0.1',
		'set server pool/s1 addr 127.0.0.3 port 18',
		'set server pool/s1 addr 127.0.0.1 port 18',
		'enable agent pool/s1',
		'disable agent pool/s5',
		'enable agent pool/s5',
		'enable health pool/s1',
		'set weight pool/s1 -1',
		'set weight pool/s1',
		'set weight pool/s1 x',
		'set weight fixed/t1 3',
		'set maxconn server pool/s1',
		'set maxconn server pool/s1 x',
		'set server',
		'set server pool',
		'set server pool/nope state ready',
		'set server nope/nope state ready',
	]);
});

test('commands about the process and its parts', async t => {
	const both = await start(t);
	if (both === undefined) return;
	await compare(t, both, [
		'set maxconn frontend web',
		'set maxconn global',
		'set maxconn global 99999',
		'set maxconn global 400',
		'set rate-limit',
		'set rate-limit connections global',
		'set rate-limit connections global 5',
		'set rate-limit connections foo 5',
		'set rate-limit sessions global 7',
		'set rate-limit http-compression global 8',
		'set rate-limit ssl-sessions global 9',
		'set timeout cli',
		'set timeout cli x',
		'shutdown sessions server pool/s9',
		'shutdown session',
		'shutdown session 0x1',
		'shutdown frontend nope',
		'shutdown frontend',
		'enable frontend web',
		'show servers state nope',
		'show servers conn nope',
		'show cli level',
		'show cli sockets',
		'show table fixed',
		'set table fixed key 1.2.3.4 data.gpc0 5',
		'show table fixed data.gpc0 gt 0',
		'show table fixed data.zz gt 0',
		'show table fixed key 1.2.3.4',
		'clear table fixed data.gpc0 eq 5',
		'show table fixed',
		'show errors nope',
		'get weight pool',
	]);
	const limits = (text: string) => text.split('\n').filter(line => /RateLim/.test(line));
	const [theirs, ours] = await Promise.all(both.all.map(({ask}) => ask('show info')));
	t.deepEqual(limits(ours!), limits(theirs!));
	for (const command of ['show activity', 'show threads', 'show pools', 'show fd', 'show servers conn']) {
		const answers = await Promise.all(both.all.map(({ask}) => ask(command)));
		for (const answer of answers) t.notRegex(answer, /^Unknown/, command);
	}
	const [head] = (await both.haproxy.ask('show servers conn')).split('\n');
	t.is((await both.hapair.ask('show servers conn')).split('\n')[0], head);
});

test('servers that come and go', async t => {
	const both = await start(t);
	if (both === undefined) return;
	await compare(t, both, [
		'add server pool/d1 127.0.0.1:1 weight 7',
		'add server pool/d1 127.0.0.1:1',
		'add server pool',
		'add server nope/x 127.0.0.1:1',
		'add server fixed/x 127.0.0.1:1',
		'add server pool/d2 127.0.0.1:1 cookie c',
		'add server pool/d3 127.0.0.1:1 check inter 600s maxconn 3 maxqueue 4 rise 3 fall 4',
		'add server pool/d4 127.0.0.1:1 id 99 backup slowstart 3s',
		'add server pool/d5 127.0.0.1:1 agent-check agent-port 1',
		'show servers state pool',
		'del server pool/s4',
		'enable server pool/d1',
		'del server pool/d1',
		'disable server pool/d1',
		'del server pool/d1',
		'del server pool/d1',
		'del server pool',
		'show servers state pool',
		'add server pool/d6 127.0.0.1:1',
		'show servers state pool',
	]);
});

test('states are kept over a restart', async t => {
	const both = await start(t);
	if (both === undefined) return;
	for (const side of both.all) {
		await side.ask(
			'set server pool/s1 weight 5;set server pool/s2 state maint;set server pool/s3 state ready;set server pool/s5 state drain;set server own/o1 weight 50%;set server own/o1 state maint',
		);
		const state = (await side.ask('show servers state')).trimEnd();
		for (const file of ['all.state', 'own.state']) writeFileSync(join(side.directory, file), `${state}\n`);
		await side.restart();
	}
	const columns = (text: string) =>
		text
			.trimEnd()
			.split('\n')
			.map(line => line.split(' '))
			.map(cells => [cells[1], cells[3], cells[5], cells[6], cells[7], cells[8]].join(' '));
	const [theirs, ours] = await Promise.all(both.all.map(({ask}) => ask('show servers state')));
	t.deepEqual(columns(ours!), columns(theirs!));
	t.true(columns(ours!).includes('pool s1 2 0 5 10'));
});
