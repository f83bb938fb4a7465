import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {type ImportOptions, importKeepalived} from '../../src/commands/import.ts';
import {parseText} from '../../src/configuration/load.ts';
import {exitCodes, UserError} from '../../src/exit-codes.ts';
import {recordIo} from '../helpers/record-io.ts';
import {runHapair} from '../helpers/run-hapair.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const usual = `global_defs {
    router_id lb1
    notification_email { a@example.com }
    vrrp_startup_delay 2.5
}
vrrp_script chk_haproxy {
    script "killall -0 haproxy"   # cheap
    interval 2
    weight 2
}
vrrp_script chk_web {
    script "/usr/local/bin/check 'two words' x"
    interval 5
    timeout 3
    fall 3
    weight -20
}
vrrp_script chk_nginx { script "/usr/bin/pidof nginx" }
vrrp_script shell { script "curl -s localhost | grep ok" }
vrrp_instance VI_1
{
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 0.5
    nopreempt
    garp_master_delay 1
    unicast_src_ip 10.0.0.11
    unicast_peer { 10.0.0.12 }
    authentication { auth_type PASS
        auth_pass secret }
    virtual_ipaddress {
        10.0.0.100/24 label eth0:1
        10.0.0.101 dev eth1
    }
    track_script { chk_haproxy
        chk_web
        chk_nginx
        shell
    }
    notify_master "/etc/keepalived/master.sh now" keepalived_script
    notify /etc/keepalived/notify.sh
    smtp_alret
}
`;

function importText(t: ExecutionContext, texts: readonly string[], changes: Partial<ImportOptions> = {}) {
	const directory = makeTempDirectory(t);
	const files = texts.map((text, index) => {
		const file = join(directory, `lb${index + 1}.conf`);
		writeFileSync(file, text);
		return file;
	});
	const {io, out, err} = recordIo();
	const options = {files, nodes: [], instance: undefined, keyFile: '/etc/pair.key', output: undefined, json: false};
	const run = () => importKeepalived({...options, ...changes}, io);
	return {run, out, err: () => err().replaceAll(`${directory}/`, ''), directory};
}

test('a usual file becomes a pair section that the parser takes, in both quoting rules', t => {
	const {run, out} = importText(t, [usual]);
	t.is(run(), exitCodes.ok);
	const [, ...lines] = out().trimEnd().split('\n');
	t.deepEqual(
		lines.map(line => line.trim()),
		[
			'pair VI_1',
			'node lb1 10.0.0.11 priority 150',
			'node lb2 10.0.0.12 priority 100',
			'virtual-ip 10.0.0.100/24 dev eth0',
			'virtual-ip 10.0.0.101/32 dev eth1',
			'advertise 500ms',
			'secret file /etc/pair.key',
			'preempt off',
			'start-delay 2500ms',
			'track interface eth0',
			'track script /usr/local/bin/check\\ two\\\\\\ words\\ x every 5s timeout 3s rise 1 fall 3',
			'track process nginx every 1s timeout 1s rise 1 fall 1',
			'on master exec /etc/keepalived/master.sh now',
			'on change exec /etc/keepalived/notify.sh',
		],
	);
	for (const before of ['', 'listen a 127.0.0.1:1\n clitimeout 1s\n contimeout 1s\n srvtimeout 1s\n']) {
		const {configuration, diagnostics} = parseText('x.cfg', `${before}${out()}`);
		t.deepEqual(
			diagnostics.filter(({severity}) => severity === 'error'),
			[],
		);
		const script = configuration?.pair?.tracks.find(({kind}) => kind === 'script');
		t.deepEqual(script?.kind === 'script' && script.argv, ['/usr/local/bin/check', 'two words', 'x']);
	}
});

test('each statement that does not come along is named with its line, and why', t => {
	const {run, err} = importText(t, [usual]);
	run();
	for (const line of [
		/^lb1\.conf:3: not carried over: notification_email: hapair sends no mail/m,
		/^lb1\.conf:7: changed: the check of haproxy is not needed/m,
		/^lb1\.conf:16: changed: weight -20: .*neither does$/m,
		/^lb1\.conf:19: not carried over: script "curl -s localhost \| grep ok": it needs a shell/m,
		/^lb1\.conf:20: changed: the priority of the other node is not in this file; 100 is a guess/m,
		/^lb1\.conf:22: not needed: state: /m,
		/^lb1\.conf:28: not carried over: garp_master_delay: /m,
		/^lb1\.conf:31: changed: authentication: advertisements are signed/m,
		/^lb1\.conf:34: not carried over: 10\.0\.0\.100\/24: label eth0:1 is not set/m,
		/^lb1\.conf:35: changed: 10\.0\.0\.101: without a prefix length keepalived sets \/32/m,
		/^lb1\.conf:42: changed: notify_master: runs as the user of the daemon, not as keepalived_script/m,
		/^lb1\.conf:44: not carried over: smtp_alret: /m,
	])
		t.regex(err(), line);
	t.false(err().includes('advert_int'), 'what is carried over needs no note');
});

test("the other node's file tells its address and priority, and an address that only one has is told", t => {
	const other = `vrrp_instance VI_1 { 
	interface eth0
	priority 90
	mcast_src_ip 10.0.0.12
	virtual_ipaddress { 10.0.0.100/24
	10.0.0.200/24 }
}`;
	const {run, out, err} = importText(t, [usual.replace('unicast_peer { 10.0.0.12 }', ''), other]);
	t.is(run(), exitCodes.ok);
	t.regex(out(), /^ {4}node lb2 10\.0\.0\.12 priority 90$/m);
	t.regex(err(), /^lb2\.conf:6: not carried over: 10\.0\.0\.200\/24: the other node has no such address$/m);
	t.false(err().includes('guess'));
});

test('one file for both nodes, by conditions and definitions, is read as two', t => {
	const {run, out} = importText(t, [
		`$VIP=10.0.0.100/24
vrrp_instance VI_1 {
	interface eth0
	@lb1 priority 150
	@lb2 priority 90
	@lb1 unicast_src_ip 10.0.0.11
	@lb2 unicast_src_ip 10.0.0.12
	@^lb1 preempt_delay 300
	@^lb2 preempt_delay 60
	virtual_ipaddress {
		\${VIP}
	}
}`,
	]);
	t.is(run(), exitCodes.ok);
	t.regex(out(), /node lb1 10\.0\.0\.11 priority 150\n {4}node lb2 10\.0\.0\.12 priority 90\n/);
	t.regex(out(), /virtual-ip 10\.0\.0\.100\/24 dev eth0\n/);
	t.regex(out(), /preempt after 60s\n/);
});

test('included files count, from the directory of the file that names them', t => {
	const {run, out, directory} = importText(t, ['include conf-*.inc\ninclude none-*.inc\n'], {
		nodes: ['a=10.0.0.1', 'b=10.0.0.2'],
		json: true,
	});
	const inner = 'vrrp_instance V {\n interface eth0\n virtual_ipaddress {\n 10.0.0.9/24\n }\n}\n';
	writeFileSync(join(directory, 'conf-a.inc'), inner);
	t.is(run(), exitCodes.ok);
	const {text, notes} = JSON.parse(out());
	t.regex(text, /pair V\n {4}node a 10\.0\.0\.1 priority 100\n/);
	t.true(notes.some((note: {line: number; message: string}) => note.line === 2 && note.message.includes('none-*.inc')));
});

test('crossed instances are told, and --instance takes one', t => {
	const crossed = `vrrp_instance A {\n state MASTER\n interface eth0\n virtual_ipaddress { 10.0.0.8/24 }\n}
vrrp_instance B {\n state BACKUP\n interface eth0\n virtual_ipaddress { 10.0.0.9/24 }\n}\n`;
	const nodes = ['a=10.0.0.1', 'b=10.0.0.2'];
	const both = importText(t, [crossed], {nodes});
	both.run();
	t.regex(both.err(), /^lb1\.conf:6: not carried over: B has another state or priority than A; in a pair one node/m);
	const one = importText(t, [crossed], {nodes, instance: 'B'});
	one.run();
	t.regex(one.out(), /pair B\n/);
	t.false(one.out().includes('10.0.0.8'));
});

test('what is missing is asked for, and nothing is written', t => {
	const {run, out, directory} = importText(t, ['vrrp_instance A {\n virtual_ipaddress { 10.0.0.8/24 }\n}\n'], {
		output: '/nonexistent/out.cfg',
	});
	const error = t.throws(run, {instanceOf: UserError});
	t.is(error?.exitCode, exitCodes.usage);
	t.regex(
		error?.message ?? '',
		/the address of lb1: --node lb1=ADDRESS; the address of lb2.*; the interface of 10\.0\.0/,
	);
	t.is(out(), '');
	t.false(existsSync(join(directory, 'out.cfg')));
});

test('a pair that hapair would refuse is not written', t => {
	const {run, err} = importText(t, [usual], {nodes: ['a=10.0.0.100', 'b=10.0.0.2']});
	t.throws(run, {message: /no valid pair section/});
	t.regex(err(), /is the own address of node 'a'/);
});

test('braces that do not close, and one too many, are told', t => {
	const {run, err} = importText(t, ['}\nvrrp_instance A {\n interface eth0\n virtual_ipaddress {\n 10.0.0.8/24\n'], {
		nodes: ['a=10.0.0.1', 'b=10.0.0.2'],
	});
	run();
	t.regex(err(), /lb1\.conf:1: not carried over: a closing brace too many/);
	t.regex(err(), /lb1\.conf:2: not carried over: the block of vrrp_instance is not closed/);
});

test('the command writes a new file and keeps one that exists', async t => {
	const {directory} = importText(t, [usual]);
	const [file, output] = [join(directory, 'lb1.conf'), join(directory, 'pair.cfg')];
	const made = await runHapair(t, ['import', file, '--output', output]);
	t.is(made.code, exitCodes.ok, made.err);
	t.regex(readFileSync(output, 'utf8'), /^# From .*lb1\.conf\..*\npair VI_1\n/);
	const again = await runHapair(t, ['import', file, '--output', output]);
	t.is(again.code, exitCodes.failed);
	t.regex(again.err, /exists and is not overwritten/);
	t.false(/\x1b/.test(made.err + made.out), 'no colour outside of a terminal');
});
