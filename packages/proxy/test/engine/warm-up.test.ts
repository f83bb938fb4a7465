import test from 'ava';
import {warmUp} from '../../src/engine/warm-up.ts';
import {Counter} from '../../src/shared-table.ts';
import {serve, startProxy} from '../helpers/proxy.ts';

const rich = (port: number): string => `
frontend in
    bind 127.0.0.1:1
    acl is_api path_beg /api
    http-request track-sc0 src table seen
    http-request set-header X-Client %[src]
    use_backend api if is_api
    default_backend web
frontend raw
    bind 127.0.0.1:2
    mode tcp
    default_backend raw
frontend off
    bind 127.0.0.1:3
    disabled
backend seen
    stick-table type ip size 1m store http_req_cnt
backend web
    balance leastconn
    cookie SRV insert indirect
    stick-table type ip size 1m
    stick on src
    server s1 127.0.0.1:${port} cookie a check send-proxy maxconn 2 source 127.0.0.1
backend api
    server s1 127.0.0.1:${port}
backend raw
    mode tcp
    server s1 127.0.0.1:${port}
`;

test('A thread practises with its own rules; no server, log, counter or table of the configuration hears of it', async t => {
	let reached = 0;
	const port = await serve(t, () => void reached++);
	const proxy = await startProxy(t, rich(port));
	const {configuration, table, lines} = proxy;
	const setup = {configuration, table: table.buffer, workerIndex: 0, errorFiles: {}, reusePort: false};
	t.is(await warmUp(setup), 24, 'two answers on each of six connections, by HTTP and by TCP');
	t.is(reached, 0);
	t.deepEqual(lines, []);
	t.is(table.readSum(table.row('frontend', 0), Counter.requests), 0);
	t.is(proxy.stickTable('seen').used, 0);
});

test('A configuration that answers nobody is given up', async t => {
	const proxy = await startProxy(
		t,
		'frontend in\n    bind 127.0.0.1:1\n    tcp-request connection reject\n    default_backend b\nbackend b\n',
	);
	const {configuration, table} = proxy;
	const setup = {configuration, table: table.buffer, workerIndex: 0, errorFiles: {}, reusePort: false};
	t.is(await warmUp(setup), 0);
});
