import {connect} from 'node:net';
import test from 'ava';
import {assetPaths} from '../../src/admin/assets.ts';
import {routes} from '../../src/admin/routes.ts';
import {ask, bearer, post, sampleReport, startAdmin, token} from '../helpers/admin-server.ts';
import {waitFor} from '../helpers/wait-for.ts';

const isOpen = new Set(['/api/session', '/api/login', ...assetPaths]);
const closed = routes.filter(({path}) => !isOpen.has(path));
const readable = closed.filter(({method}) => method === 'GET').map(({path}) => path);
const orders = closed.filter(({method}) => method === 'POST').map(({path}) => path);

test('nothing but the page and the login is answered without the token', async t => {
	const {url, asked, examined} = await startAdmin(t);
	t.true(readable.length >= 7 && orders.length >= 10);
	for (const path of readable) t.is((await ask(url, {path})).status, 401, path);
	for (const path of orders) t.is((await post(url, path, {}, {})).status, 401, path);
	const wrong = await ask(url, {path: '/api/status', headers: {Authorization: 'Bearer wrong'}});
	t.is(wrong.status, 401);
	t.deepEqual(JSON.parse(wrong.text), {ok: false, message: 'the token is wrong'});
	t.deepEqual([...asked, ...examined], []);
});

test('with the token the status, the history and the metrics are there, and nobody keeps them', async t => {
	const record = {
		time: '2026-01-01T00:00:00Z',
		pair: 'oslo',
		node: 'lb1',
		kind: 'event',
		id: '1',
		term: 1,
		reason: 'x',
	} as const;
	const {url} = await startAdmin(t, {records: [record]});
	const status = await ask(url, {path: '/api/status', headers: bearer});
	t.deepEqual(JSON.parse(status.text), JSON.parse(JSON.stringify(sampleReport)));
	t.is(status.headers['cache-control'], 'no-store');
	t.regex(String(status.headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/);
	t.deepEqual(JSON.parse((await ask(url, {path: '/api/history?last=5', headers: bearer})).text), {records: [record]});
	t.deepEqual(JSON.parse((await ask(url, {path: '/api/why', headers: bearer})).text), record);
	t.is((await ask(url, {path: '/api/history?last=0', headers: bearer})).status, 400);
	t.is((await ask(url, {path: '/api/history?last=x', headers: bearer})).status, 400);
	const metrics = await ask(url, {path: '/metrics', headers: bearer});
	t.is(metrics.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
	t.regex(metrics.text, /^x 1$/m);
	t.is((await ask(url, {path: '/api/why', headers: bearer, method: 'HEAD'})).text, '');
});

test('a verb is carried out with its outcome; its exit code decides the status', async t => {
	const {url, asked} = await startAdmin(t);
	const moved = await post(url, '/api/failover', {force: true});
	t.is(moved.status, 200);
	const outcome = {ok: true, code: 0, message: 'did failover', progress: ['on the way'], durationMs: 3};
	t.deepEqual(JSON.parse(moved.text), outcome);
	t.is((await post(url, '/api/maintenance', {on: true, forMs: 5000})).status, 409);
	t.is((await post(url, '/api/server', {backend: 'a', server: 'b', state: 'drain'})).status, 200);
	const shown = await post(url, '/api/sync', {action: 'diff'});
	t.is((await post(url, '/api/reload', {})).status, 200);
	t.deepEqual(JSON.parse(shown.text).difference, {own: 'lb1', peer: 'lb2', files: [], remarks: []});
	t.is((await post(url, '/api/drill', {dryRun: true, settleMs: 60_000})).status, 200);
	t.is((await post(url, '/api/reload', {dryRun: true})).status, 200);
	t.deepEqual(asked, [
		{command: 'failover', force: true, timeoutMs: 15_000},
		{command: 'maintenance', on: true, force: false, forMs: 5000},
		{command: 'server', backend: 'a', server: 'b', state: 'drain'},
		{command: 'sync', action: 'diff'},
		{command: 'reload'},
		{command: 'drill', dryRun: true, settleMs: 60_000},
		{command: 'reload', dryRun: true},
	]);
});

test('a question that does nothing is answered, also with no; an order that was declined is not done', async t => {
	const {url} = await startAdmin(t, {declines: true});
	for (const [path, question, order] of [
		['/api/drill', {dryRun: true}, {}],
		['/api/reload', {dryRun: true}, {}],
		['/api/sync', {action: 'diff'}, {action: 'push'}],
	] as const) {
		const {status, text} = await post(url, path, question);
		t.deepEqual([status, JSON.parse(text).ok, JSON.parse(text).code], [200, false, 4], path);
		t.is((await post(url, path, order)).status, 409, path);
	}
});

test('what is examined is examined once, with what the order says', async t => {
	const {url, examined} = await startAdmin(t);
	t.is((await post(url, '/api/hooks/test', {event: 'solo'})).status, 200);
	const checked = await post(url, '/api/check', {});
	t.deepEqual(JSON.parse(checked.text), {ok: true, code: 0, message: 'did check', report: {}});
	t.deepEqual(examined, [{what: 'hooks test', event: 'solo'}, {what: 'check'}]);
});

test('former drills are read by themselves', async t => {
	const record = {time: '2026-01-01T00:00:00Z', pair: 'oslo', node: 'lb1', id: '1', term: 1, reason: 'x'} as const;
	const drill = {...record, kind: 'drill', result: 'passed', by: 'operator', giver: 'lb1', taker: 'lb2'} as const;
	const {url} = await startAdmin(t, {records: [{...record, kind: 'event'}, drill]});
	t.deepEqual(JSON.parse((await ask(url, {path: '/api/drills', headers: bearer})).text), {records: [drill]});
	t.is((await ask(url, {path: '/api/drills?last=1001', headers: bearer})).status, 400);
});

test('what is wrong with an order is said, and nothing is done', async t => {
	const {url, asked} = await startAdmin(t);
	const wrong = async (path: string, body: unknown, headers?: Record<string, string>) => {
		const {status, text} = await post(url, path, body, headers);
		return [status, JSON.parse(text).message];
	};
	t.deepEqual(await wrong('/api/server', {backend: 'a', server: 'b', state: 'off'}), [
		400,
		'server: state is ready, drain or maint',
	]);
	t.deepEqual(await wrong('/api/failover', {drainMs: -1}), [400, 'failover: drainMs is 0–3600000']);
	t.deepEqual(await wrong('/api/failover', {timeoutMs: 3_600_000}), [
		400,
		'failover: drainMs and timeoutMs are 60000 together at most',
	]);
	t.deepEqual(await wrong('/api/failover', {command: 'maintenance', on: true, drainMs: 'x'}), [
		400,
		'failover: drainMs is 0–3600000',
	]);
	t.deepEqual(await wrong('/api/failover', '[1]'), [400, 'the body is not a JSON object']);
	t.regex(String((await wrong('/api/failover', '{"force": tru'))[1]), /^the body is not JSON: /);
	t.deepEqual(await wrong('/api/failover', {}, {...bearer, 'Content-Type': 'text/plain'}), [
		415,
		'an order is JSON: Content-Type: application/json',
	]);
	t.is((await wrong('/api/failover', `{"x": "${'y'.repeat(5000)}"}`))[0], 413);
	const chunked = await ask(url, {
		method: 'POST',
		path: '/api/failover',
		headers: {...bearer, 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked'},
		body: `{"x": "${'y'.repeat(9000)}"}`,
	});
	t.is(chunked.status, 413);
	t.deepEqual(asked, []);
});

test('nothing changes by GET, and paths that are not there are not', async t => {
	const {url, asked, examined} = await startAdmin(t);
	for (const path of [...orders, '/api/login']) {
		for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
			const {status, headers} = await ask(url, {path, method, headers: bearer});
			t.deepEqual([status, headers.allow], [405, 'POST'], `${method} ${path}`);
		}
	}
	t.is((await post(url, '/api/status', {})).status, 405);
	t.is((await ask(url, {path: '/etc/passwd', headers: bearer})).status, 404);
	t.is((await ask(url, {path: '/../package.json', headers: bearer})).status, 404);
	t.is((await ask(url, {path: '/api/feed', headers: bearer})).status, 426);
	t.deepEqual([...asked, ...examined], []);
});

test('other names and other pages are refused before anything is done', async t => {
	const {url, asked} = await startAdmin(t);
	t.is((await ask(url, {path: '/', headers: {Host: 'evil.example'}})).status, 421);
	t.is((await post(url, '/api/failover', {}, {...bearer, Host: 'evil.example'})).status, 421);
	t.is((await post(url, '/api/failover', {}, {...bearer, Origin: 'https://evil.example'})).status, 403);
	t.is((await ask(url, {path: '/api/status', headers: {...bearer, 'Sec-Fetch-Site': 'cross-site'}})).status, 403);
	t.not((await ask(url, {path: '/', headers: {'Sec-Fetch-Site': 'cross-site'}})).status, 403);
	t.deepEqual(asked, []);
});

test('a login opens a session for the page, which must name itself to give orders', async t => {
	const {url, asked} = await startAdmin(t);
	const origin = {Origin: url.origin};
	t.is((await post(url, '/api/login', {token: 'wrong'}, origin)).status, 401);
	t.is((await post(url, '/api/login', {token: 1}, origin)).status, 400);
	const login = await post(url, '/api/login', {token}, origin);
	t.is(login.status, 200);
	const cookie = {Cookie: String(login.headers['set-cookie']?.[0]).split(';')[0] ?? ''};
	t.is((await ask(url, {path: '/api/status', headers: cookie})).status, 200);
	t.is((await post(url, '/api/failover', {}, cookie)).status, 403);
	t.deepEqual(asked, []);
	t.is((await post(url, '/api/failover', {}, {...cookie, ...origin})).status, 200);
	t.is((await post(url, '/api/logout', {}, {...cookie, ...origin})).status, 200);
	t.is((await ask(url, {path: '/api/status', headers: cookie})).status, 401);
});

test('guessing is slowed down; the right token still works beside it', async t => {
	const {url} = await startAdmin(t);
	for (let i = 0; i < 5; i++) await post(url, '/api/login', {token: `guess ${i}`}, {});
	const limited = await post(url, '/api/login', {token}, {});
	t.is(limited.status, 429);
	t.regex(JSON.parse(limited.text).message, /^too many wrong tokens; try again in \d+ s$/);
	t.true(Number(limited.headers['retry-after']) >= 1);
	t.is((await ask(url, {path: '/metrics', headers: bearer})).status, 200);
});

test('what goes beyond the pace is cut short, whoever asks', async t => {
	const {url, asked} = await startAdmin(t, {most: 2});
	const asking = () => post(url, '/api/failover', {});
	t.deepEqual([(await asking()).status, (await asking()).status], [200, 200]);
	const {status, headers} = await asking();
	t.deepEqual([status, headers['retry-after'], headers.connection], [429, '1', 'close']);
	t.is(asked.length, 2);
});

test('a flood of strangers, wrong tokens among them, is cut short, and holds up nobody who has the right one', async t => {
	const {url, asked} = await startAdmin(t, {mostOfStrangers: 100});
	const statuses: number[] = [];
	for (let round = 0; round < 6; round++) {
		const flood = Array.from({length: 50}, (_, index) =>
			ask(url, {path: '/api/status', headers: index % 2 === 0 ? {Authorization: `Bearer ${round} ${index}`} : {}}),
		);
		statuses.push(...(await Promise.all(flood)).map(({status}) => status));
		t.is((await ask(url, {path: '/metrics', headers: bearer})).status, 200);
		t.is((await post(url, '/api/failover', {})).status, 200);
	}
	// Of the first hundred those with a sixth wrong token were told to wait, the others that they are nobody.
	t.true(statuses.slice(0, 100).every(status => status === 401 || status === 429));
	t.true(statuses.slice(100).every(status => status === 429));
	t.is(statuses.length, 300);
	t.is(asked.length, 6);
});

test('who begins a request and does not end it is cut off', async t => {
	const {url} = await startAdmin(t);
	const socket = connect(Number(url.port), url.hostname);
	t.teardown(() => socket.destroy());
	let said = '';
	let isClosed = false;
	socket.on('data', chunk => {
		said += chunk;
	});
	socket.on('close', () => {
		isClosed = true;
	});
	socket.write(`GET / HTTP/1.1\r\nHost: ${url.host}\r\nX-Long: ${'y'.repeat(9000)}\r\n`);
	await waitFor('the end of the connection', () => isClosed);
	t.regex(said, /^HTTP\/1\.1 431 /);
});

test('a port that is taken is a warning, and tried again', async t => {
	const first = await startAdmin(t);
	const second = await startAdmin(t, {port: Number(first.url.port)});
	t.like(second.lines[0], {
		level: 'warn',
		message: 'no admin address: another program listens there; it is tried again until it works',
	});
	await first.server.close();
	await waitFor('the second server', () => second.lines.some(({level}) => level === 'info'));
	t.is((await ask(first.url, {path: '/api/ping', headers: bearer})).status, 200);
});
