import type {ProxySnapshot} from '@hapair/proxy';
import test from 'ava';
import {ServerWatch} from '../../src/hooks/server-watch.ts';
import {sampleSnapshot} from '../helpers/samples.ts';

/** Statuses of two servers; `!` behind one: no check has been made yet. */
function snapshot(web1: string, web2: string): ProxySnapshot {
	const [backend] = sampleSnapshot.backends;
	if (backend === undefined) throw new Error('no backend');
	const servers = backend.servers.map((server, index) => {
		const said = index === 0 ? web1 : web2;
		const {lastCheck, ...rest} = server;
		return {...rest, status: said.replace('!', ''), ...(said.endsWith('!') || !lastCheck ? {} : {lastCheck})};
	});
	const up = servers.filter(({status}) => status.startsWith('UP')).length;
	return {...sampleSnapshot, backends: [{...backend, up, servers}]};
}

const told = (watch: ServerWatch, seen: ProxySnapshot, nowMs = 0): string[] =>
	watch.see(seen, nowMs).map(({event, about}) => `${event} ${about}`);

test('DOWN and its end are told once each; on the way there is no news', t => {
	const watch = new ServerWatch();
	t.deepEqual(told(watch, snapshot('UP', 'UP')), []);
	t.deepEqual(told(watch, snapshot('UP', 'UP 1/2')), []);
	t.deepEqual(told(watch, snapshot('UP', 'DOWN')), ['server-down web_servers/web2']);
	t.deepEqual(told(watch, snapshot('UP', 'DOWN 1/2')), []);
	t.deepEqual(told(watch, snapshot('UP', 'UP')), ['server-up web_servers/web2']);
});

test('a backend without a server is told, with what became of each', t => {
	const watch = new ServerWatch();
	t.deepEqual(told(watch, snapshot('DOWN', 'UP')), ['server-down web_servers/web1']);
	const news = watch.see(snapshot('DOWN', 'MAINT'), 0);
	t.deepEqual(news, [
		{
			event: 'backend-down',
			about: 'web_servers',
			reason: 'none of 2 servers is up: web1 DOWN, web2 MAINT',
		},
	]);
	t.deepEqual(told(watch, snapshot('UP', 'MAINT')), ['server-up web_servers/web1', 'backend-up web_servers']);
});

test('what an operator took out is no news, and neither is its return', t => {
	const watch = new ServerWatch();
	for (const status of ['MAINT', 'DRAIN', 'NOLB', 'UP']) t.deepEqual(told(watch, snapshot('UP', status)), []);
});

test('a new proxy process that calls everything UP before it has looked is not believed', t => {
	const watch = new ServerWatch();
	told(watch, snapshot('DOWN', 'DOWN'));
	watch.noteRestart();
	t.deepEqual(told(watch, snapshot('UP!', 'UP!'), 1000), []);
	t.deepEqual(told(watch, snapshot('DOWN', 'UP!'), 2000), []);
	t.deepEqual(told(watch, snapshot('DOWN', 'UP'), 3000), ['server-up web_servers/web2', 'backend-up web_servers']);
	// A server without a check of its own never says more.
	const other = new ServerWatch();
	told(other, snapshot('UP', 'DOWN'));
	other.noteRestart();
	t.deepEqual(told(other, snapshot('UP', 'UP!'), 1000), []);
	t.deepEqual(told(other, snapshot('UP', 'UP!'), 40_000), ['server-up web_servers/web2']);
});
