import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import test from 'ava';
import {notifyServiceManager, whyNoReplacement} from '../../src/daemon/service-manager.ts';
import {findTool} from '../../src/processes/find-tool.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

test('without systemd nothing is started and nothing fails', t => {
	t.is(process.env.NOTIFY_SOCKET, undefined);
	t.notThrows(() => notifyServiceManager('READY=1'));
});

test('a service manager that is not there, or has no tool here, does not hold the daemon', async t => {
	const source = join(import.meta.dirname, '..', '..', 'src', 'daemon', 'service-manager.ts');
	const program = `const {notifyServiceManager} = await import(${JSON.stringify(source)}); notifyServiceManager('READY=1');`;
	const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
		env: {NOTIFY_SOCKET: '/nonexistent/notify'},
		stdio: ['ignore', 'inherit', 'inherit'],
	});
	const code = await new Promise(resolve => child.once('exit', resolve));
	t.is(code, 0, findTool('systemd-notify') ?? 'no systemd-notify on this machine');
});

test('the process itself is heard, as systemd wants it of a main process', async t => {
	const perl = findTool('perl');
	if (perl === undefined) return t.pass('nobody here can listen');
	const path = join(makeTempDirectory(t), 'notify');
	const listen = `use Socket; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; bind($s, sockaddr_un($ARGV[0])) or die;
$| = 1; print "listening\n"; alarm 20; recv($s, my $text, 100, 0); print $text;`;
	const listener = spawn(perl, ['-e', listen, path], {stdio: ['ignore', 'pipe', 'inherit']});
	await once(listener.stdout, 'data');
	const heard = once(listener.stdout, 'data');
	process.env.NOTIFY_SOCKET = path;
	try {
		notifyServiceManager('READY=1');
	} finally {
		delete process.env.NOTIFY_SOCKET;
	}
	t.is(String(await heard), 'READY=1');
});

test('another process may take the place of this one only where somebody would know it', t => {
	t.is(process.env.NOTIFY_SOCKET, undefined);
	t.regex(whyNoReplacement(false), /neither a service manager .* nor a --pid-file/);
	t.is(whyNoReplacement(true), '');
});
