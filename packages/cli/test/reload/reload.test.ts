/**
 * Reload with real processes and traffic. Three reloads in the suite; `npm run bench:reload` sets HAPAIR_RELOADS=20.
 *
 * What is counted at the end is exact: the requests that clients sent are the requests that the last process counts, over all its predecessors.
 */
import test from 'ava';
import {exitCodes} from '../../src/exit-codes.ts';
import {waitFor} from '../helpers/wait-for.ts';
import {Echo, startLoad} from './load.ts';
import {startStage} from './stage.ts';

const reloads = Number(process.env.HAPAIR_RELOADS ?? 3);

test('reloads under load lose no request, no connection that lives, no order and no count', async t => {
	t.timeout(reloads * 20_000 + 60_000);
	const stage = await startStage(t, 2);
	await stage.ask('set server web/one state maint');
	await stage.ask('set server web/two weight 3');
	await stage.ask('set table in key 192.0.2.7 data.gpc0 42');
	const echo = new Echo(stage.port);
	t.teardown(() => echo.end());
	await waitFor('the WebSocket is open', () => echo.isOpen);
	const load = startLoad(stage.port, {keeping: 4, opening: 4});
	t.teardown(() => load.stop());
	const pids = new Set([(await stage.status()).proxy.pid]);
	const pauses: number[] = [];
	for (let round = 1; round <= reloads; round++) {
		const before = load.tally.requests;
		await waitFor('the load runs', () => load.tally.requests > before + 100);
		load.tally.longestMs = 0;
		const replies = await stage.reload();
		t.like(replies.at(-1), {type: 'result', code: exitCodes.ok});
		pids.add((await stage.status()).proxy.pid);
		pauses.push(Math.round(load.tally.longestMs));
		echo.say(`word ${round};`);
		await waitFor('the WebSocket answers', () => echo.hasHeard(`word ${round};`));
		t.deepEqual(load.tally.failures, []);
	}
	await load.stop();
	t.is(pids.size, reloads + 1, 'a process for each configuration');
	t.log(`${load.tally.requests} requests, longest during each reload: ${pauses.join(', ')} ms`);

	let frontend = (await stage.status()).proxy.frontends[0];
	const sent = load.tally.requests + 1;
	const retired = async (): Promise<number> => (await stage.status()).proxy.retired.length;
	for (let tries = 0; tries < 600 && ((await retired()) > 1 || frontend?.totalRequests !== sent); tries++) {
		await new Promise(resolve => setTimeout(resolve, 50));
		frontend = (await stage.status()).proxy.frontends[0];
	}
	t.is(frontend?.totalRequests, sent, 'every request is counted once');
	t.is(await retired(), 1, 'the process with the WebSocket is left');
	const states = await stage.ask('show servers state web');
	const [one, two] = states
		.split('\n')
		.filter(line => / (one|two) /.test(line))
		.map(line => line.split(' '));
	t.deepEqual([one?.[5], one?.[6], two?.[7]], ['0', '1', '3'], 'maintenance and weight stay');
	const table = await stage.ask('show table in');
	t.regex(table, /key=192\.0\.2\.7 .*gpc0=42/);
	const tracked = Number(/key=127\.0\.0\.1 .*http_req_cnt=(\d+)/.exec(table)?.[1]);
	t.true(tracked > load.tally.requests / 2 && tracked <= sent, `tracked ${tracked} of ${sent}`);
	echo.end();
	await waitFor('the last old process ends', () => /it was the last/.test(stage.hapair.out() + stage.hapair.err()));
});

test('a wrong file changes nothing and says where it is wrong; the next one holds, with a new address, and one that overlaps', async t => {
	const stage = await startStage(t, 1);
	const before = await stage.status();
	stage.write('frontend other\n    bind 127.0.0.1:70000\n    default_backend nowhere\n');
	const replies = await stage.reload();
	const [findings] = replies.filter(reply => reply.type === 'findings');
	t.like(replies.at(-1), {type: 'result', code: exitCodes.failed});
	t.true((findings?.diagnostics.filter(({severity}) => severity === 'error').length ?? 0) >= 2);
	t.regex(findings?.text ?? '', /70000[\s\S]*\^/);
	const after = await stage.status();
	t.deepEqual(
		[after.configDigest, after.loadedAt, after.proxy.pid],
		[before.configDigest, before.loadedAt, before.proxy.pid],
	);

	stage.write(`frontend other\n    bind 127.0.0.1:${stage.otherPort}\n    default_backend web\n`);
	stage.hapair.child.kill('SIGHUP');
	await waitFor('reloaded', () => /reloaded: configuration/.test(stage.hapair.out() + stage.hapair.err()));
	const load = startLoad(stage.otherPort, {keeping: 1, opening: 1});
	await waitFor('the new frontend serves', () => load.tally.requests > 10);
	await load.stop();
	t.deepEqual(load.tally.failures, []);

	// The same port on every address: it overlaps with what the old process has, and with one worker it is not shared otherwise.
	stage.write(`frontend other\n    bind 127.0.0.1:${stage.otherPort}\n    default_backend web\n`, `:${stage.port}`);
	t.like((await stage.reload()).at(-1), {type: 'result', code: exitCodes.ok});
	const wide = startLoad(stage.port, {keeping: 1, opening: 1});
	await waitFor('every address serves', () => wide.tally.requests > 10);
	await wide.stop();
	t.deepEqual(wide.tally.failures, []);

	// An address that somebody else has: the old process goes on as if nothing had been asked.
	const served = await stage.status();
	stage.write('frontend other\n    bind 192.0.2.1:80\n    default_backend web\n', `:${stage.port}`);
	const refused = await stage.reload();
	t.like(refused.at(-1), {type: 'result', code: exitCodes.failed});
	t.is((await stage.status()).proxy.pid, served.proxy.pid);
	const still = startLoad(stage.otherPort, {keeping: 1, opening: 1});
	await waitFor('the frontend still serves', () => still.tally.requests > 10);
	await still.stop();
	t.deepEqual(still.tally.failures, []);
});
