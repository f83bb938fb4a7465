import {writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import test from 'ava';
import {findFreePort} from '../helpers/free-port.ts';
import {runHapair} from '../helpers/run-hapair.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const defaults = 'defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n';

test('-c keeps haproxy’s exit codes: 0 valid, 1 wrong, 2 nothing to listen on', async t => {
	const path = join(makeTempDirectory(t), 'x.cfg');
	const codes: (number | string)[] = [];
	for (const text of ['listen a\n bind 127.0.0.1:18994\n server s 127.0.0.1:1\n', 'listen a\n bnd *:80\n', '']) {
		writeFileSync(path, defaults + text);
		codes.push((await runHapair(t, ['proxy', '-c', '-f', path])).code);
	}
	t.deepEqual(codes, [0, 1, 2]);
});

test('a port in use is one sentence with what to do', async t => {
	const port = await findFreePort();
	const server = createServer();
	await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
	t.teardown(() => server.close());
	const path = join(makeTempDirectory(t), 'x.cfg');
	writeFileSync(path, `${defaults}listen a\n bind 127.0.0.1:${port}\n server s 127.0.0.1:1\n`);
	const {code, err} = await runHapair(t, ['proxy', '-f', path]);
	t.is(code, 1);
	t.regex(
		err,
		new RegExp(`^bind 127\\.0\\.0\\.1:${port}: port ${port} is in use by another program\\.\\n {2}Find it with`, 'm'),
	);
});

test('without a file it says what is missing', async t => {
	const {code, err} = await runHapair(t, ['proxy']);
	t.is(code, 1);
	t.regex(err, /^No configuration: give one with -f FILE\./);
});
