import {spawn} from 'node:child_process';
import {join} from 'node:path';
import test from 'ava';
import {notifyServiceManager, whyNoReplacement} from '../../src/daemon/service-manager.ts';
import {findTool} from '../../src/processes/find-tool.ts';

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

test('another process may take the place of this one only where somebody would know it', t => {
	t.is(process.env.NOTIFY_SOCKET, undefined);
	t.regex(whyNoReplacement(false), /neither a service manager .* nor a --pid-file/);
	t.is(whyNoReplacement(true), '');
});
