import {createServer, type Server} from 'node:net';
import test from 'ava';
import {systemCalls} from '../../src/system/calls.ts';
import {closedPort} from '../helpers/tcp-server.ts';

test('a path with nobody behind it, too long, or with a zero in it, connects to nothing', t => {
	const calls = systemCalls();
	t.is(calls?.connectDatagram('/nonexistent/log'), undefined);
	t.is(calls?.connectDatagram(`/tmp/${'x'.repeat(200)}`), undefined);
	t.is(calls?.connectDatagram('/tmp/a\0b'), undefined);
});

test('a duplicated socket goes on listening when the first descriptor is closed', async t => {
	const calls = systemCalls();
	if (!calls) return t.not(process.platform, 'linux');
	const port = await closedPort();
	const first: Server = createServer();
	await new Promise<void>(resolve => first.listen(port, '127.0.0.1', resolve));
	const {_handle: handle} = first as unknown as {_handle: {fd: number}};
	const copy = calls.duplicate(handle.fd);
	t.true(copy !== undefined && copy !== handle.fd);
	await new Promise(resolve => first.close(resolve));
	const second = createServer();
	await new Promise<void>(resolve => second.listen({fd: copy ?? -1}, resolve));
	t.like(second.address(), {port});
	await new Promise(resolve => second.close(resolve));
});

test('a descriptor that is none cannot be duplicated', t => {
	t.is(systemCalls()?.duplicate(999_999), undefined);
});
