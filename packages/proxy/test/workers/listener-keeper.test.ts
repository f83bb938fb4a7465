import {closeSync, openSync} from 'node:fs';
import {connect, createServer, type Server} from 'node:net';
import test from 'ava';
import {systemCalls} from '../../src/system/calls.ts';
import {ListenerKeeper} from '../../src/workers/listener-keeper.ts';

const testWithCalls = systemCalls() ? test : test.skip;

async function listen(fd?: number): Promise<{server: Server; port: number; fd: number}> {
	const server = createServer(socket => socket.end('served'));
	const where = fd === undefined ? {port: 0, host: '127.0.0.1'} : {fd};
	await new Promise<void>(resolve => server.listen(where, resolve));
	const address = server.address();
	const {_handle: handle} = server as unknown as {_handle: {fd: number}};
	return {server, port: typeof address === 'object' && address ? address.port : 0, fd: handle.fd};
}

const close = (server: Server) => new Promise(resolve => server.close(resolve));

function fetchText(port: number): Promise<string> {
	return new Promise((resolve, reject) => {
		let text = '';
		connect(port, '127.0.0.1')
			.on('data', chunk => (text += chunk))
			.on('end', () => resolve(text))
			.on('error', reject);
	});
}

testWithCalls('a connection that arrives between two workers is served by the second', async t => {
	const keeper = new ListenerKeeper();
	const first = await listen();
	keeper.keep(0, [{frontend: 0, bind: 0, port: first.port, fd: first.fd}]);
	await close(first.server);
	const answer = fetchText(first.port);
	const [lent] = keeper.lend(0);
	const second = await listen(lent?.fd);
	t.is(await answer, 'served');
	keeper.letGoAll();
	await close(second.server);
});

testWithCalls('letting go closes the port, also of descriptors that were lent and never used', async t => {
	const keeper = new ListenerKeeper();
	const {server, port, fd} = await listen();
	keeper.keep(3, [{frontend: 0, bind: 0, port, fd}]);
	keeper.lend(3);
	await close(server);
	keeper.letGo(3);
	await t.throwsAsync(fetchText(port), {code: 'ECONNREFUSED'});
});

test('a number that belongs to something else by now is not closed', t => {
	const closed: number[] = [];
	const first = openSync('/dev/null', 'r');
	const keeper = new ListenerKeeper({
		duplicate: () => first,
		close: fd => void closed.push(fd),
		sharePort: () => false,
		bindToDevice: () => false,
		connectDatagram: () => undefined,
		sendDatagram: () => false,
		openLogSocket: () => undefined,
	});
	keeper.keep(0, [{frontend: 0, bind: 0, port: 0, fd: 5}]);
	closeSync(first);
	const others: number[] = [];
	while (!others.includes(first) && others.length < 100) others.push(openSync('/dev/zero', 'r'));
	t.true(others.includes(first));
	keeper.letGo(0);
	t.deepEqual(closed, []);
	for (const fd of others) closeSync(fd);
});

test('without system calls nothing is kept and nothing is lent', async t => {
	const keeper = new ListenerKeeper(null);
	const {server, port, fd} = await listen();
	keeper.keep(0, [{frontend: 0, bind: 0, port, fd}]);
	t.deepEqual(keeper.lend(0), []);
	t.notThrows(() => keeper.letGoAll());
	await close(server);
});
