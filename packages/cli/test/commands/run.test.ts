import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const mainProgram = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

test('a daemon that cannot write its pid file ends, with its children, and says so', async t => {
	const directory = makeTempDirectory(t);
	const file = join(directory, 'proxy.cfg');
	writeFileSync(file, `defaults\n\tmode http\nfrontend f\n\tbind unix@${join(directory, 'web')}\n`);
	const pidFile = join(directory, 'missing', 'hapair.pid');
	const argv = [mainProgram, 'run', '-f', file, '--socket', join(directory, 's'), '--pid-file', pidFile];
	const child = spawn(process.execPath, argv, {stdio: ['ignore', 'ignore', 'pipe']});
	t.teardown(() => child.kill('SIGKILL'));
	let said = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		said += text;
	});
	const [code] = await once(child, 'close');
	t.is(code, 1);
	t.regex(said, /missing\/hapair\.pid: the pid file cannot be written/);
});
