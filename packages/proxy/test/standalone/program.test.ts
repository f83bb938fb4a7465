/** `hapair proxy` in haproxy's place, from outside: arguments, texts, exit codes, signals, descriptors, pid files. */
import {once} from 'node:events';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {Client, waitFor} from '../helpers/engine.ts';
import {freePort, listeningDescriptor, type Run, runProgram, writeConfiguration} from '../helpers/program.ts';
import {GET, OK, serve} from '../helpers/proxy.ts';

const PATIENCE_MS = 15_000;

const frontend = (bind: string, server: number) => `
global
    nbthread 1
defaults
    mode http
    timeout connect 2s
    timeout client 10s
    timeout server 10s
frontend in
    bind ${bind}
    default_backend out
backend out
    server s1 127.0.0.1:${server}
`;

/** Connects as often as it takes until somebody listens. */
async function connect(t: ExecutionContext, port: number): Promise<Client> {
	for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; ) {
		const client = new Client(port);
		await client.until(({socket, closed}) => closed || socket.readyState === 'open');
		if (!client.closed) {
			t.teardown(() => client.socket.destroy());
			return client;
		}
		await new Promise(resolve => setTimeout(resolve, 20));
	}
	throw new Error(`Nobody listens on ${port}.`);
}

async function ask(t: ExecutionContext, port: number): Promise<Client> {
	const client = await connect(t, port);
	client.send(GET);
	await client.until(({text}) => text.includes('HTTP/1.1'), PATIENCE_MS);
	return client;
}

async function start(
	t: ExecutionContext,
	mode: string[] = ['-db'],
): Promise<{run: Run; port: number; directory: string}> {
	const port = await freePort();
	const {path, directory} = writeConfiguration(t, frontend(`127.0.0.1:${port}`, await serve(t)));
	const run = runProgram(t, [...mode, '-f', path], {cwd: directory});
	t.is((await ask(t, port)).text, OK);
	return {run, port, directory};
}

// --- Check mode

test.serial('-c: a valid file is said to be valid, exit 0', async t => {
	const {path} = writeConfiguration(t, frontend('127.0.0.1:8080', 80));
	const run = runProgram(t, ['-c', '-f', path]);
	t.is(await run.ended, 0);
	t.regex(run.output(), /^Configuration file is valid$/m);
});

test.serial('-c -q says nothing', async t => {
	const {path} = writeConfiguration(t, frontend('127.0.0.1:8080', 80));
	const run = runProgram(t, ['-c', '-q', '-f', path]);
	t.is(await run.ended, 0);
	t.is(run.output(), '');
});

test.serial('-c: all errors with file and line, exit 1', async t => {
	const {path} = writeConfiguration(
		t,
		'frontend in\n    mode http\n    bind :8080\n    nonsense here\n    default_backend nowhere\n',
	);
	const run = runProgram(t, ['-c', '-f', path]);
	t.is(await run.ended, 1);
	t.true(run.output().includes(`${path}:4`), run.output());
	t.true(run.output().includes(`${path}:5`), run.output());
	t.false(run.output().includes('is valid'));
});

test.serial('-c: nothing to listen on, exit 2', async t => {
	const {path} = writeConfiguration(t, 'backend out\n    mode http\n');
	t.is(await runProgram(t, ['-c', '-f', path]).ended, 2);
});

test.serial('a missing file, an unknown option: exit 1 and a sentence', async t => {
	const missing = runProgram(t, ['-c', '-f', '/does/not/exist.cfg']);
	t.is(await missing.ended, 1);
	t.regex(missing.output(), /\/does\/not\/exist\.cfg does not exist/);
	const unknown = runProgram(t, ['--frobnicate']);
	t.is(await unknown.ended, 1);
	t.regex(unknown.output(), /--frobnicate/);
});

test.serial('an error file that is none is refused at the check', async t => {
	const {path, directory} = writeConfiguration(t, '');
	writeFileSync(join(directory, '503.http'), 'sorry\n');
	writeFileSync(path, `${frontend('127.0.0.1:8080', 80)}    errorfile 503 ${directory}/503.http\n`);
	const run = runProgram(t, ['-c', '-f', path]);
	t.is(await run.ended, 1);
	t.regex(run.output(), /haproxy\.cfg:\d+: errorfile: .*503\.http: it must begin with a status line/);
});

test.serial('-v and -vv', async t => {
	for (const flag of ['-v', '-vv']) {
		const run = runProgram(t, [flag]);
		t.is(await run.ended, 0);
		t.regex(run.output(), /version \d+\.\d+/);
	}
});

// --- Signals

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
	test.serial(`${signal} ends it at once, connections with it: exit 0`, async t => {
		const {run, port} = await start(t, ['-d']);
		const client = await ask(t, port);
		run.child.kill(signal);
		t.is(await run.ended, 0);
		await client.untilEnd();
	});
}

test.serial('USR1: no new connections, the last transaction is finished, exit 0', async t => {
	let finish: (() => void) | undefined;
	const server = await serve(t, socket => void socket.on('data', () => (finish = () => socket.write(OK))));
	const port = await freePort();
	const {path} = writeConfiguration(t, frontend(`127.0.0.1:${port}`, server));
	const run = runProgram(t, ['-db', '-f', path]);
	const client = await connect(t, port);
	client.send(GET);
	await waitFor(() => finish !== undefined, PATIENCE_MS);
	run.child.kill('SIGUSR1');
	for (let refused = false; !refused; ) {
		const late = new Client(port);
		await late.until(({socket, closed}) => closed || socket.readyState === 'open');
		refused = late.closed;
		late.socket.destroy();
	}
	t.is(run.child.exitCode, null);
	finish?.();
	await client.untilText('ok');
	t.is(await run.ended, 0);
});

test.serial('USR1 that comes while it starts is not lost', async t => {
	const port = await freePort();
	const {path} = writeConfiguration(t, frontend(`127.0.0.1:${port}`, await serve(t)));
	const run = runProgram(t, ['-db', '-f', path]);
	// From the moment a worker answers, the engine is there for others, and may not be yet for itself.
	const client = await connect(t, port);
	run.child.kill('SIGUSR1');
	client.socket.end();
	t.is(await run.ended, 0);
	t.false(run.output().includes('Debugger'));
});

test.serial('TTOU stops listening, TTIN listens again, connections go on meanwhile', async t => {
	const {run, port} = await start(t);
	const kept = await ask(t, port);
	run.child.kill('SIGTTOU');
	for (let refused = false; !refused; ) {
		const late = new Client(port);
		await late.until(({socket, closed}) => closed || socket.readyState === 'open');
		refused = late.closed;
		late.socket.destroy();
	}
	kept.send(GET);
	await kept.untilText(OK + OK);
	run.child.kill('SIGTTIN');
	t.is((await ask(t, port)).text, OK);
	run.child.kill('SIGTERM');
	t.is(await run.ended, 0);
});

test.serial('HUP shows the servers and goes on', async t => {
	const {run, port} = await start(t);
	await waitFor(() => {
		run.child.kill('SIGHUP');
		return run.output().includes('Server out/s1 is ');
	}, PATIENCE_MS);
	t.is((await ask(t, port)).text, OK);
});

// --- Descriptors, directories, pid files

test.serial('bind fd@NAME: the inherited socket is served, connections that waited in it too', async t => {
	const {port, fd, letGo} = await listeningDescriptor();
	const {path} = writeConfiguration(t, frontend(`"fd@\${LISTENER}"`, await serve(t)));
	const run = runProgram(t, ['-d', '-f', path], {env: {LISTENER: '3'}, descriptors: [fd]});
	letGo();
	// Nobody says when it is ready: the client connects at once and waits.
	t.is((await ask(t, port)).text, OK);
	run.child.kill('SIGINT');
	t.is(await run.ended, 0);
});

test.serial('an inherited descriptor may stand on two lines and survives a pause', async t => {
	const {port, fd, letGo} = await listeningDescriptor();
	const text = frontend('fd@3', await serve(t)).replace('    bind fd@3', '    bind fd@3\n    bind fd@3');
	const {path} = writeConfiguration(t, text);
	const run = runProgram(t, ['-d', '-f', path], {descriptors: [fd]});
	letGo();
	t.is((await ask(t, port)).text, OK);
	run.child.kill('SIGTTOU');
	await waitFor(() => {
		run.child.kill('SIGHUP');
		return run.output().includes('Frontend in is STOP');
	}, PATIENCE_MS);
	run.child.kill('SIGTTIN');
	t.is((await ask(t, port)).text, OK);
	run.child.kill('SIGINT');
	t.is(await run.ended, 0);
});

test.serial('the end of stdin changes nothing', async t => {
	const {run, port} = await start(t, ['-d']);
	run.child.stdin!.end();
	await once(run.child.stdin!, 'close');
	t.is((await ask(t, port)).text, OK);
	run.child.kill('SIGINT');
	t.is(await run.ended, 0);
});

test.serial('-p writes the pid of the started process; it is gone at the end', async t => {
	const {run, directory} = await start(t, ['-W', '-p', 'proxy.pid', '-L', 'me']);
	const path = join(directory, 'proxy.pid');
	await waitFor(() => existsSync(path));
	t.is(readFileSync(path, 'utf8').trim(), String(run.child.pid));
	run.child.kill('SIGINT');
	t.is(await run.ended, 0);
	t.false(existsSync(path));
});

test.serial('-D: the started process ends when the other one listens; its pipe ends too', async t => {
	const port = await freePort();
	const {path, directory} = writeConfiguration(t, frontend(`127.0.0.1:${port}`, await serve(t)));
	const run = runProgram(t, ['-D', '-f', path, '-p', join(directory, 'proxy.pid')], {cwd: directory});
	t.is(await run.ended, 0);
	const pid = Number(readFileSync(join(directory, 'proxy.pid'), 'utf8'));
	t.not(pid, run.child.pid);
	t.teardown(() => {
		try {
			process.kill(pid, 'SIGKILL');
		} catch {
			// Ended by the test itself.
		}
	});
	const client = new Client(port);
	client.send(GET);
	await client.untilText(OK);
	process.kill(pid, 'SIGTERM');
	await client.untilEnd();
	client.socket.destroy();
});

test.serial('-sf: the new process serves, the old one finishes and ends', async t => {
	const {run: old, port, directory} = await start(t);
	const client = await ask(t, port);
	const next = runProgram(t, ['-db', '-f', join(directory, 'haproxy.cfg'), '-sf', String(old.child.pid)]);
	// Its idle connection is closed when the old process is told to finish.
	await client.until(({ended, closed}) => ended || closed, PATIENCE_MS);
	t.is(await old.ended, 0);
	t.is((await ask(t, port)).text, OK);
	next.child.kill('SIGTERM');
	t.is(await next.ended, 0);
});

test.serial('-C changes the directory first', async t => {
	const {directory} = writeConfiguration(t, frontend('127.0.0.1:8080', 80));
	const run = runProgram(t, ['-C', directory, '-c', '-f', 'haproxy.cfg']);
	t.is(await run.ended, 0);
});

test.serial('a port that is taken: exit 1 and which one', async t => {
	const {port, letGo} = await listeningDescriptor();
	const {path} = writeConfiguration(t, frontend(`127.0.0.1:${port}`, 80));
	const run = runProgram(t, ['-db', '-f', path]);
	t.is(await run.ended, 1);
	t.true(run.output().includes(`127.0.0.1:${port}`), run.output());
	letGo();
});
