import {chmodSync, existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {runHapair} from '../lab/daemon.ts';
import {Lab} from '../lab/lab.ts';
import {runIn, spawnIn} from '../lab/namespaces.ts';
import {summarizeClients} from '../lab/probe.ts';
import {waitFor} from '../lab/wait.ts';
import {waitForPair} from './with-pair.ts';

/** Writes one line a call: the node, the four arguments, the number of the call's beginning and end. */
const hookText = `#!/bin/sh
echo "begin $HAPAIR_NODE $1 $2 $3 $4 term=$HAPAIR_TERM" >> "$(dirname "$0")/hooks.log"
sleep 0.2
echo "end $HAPAIR_NODE $3" >> "$(dirname "$0")/hooks.log"
`;

/** Writes the id of each delivery down and answers 500 until there is a file `go`. */
const receiverText = `import {appendFileSync, existsSync} from 'node:fs';
import {createServer} from 'node:http';
createServer((request, response) => {
	const status = existsSync(new URL('go', import.meta.url)) ? 204 : 500;
	const {'x-hapair-event': event, 'x-hapair-event-id': id} = request.headers;
	let body = '';
	request.on('data', piece => body += piece).on('end', () => {
		appendFileSync(new URL('deliveries.log', import.meta.url), [status, event, id, body].join(' ') + '\\n');
		response.writeHead(status).end();
	});
}).listen(9000, '127.0.0.1', () => process.send('listens'));
`;

/** The master's state directory becomes a file system without room, and gets it back. */
async function movesWithFullDisk(t: ExecutionContext, lab: Lab, hookHasRun: () => boolean): Promise<void> {
	t.is(await waitForPair(lab), 'lb2');
	await waitFor('lb2 to hear that lb1 is fit', async () => (await lab.readStatus('lb2')).peer.eligible);
	const directory = `${lab.socketPathOf('lb2')}.state`;
	const inItsMounts = (...argv: string[]) =>
		runIn(lab.network.namespaceOf('lb2'), ['nsenter', '-t', `${lab.daemon('lb2').pid}`, '-m', ...argv]);
	inItsMounts('mount', '-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', directory);
	inItsMounts('sh', '-c', `cat /dev/zero > ${directory}/filler 2>&1 || true`);
	const clients = await lab.probeClients({perSecond: 50});
	const moved = await lab.daemon('lb2').command(['failover']);
	t.is(moved.code, 0, moved.stderr);
	t.is(await waitForPair(lab), 'lb1', 'the address does not notice');
	t.deepEqual(summarizeClients(await clients.stop()).failedFresh, [], 'nor do clients');
	await waitFor('the hook, which needs no disk', hookHasRun);
	const status = async () => (await lab.daemon('lb2').command(['status'])).stdout;
	const said = await waitFor('status to say so', async () => {
		const text = await status();
		return text.includes('! the history is not kept') && text;
	});
	t.regex(said, /! the history is not kept: ENOSPC[^\n]*; \d lines? waits? in memory/);
	t.regex(said, /! hooks that wait are not kept over a crash of the daemon: ENOSPC/);
	t.regex(said, /! terms are not kept over a restart of both nodes: ENOSPC/);
	inItsMounts('umount', directory);
	await waitFor('room again', async () => !(await status()).includes('not kept'), {deadlineMs: 20_000, everyMs: 500});
	const history = await runHapair(['history', '--state-dir', directory, '--last', '1']);
	t.regex(history.stdout, /master → backup/, 'what happened meanwhile stands there');
}

test.serial('Hooks run in order, and what a receiver did not take survives kill -9 of the daemon', async t => {
	t.timeout(90_000);
	const lab = new Lab();
	try {
		const hook = join(lab.directory, 'hook');
		const log = join(lab.directory, 'hooks.log');
		writeFileSync(hook, hookText);
		chmodSync(hook, 0o755);
		const lines = (node: string) =>
			existsSync(log)
				? readFileSync(log, 'utf8')
						.split('\n')
						.filter(line => line.split(' ')[1] === node)
				: [];
		const hang = join(lab.directory, 'hang');
		writeFileSync(hang, '#!/bin/sh\nexec sleep 100\n', {mode: 0o755});
		const template = join(lab.directory, 'words.json');
		writeFileSync(template, '{"text":"{{about}} as seen from {{node}}"}');
		const receiver = join(lab.directory, 'receiver.mjs');
		writeFileSync(receiver, receiverText);
		const child = spawnIn(lab.network.namespaceOf('lb1'), [process.execPath, receiver], {
			stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
		});
		await new Promise(resolve => child.once('message', resolve));
		await lab.startPair({
			interMs: 300,
			lines: [
				`on change exec ${hook}`,
				`on server-down only */web3 webhook http://127.0.0.1:9000/ template ${template} timeout 300ms`,
				`on server-down timeout 300ms exec ${hang}`,
			],
		});
		const ended = (node: string, state: string) => () => lines(node).at(-1) === `end ${node} ${state}`;
		await waitFor('the hook of the master', ended('lb1', 'MASTER'));
		const result = await lab.daemon('lb1').command(['failover']);
		t.is(result.code, 0, result.stdout + result.stderr);
		t.is(await waitForPair(lab), 'lb2');
		await waitFor('the hook of the old master', ended('lb1', 'BACKUP'));
		await waitFor('the hook of the new master', ended('lb2', 'MASTER'));
		for (const node of ['lb1', 'lb2']) {
			const said = lines(node);
			t.log(said.join('\n'));
			const kinds = said.map(line => line.split(' ')[0]);
			t.deepEqual(
				kinds,
				said.map((_, index) => (index % 2 === 0 ? 'begin' : 'end')),
				'one hook at a time',
			);
		}

		t.regex(lines('lb1').find(line => line.includes('MASTER')) ?? '', /^begin lb1 INSTANCE lab MASTER 150 term=\d+$/);
		const terms = (node: string) =>
			lines(node)
				.flatMap(line => /term=(\d+)/.exec(line)?.[1] ?? [])
				.map(Number);
		t.true(Math.max(...terms('lb2')) > (terms('lb1')[0] ?? 0), 'the claim raised the term');

		const deliveries = () => {
			const path = join(lab.directory, 'deliveries.log');
			return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
		};
		const said = (node: 'lb1' | 'lb2', pattern: RegExp) => () => pattern.test(lab.daemon(node).output);
		const transitions = () => lab.daemon('lb1').output.match(/"component":"pair"/g)?.length;
		const before = transitions();
		lab.killWeb('web3');
		await waitFor('the receiver to refuse', said('lb1', /"event":"server-down".*"outcome":"waiting".*answered 500/));
		await waitFor('the hook that hangs', said('lb1', /hang on server-down: did not end within 300 ms/));
		t.is(transitions(), before, 'the address does not notice');
		process.kill(lab.daemon('lb1').pid, 'SIGKILL');
		await waitFor('the daemon to be gone', () => !lab.daemon('lb1').running);
		writeFileSync(join(lab.directory, 'go'), '');
		lab.startDaemon('lb1');
		await waitFor('the delivery', () => deliveries().at(-1)?.startsWith('204'), {deadlineMs: 15_000});
		const [, event, id, ...body] = deliveries().at(-1)?.split(' ') ?? [];
		t.is(event, 'server-down');
		t.deepEqual(
			JSON.parse(body.join(' ')),
			{text: 'web_servers/web3 as seen from lb1'},
			'in the words of the template',
		);
		t.true(
			deliveries().filter(line => line.startsWith(`500 server-down ${id} `)).length > 0,
			'the same event as before',
		);
		await movesWithFullDisk(t, lab, ended('lb2', 'BACKUP'));
	} finally {
		lab.dispose();
	}
});
