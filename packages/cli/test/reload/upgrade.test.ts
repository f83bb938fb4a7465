/**
 * `hapair upgrade` with real processes and traffic, of a node without a pair; with one see `test/pair/upgrade.test.ts`.
 */
import {readFileSync, writeFileSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import {exitCodes} from '../../src/exit-codes.ts';
import {waitFor} from '../helpers/wait-for.ts';
import {Echo, startLoad} from './load.ts';
import {type Stage, startStage} from './stage.ts';

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

async function assertUnchanged(
	t: ExecutionContext,
	stage: Stage,
	why: RegExp,
	code: number = exitCodes.failed,
): Promise<void> {
	const before = await stage.status();
	const result = (await stage.upgrade()).at(-1);
	t.like(result, {type: 'result', code});
	t.regex(result?.type === 'result' ? result.message : '', why);
	const after = await stage.status();
	t.deepEqual([after.pid, after.proxy.pid], [before.pid, before.proxy.pid]);
}

test('the installed program takes over: no request and no connection is lost, and what cannot take over changes nothing', async t => {
	t.timeout(120_000);
	const stage = await startStage(t, 1, true);
	await stage.ask('set server web/one state maint');
	const echo = new Echo(stage.port);
	t.teardown(() => echo.end());
	await waitFor('the WebSocket is open', () => echo.isOpen);
	const load = startLoad(stage.port, {keeping: 2, opening: 2});
	t.teardown(() => load.stop());
	const program = readFileSync(stage.program, 'utf8');
	const before = await stage.status();

	writeFileSync(stage.program, 'process.exit(7);\n');
	await assertUnchanged(t, stage, /^nothing was changed: the new program ended before it had taken over/);
	writeFileSync(stage.program, `process.send({type: 'hello', handover: '0', version: '9.9.9', pid: process.pid});\n`);
	await assertUnchanged(t, stage, /hapair 9\.9\.9 cannot take over .*restart the service/, exitCodes.refused);
	writeFileSync(stage.program, program);
	stage.write('frontend other\n    bind 127.0.0.1:70000\n    default_backend nowhere\n');
	await assertUnchanged(t, stage, /finds errors in .*hapair\.cfg/);
	stage.write();
	t.deepEqual(load.tally.failures, []);

	const result = (await stage.upgrade()).at(-1);
	t.like(result, {type: 'result', code: exitCodes.ok});
	const after = await stage.status();
	t.not(after.pid, before.pid);
	t.not(after.proxy.pid, before.proxy.pid);
	await waitFor('the new daemon to know of the process with the WebSocket', async () => {
		const {proxy} = await stage.status();
		return proxy.retired.length === 1 && proxy.retired[0]?.pid === before.proxy.pid;
	});
	echo.say('word;');
	await waitFor('the WebSocket answers', () => echo.hasHeard('word;'));
	const atUpgrade = load.tally.requests;
	await waitFor('the load runs', () => load.tally.requests > atUpgrade + 50);
	await load.stop();
	t.deepEqual(load.tally.failures, []);
	const states = await stage.ask('show servers state web');
	t.is(
		states
			.split('\n')
			.find(line => / one /.test(line))
			?.split(' ')[6],
		'1',
		'maintenance stays',
	);

	t.true(isAlive(before.pid), 'the former daemon keeps its last connection');
	echo.end();
	await waitFor('the former daemon ends', () => !isAlive(before.pid));
	t.deepEqual((await stage.status()).proxy.retired, []);
	process.kill(after.pid, 'SIGTERM');
	await waitFor('the new one ends', () => !isAlive(after.pid));
});
