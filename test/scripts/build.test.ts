import {spawn} from 'node:child_process';
import {copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {createServer, request} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {waitFor} from '../lab/wait.ts';

const build = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url));

test('the built program serves, checks and says its version, with nothing beside its folder', async t => {
	const folder = mkdtempSync(join(tmpdir(), 'hapair-build-'));
	t.teardown(() => rmSync(folder, {recursive: true, force: true}));
	const program = join(folder, 'program', 'main.js');
	t.is((await run([build, join(folder, 'program'), join(folder, 'report'), '9.9.9'])).code, 0);

	t.is((await run([program, '--version'])).out, 'hapair 9.9.9\n');
	const origin = createServer((_, response) => response.end('from the server'));
	await new Promise<void>(resolve => origin.listen(0, '127.0.0.1', resolve));
	t.teardown(() => origin.close());
	const free = createServer().listen(0, '127.0.0.1');
	await new Promise(resolve => free.once('listening', resolve));
	const port = portOf(free.address());
	await new Promise(resolve => free.close(resolve));
	const file = join(folder, 'haproxy.cfg');
	writeFileSync(
		file,
		`global\n\tnbthread 1\nlisten web\n\tmode http\n\tbind 127.0.0.1:${port}\n\ttimeout client 5s\n\ttimeout server 5s\n\ttimeout connect 5s\n\tserver a 127.0.0.1:${portOf(origin.address())}\n`,
	);
	const checked = await run([program, 'check', '-f', file]);
	t.is(checked.code, 0, checked.out);
	t.is((await run([program, 'proxy', '-c', '-f', file])).code, 0);

	const proxy = spawn(process.execPath, [program, 'proxy', '-db', '-f', file], {stdio: 'ignore'});
	t.teardown(() => proxy.kill('SIGKILL'));
	await waitFor('the built program to serve', async () => (await get(port)) === 'from the server');
	const ended = new Promise(resolve => proxy.once('exit', resolve));
	proxy.kill('SIGUSR1');
	t.is(await ended, 0);
});

test('hapair starts what is built, unless a source is newer', async t => {
	const folder = mkdtempSync(join(tmpdir(), 'hapair-build-'));
	t.teardown(() => rmSync(folder, {recursive: true, force: true}));
	const place = (path: string, text: string) => {
		const file = join(folder, path);
		mkdirSync(join(file, '..'), {recursive: true});
		writeFileSync(file, text);
		return file;
	};
	const bin = place('packages/cli/bin/hapair.mjs', '');
	copyFileSync(fileURLToPath(new URL('../../packages/cli/bin/hapair.mjs', import.meta.url)), bin);
	place('package.json', '{"type": "module"}');
	place('packages/cli/src/main.ts', "console.log('source');");
	t.is((await run([bin])).out, 'source\n');
	const built = place('packages/cli/dist/main.js', "console.log('built');");
	t.is((await run([bin])).out, 'built\n');
	for (const name of ['config', 'heartbeat', 'proxy']) place(`packages/${name}/src/index.ts`, '');
	utimesSync(built, 1, 1);
	t.is((await run([bin])).out, 'source\n');
	const later = Date.now() / 1000 + 60;
	utimesSync(built, later, later);
	t.is((await run([bin])).out, 'built\n');
});

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
	return typeof address === 'object' && address !== null ? address.port : 0;
}

function run(argv: readonly string[]): Promise<{code: number | null; out: string}> {
	const child = spawn(process.execPath, argv, {cwd: tmpdir()});
	let out = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (out += String(chunk)));
	return new Promise(resolve => child.once('close', code => resolve({code, out})));
}

function get(port: number): Promise<string | undefined> {
	return new Promise(resolve => {
		const sent = request({port, host: '127.0.0.1', agent: false}, async response => {
			let body = '';
			for await (const chunk of response) body += String(chunk);
			resolve(body);
		});
		sent.once('error', () => resolve(undefined));
		sent.end();
	});
}
