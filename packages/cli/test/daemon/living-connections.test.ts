import {connect, createServer} from 'node:net';
import test from 'ava';
import {countInTable, countLiving} from '../../src/daemon/living-connections.ts';

const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

test('Counts what has something to deliver, by the address on this side', t => {
	const four = [
		header,
		'   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1',
		'   1: 6400000A:0050 3200000A:D431 01 00000000:00000000 00:00000000 00000000     0        0 2',
		'   2: 6400000A:0050 3200000A:D432 04 000005A8:00000000 01:00000000 00000000     0        0 0',
		'   3: 6400000A:0050 3200000A:D433 05 00000000:00000000 00:00000000 00000000     0        0 0',
		'   4: 6400000A:0050 3200000A:D434 06 00000000:00000000 03:00000000 00000000     0        0 0',
		'   5: 0B00000A:9A70 6400000A:0050 01 00000000:00000000 00:00000000 00000000     0        0 3',
		'',
	].join('\n');
	t.is(countInTable(four, ['10.0.0.100']), 2);
	const six = [
		header,
		'   0: 0000000000000000FFFF00006400000A:0050 0000000000000000FFFF00003200000A:D431 01 0:0 0 0 0 0 4',
		'   1: 100000FD000000000000000000010000:0050 500000FD000000000000000000000000:D431 08 0:0 0 0 0 0 5',
		'',
	].join('\n');
	t.is(countInTable(six, ['10.0.0.100']), 1);
	t.is(countInTable(six, ['fd00:10::100']), 1);
	t.is(countInTable(six, ['fd00:10::100', '10.0.0.100']), 2);
	t.is(countInTable(six, ['fd00:10::10']), 0);
});

test('Sees the connections of this machine', async t => {
	for (const host of ['127.0.0.99', '::1']) {
		const server = createServer().listen(0, host);
		await new Promise(resolve => server.once('listening', resolve));
		const address = server.address();
		const port = typeof address === 'object' && address !== null ? address.port : 0;
		const socket = connect(port, host);
		await new Promise(resolve => server.once('connection', resolve));
		t.true((await countLiving([host])) > 0, host);
		socket.destroy();
		server.close();
	}
});
