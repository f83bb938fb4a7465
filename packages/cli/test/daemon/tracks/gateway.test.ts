import test from 'ava';
import {createGatewayTrack, gatewayCommand} from '../../../src/daemon/tracks/gateway.ts';
import {waitFor} from '../../helpers/wait-for.ts';

const track = {address: '10.0.0.1', timeoutMs: 1500};

test('ping asks once and waits at least as long as the timeout', t => {
	const command = gatewayCommand(track, 'eth0', {ping: '/bin/ping', arping: '/usr/bin/arping'});
	t.deepEqual(command, ['/bin/ping', '-n', '-q', '-c', '1', '-W', '2', '10.0.0.1']);
});

test('arping stands in for IPv4 only', t => {
	const tools = {ping: undefined, arping: '/usr/bin/arping'};
	const command = gatewayCommand(track, 'eth0', tools);
	t.deepEqual(command, ['/usr/bin/arping', '-q', '-f', '-c', '1', '-w', '2', '-I', 'eth0', '10.0.0.1']);
	t.is(gatewayCommand({...track, address: '2001:db8::1'}, 'eth0', tools), undefined);
});

test('a gateway that cannot be reached fails', async t => {
	const position = {file: 'pair.cfg', line: 1, column: 1};
	const timing = {everyMs: 50, timeoutMs: 300, rise: 1, fall: 1};
	// TEST-NET-1 is nobody's (RFC 5737); loopback has no ARP.
	const monitor = createGatewayTrack({kind: 'gateway', address: '192.0.2.1', ...timing, position}, 'lo');
	t.teardown(() => monitor.stop());
	monitor.start(() => {});
	await waitFor('failed', () => monitor.result().state === 'failed');
	t.regex(monitor.result().reason, /^gateway 192\.0\.2\.1 /);
});
