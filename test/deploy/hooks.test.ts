import {type ChildProcess, spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {copyFileSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import type {HookOccasion} from '../../packages/cli/src/hooks/events.ts';
import {runExecHook} from '../../packages/cli/src/hooks/exec.ts';
import {deliverWebhook} from '../../packages/cli/src/hooks/webhook.ts';
import {sampleOccasion} from '../../packages/cli/test/helpers/samples.ts';

const hooks = fileURLToPath(new URL('../../deploy/hooks', import.meta.url));
const position = {file: 'pair.cfg', line: 1, column: 1};
const uid = process.getuid?.() ?? 0;

const occasion: HookOccasion = {
	...sampleOccasion,
	reason: 'lb2 has been silent for 682 ms',
	virtualAddresses: ['10.0.0.100'],
};

function makeDirectory(t: ExecutionContext): string {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-deploy-'));
	t.teardown(() => rmSync(directory, {recursive: true, force: true}));
	return directory;
}

/** A mail relay for one letter. `refuse` is the command that it answers with 550. */
async function startRelay(t: ExecutionContext, refuse?: string): Promise<{port: number; lines: string[]}> {
	const lines: string[] = [];
	const server = createServer(socket => {
		socket.setEncoding('latin1').write('220 relay ready\r\n');
		let rest = '';
		let inText = false;
		socket.on('error', () => {});
		socket.on('data', (text: string) => {
			const arrived = (rest + text).split('\r\n');
			rest = arrived.pop() ?? '';
			for (const line of arrived) {
				lines.push(line);
				const [verb = ''] = line.split(' ');
				if (inText && line !== '.') continue;
				inText = verb === 'DATA';
				if (verb === refuse) socket.write('550 no\r\n');
				else if (verb === 'EHLO') socket.write('250-relay\r\n250-PIPELINING\r\n250 HELP\r\n');
				else socket.write(inText ? '354 go on\r\n' : '250 ok\r\n');
			}
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.close());
	return {port: (server.address() as AddressInfo).port, lines};
}

/** Installs the mail hook as operating.md says and runs it as the daemon does. */
function runMailHook(t: ExecutionContext, port: number): ReturnType<typeof runExecHook> {
	const program = join(makeDirectory(t), 'notify-mail.sh');
	copyFileSync(join(hooks, 'notify-mail.sh'), program);
	const argv = [program, 'admin@example.org', '127.0.0.1', String(port)];
	return runExecHook({on: 'change', kind: 'exec', argv, timeoutMs: 10_000, position}, occasion, uid);
}

test('The mail hook hands one letter to the relay, with the state and the reason', async t => {
	const {port, lines} = await startRelay(t);
	const {ok, detail} = await runMailHook(t, port);
	t.true(ok, detail);
	t.true(lines.includes('RCPT TO:<admin@example.org>'));
	t.true(lines.includes('Subject: [hapair] oslo: lb1 is MASTER (master)'));
	t.true(lines.includes('lb1: backup -> master, term 4'));
	t.true(lines.includes('Reason: lb2 has been silent for 682 ms'));
	t.is(lines.filter(line => line === '.').length, 1);
});

test('A relay that refuses makes the mail hook fail, with the answer in its output', async t => {
	const {port} = await startRelay(t, 'RCPT');
	const {ok, detail} = await runMailHook(t, port);
	t.false(ok);
	t.regex(detail, /127\.0\.0\.1 answered: 550 no/);
});

interface Receiver {
	readonly url: string;
	readonly secret: Uint8Array;
	/** What it printed so far. */
	text(): string;
}

async function startReceiver(t: ExecutionContext): Promise<Receiver> {
	const keyFile = join(makeDirectory(t), 'webhook.key');
	const key = randomBytes(32).toString('base64');
	writeFileSync(keyFile, `${key}\n`, {mode: 0o600});
	const child: ChildProcess = spawn(process.execPath, [join(hooks, 'webhook-receiver.mjs'), keyFile, '0'], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	t.teardown(() => child.kill());
	let printed = '';
	const port = await new Promise<string>((resolve, reject) => {
		child.once('exit', code => reject(new Error(`the receiver ended with ${code}`)));
		child.stdout?.setEncoding('utf8').on('data', (text: string) => {
			printed += text;
			const found = /waiting for events on 127\.0\.0\.1:(\d+)\n/.exec(printed)?.[1];
			if (found !== undefined) resolve(found);
		});
	});
	return {url: `http://127.0.0.1:${port}/hapair`, secret: Buffer.from(key), text: () => printed};
}

function deliver({url}: Receiver, secret: Uint8Array | undefined, what: Partial<HookOccasion> = {}) {
	const hook = {on: 'change', kind: 'webhook', url, timeoutMs: 5000, position} as const;
	return deliverWebhook(hook, {...occasion, ...what}, {version: '0.1.0', ...(secret === undefined ? {} : {secret})});
}

test('The receiver prints a signed event once, however often it is delivered, and marks an old term', async t => {
	const receiver = await startReceiver(t);
	t.regex((await deliver(receiver, receiver.secret)).detail, /answered 204/);
	t.regex((await deliver(receiver, receiver.secret)).detail, /answered 200/);
	t.regex(
		(await deliver(receiver, receiver.secret, {eventId: 'lb2-x-1', node: 'lb2', term: 3})).detail,
		/answered 204/,
	);
	// The lines leave before the answers, but by another way.
	while (receiver.text().split('\n').length < 4) await new Promise(resolve => setTimeout(resolve, 5));
	t.deepEqual(receiver.text().split('\n').slice(1), [
		'2026-01-02T03:04:05.678Z master oslo/lb1 term 4: lb2 has been silent for 682 ms',
		'2026-01-02T03:04:05.678Z old master oslo/lb2 term 3: lb2 has been silent for 682 ms',
		'',
	]);
});

test('The receiver refuses what is unsigned or signed with another key, and goes on', async t => {
	const receiver = await startReceiver(t);
	t.regex((await deliver(receiver, undefined)).detail, /answered 401; gave up after attempt 1/);
	t.regex((await deliver(receiver, randomBytes(32))).detail, /answered 401/);
	t.true((await deliver(receiver, receiver.secret)).ok);
	t.notRegex(receiver.text(), /lb1.*\n.*lb1/);
});
