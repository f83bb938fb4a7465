import test from 'ava';
import {readRequest} from '../../src/daemon/control-protocol.ts';

test('requests get their defaults', t => {
	t.deepEqual(readRequest('{"command":"status"}'), {command: 'status'});
	t.deepEqual(readRequest('{"command":"failover"}'), {
		command: 'failover',
		force: false,
		timeoutMs: 15_000,
	});
	t.deepEqual(readRequest('{"command":"maintenance","on":true}'), {command: 'maintenance', on: true, force: false});
	t.deepEqual(readRequest('{"command":"drill"}'), {command: 'drill', dryRun: false});
});

for (const line of [
	'',
	'nonsense',
	'[]',
	'null',
	'"status"',
	'{"command":"reboot"}',
	'{"command":"failover","force":"yes"}',
	'{"command":"failover","drainMs":-1}',
	'{"command":"failover","drainMs":1e99}',
	'{"command":"failover","timeoutMs":1.5}',
	'{"command":"drill","dryRun":1}',
	'{"command":"reload","dryRun":"yes"}',
	'{"command":"drill","settleMs":-1}',
	'{"command":"maintenance"}',
	'{"command":"maintenance","on":1}',
]) {
	test(`a wrong request is answered with a sentence: ${line}`, t => {
		const request = readRequest(line);
		t.true('problem' in request && request.problem.length > 10);
	});
}
