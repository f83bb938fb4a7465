import {type AddressInfo, createServer} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {parseText} from '../../src/configuration/load.ts';
import {probeBinds} from '../../src/configuration/probe-binds.ts';

async function takePort(t: ExecutionContext): Promise<number> {
	const server = createServer();
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => server.close());
	return (server.address() as AddressInfo).port;
}

function probe(binds: string, inUseIsFine = false) {
	const {configuration} = parseText(
		'x.cfg',
		`defaults\n timeout connect 1s\n timeout client 1s\n timeout server 1s\nlisten a\n${binds}`,
	);
	if (configuration === undefined) throw new Error('the configuration of the test is wrong');
	return probeBinds(configuration, inUseIsFine);
}

test('a port in use is a warning at its line that says how to find the other program', async t => {
	const port = await takePort(t);
	const [found, ...more] = await probe(` bind 127.0.0.1:${port}\n`);
	t.like(found, {severity: 'warning', file: 'x.cfg', line: 6});
	t.is(found?.message, `bind 127.0.0.1:${port}: port ${port} is in use by another program.`);
	t.regex(found?.hint ?? '', /ss -ltnp/);
	t.deepEqual(more, []);
	t.deepEqual(await probe(` bind 127.0.0.1:${port}\n`, true), [], 'our own daemon may hold it');
});

test('an address of another machine is a warning, also while our own daemon runs', async t => {
	const [found] = await probe(' bind 192.0.2.77:8080\n', true);
	t.regex(found?.message ?? '', /this machine does not hold the address/);
});

test('a free port is found free, twice over, and is free again afterwards', async t => {
	const server = createServer();
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	const {port} = server.address() as AddressInfo;
	await new Promise(resolve => server.close(resolve));
	t.deepEqual(await probe(` bind 127.0.0.1:${port}\n`), []);
	t.deepEqual(await probe(` bind 127.0.0.1:${port}\n`), []);
});

test('sockets that would leave a file, inherited ones and disabled sections are not tried', async t => {
	const port = await takePort(t);
	t.deepEqual(await probe(' bind unix@/nonexistent/x.sock\n'), []);
	t.deepEqual(await probe(` disabled\n bind 127.0.0.1:${port}\n`), []);
});
