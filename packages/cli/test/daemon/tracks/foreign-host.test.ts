import test from 'ava';
import {findHosts} from '../../../src/daemon/tracks/foreign-host.ts';

test("Hosts are read from arping's answers, each once", t => {
	const said = [
		'ARPING 10.0.0.100 from 0.0.0.0 eth0',
		'Unicast reply from 10.0.0.100 [02:AB:00:00:00:01]  0.712ms',
		'Unicast reply from 10.0.0.100 [02:ab:00:00:00:01]  0.900ms',
		'Unicast reply from 10.0.0.100 [02:AB:00:00:00:02]  0.910ms',
		'Sent 2 probes (2 broadcast(s))',
		'Received 3 response(s)',
	].join('\n');
	t.deepEqual(findHosts(said), ['02:ab:00:00:00:01', '02:ab:00:00:00:02']);
	t.deepEqual(findHosts('Sent 1 probes\nReceived 0 response(s)\n'), []);
});
