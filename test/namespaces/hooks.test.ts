import {chmodSync, existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {Lab} from '../lab/lab.ts';
import {spawnIn} from '../lab/namespaces.ts';
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
	appendFileSync(new URL('deliveries.log', import.meta.url), [status, event, id].join(' ') + '\\n');
	response.writeHead(status).end();
}).listen(9000, '127.0.0.1', () => process.send('listens'));
`;

test.serial('Hooks run in order, and what a receiver did not take survives kill -9 of the daemon', async t => {
	t.timeout(60_000);
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
				'on server-down only */web3 webhook http://127.0.0.1:9000/ timeout 300ms',
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
		const [, event, id] = deliveries().at(-1)?.split(' ') ?? [];
		t.is(event, 'server-down');
		t.true(deliveries().filter(line => line === `500 server-down ${id}`).length > 0, 'the same event as before');
	} finally {
		lab.dispose();
	}
});
