import {chmodSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {AdminDesk, type AdminSubject} from '../../src/admin/admin-desk.ts';
import {ask, sampleReport} from '../helpers/admin-server.ts';
import {findFreePort} from '../helpers/free-port.ts';
import {recordLog} from '../helpers/record-log.ts';
import {samplePair} from '../helpers/samples.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

test('a reload moves the address, takes another token, closes it and opens it again; else it changes nothing', async t => {
	const directory = makeTempDirectory(t);
	const tokenFile = join(directory, 'token');
	const writeToken = (token: string) => {
		writeFileSync(tokenFile, `${token}\n`);
		chmodSync(tokenFile, 0o600);
	};
	const {log, lines} = recordLog();
	const desk = new AdminDesk(log, {
		ports: {
			node: 'lb1',
			version: '1',
			commands: {answer: async () => {}},
			status: () => sampleReport,
			history: async () => [],
			drills: () => [],
			examine: async () => ({status: 500, body: {ok: false, code: 1, message: 'not here'}}),
		},
		condition: () => ({phase: 'starting', detail: ''}),
		heartbeat: () => undefined,
		figures: async () => undefined,
	});
	t.teardown(() => desk.close());
	const [first, second] = [await findFreePort(), await findFreePort()];
	const subject = (port: number): AdminSubject => ({
		pair: {...samplePair, admin: {host: '127.0.0.1', port, tokenFile, hostNames: []}},
		own: samplePair.nodes[0],
		uid: process.getuid?.() ?? 0,
	});
	const statusAt = (port: number, token: string) =>
		ask(new URL(`http://127.0.0.1:${port}/`), {path: '/api/ping', headers: {Authorization: `Bearer ${token}`}}).then(
			({status}) => status,
			() => 0,
		);

	/** What is answered once it is `expected`, or after a while. */
	const settle = async (port: number, token: string, expected: number) => {
		let status = await statusAt(port, token);
		for (let turn = 0; turn < 500 && status !== expected; turn++) {
			await sleep(20);
			status = await statusAt(port, token);
		}
		return status;
	};

	desk.open(subject(first));
	t.is(desk.admin, undefined);
	t.like(lines.at(-1), {level: 'warn', message: `no admin address: ${tokenFile}: there is no such file`});
	writeToken('the-first-token-of-all');
	desk.open(subject(first));
	t.is(await settle(first, 'the-first-token-of-all', 200), 200);
	const {admin} = desk;
	desk.open(subject(first));
	t.is(desk.admin, admin, 'nothing has changed');
	writeToken('quite-another-token-now');
	desk.open(subject(first));
	t.is(await settle(first, 'quite-another-token-now', 200), 200);
	t.is(await statusAt(first, 'the-first-token-of-all'), 401);
	desk.open(subject(second));
	t.is(await settle(second, 'quite-another-token-now', 200), 200);
	t.is(await statusAt(first, 'quite-another-token-now'), 0);
	desk.open({...subject(second), pair: samplePair});
	t.is(await settle(second, 'quite-another-token-now', 0), 0);
});
