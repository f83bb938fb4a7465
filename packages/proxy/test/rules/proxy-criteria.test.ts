/** Criteria about proxies and servers ask for the ones that they name, else for the transaction's own. */
import test from 'ava';
import {RequestSample} from '../../src/rules/request-sample.ts';
import {compileTemplate} from '../../src/rules/value-template.ts';
import {makeProxyFacts} from '../helpers/proxy-facts.ts';

const lengthOf = (name: string): number => name.length;

const sample = new RequestSample({
	src: undefined,
	srcPort: 0,
	dst: undefined,
	dstPort: 0,
	frontend: 'in',
	proxies: makeProxyFacts({
		frontendSessionRate: lengthOf,
		frontendRequestRate: name => name.length + 10,
		frontendConnections: name => name.length + 20,
		backendSessionRate: name => name.length + 30,
		backendConnections: name => name.length + 40,
		queued: lengthOf,
		nbsrv: name => (name === 'empty' ? 0 : 2),
		freeSlots: name => name.length + 50,
		server: (backend, server) => ({
			id: backend.length,
			isUp: server === 'up',
			connections: server.length,
			queued: 7,
			initialWeight: 1,
			weight: 8,
			sessionRate: 9,
		}),
	}),
});

for (const [expression, expected] of [
	['fe_sess_rate', '2'],
	['fe_sess_rate(other)', '5'],
	['fe_req_rate', '12'],
	['fe_conn(other)', '25'],
	['be_sess_rate', '33'],
	['be_sess_rate(other)', '35'],
	['be_conn(other)', '45'],
	['queue(other)', '5'],
	// The mean is rounded up; without a server that takes traffic it is twice the queue (HAProxy manual, `avg_queue`).
	['avg_queue(other)', '3'],
	['avg_queue(empty)', '10'],
	['connslots', '53'],
	['srv_is_up(back/up)', '1'],
	['srv_is_up(down)', '0'],
	['srv_conn(back/name)', '4'],
	['srv_queue(back/name)', '7'],
	['srv_weight(back/name)', '8'],
	['srv_sess_rate(back/name)', '9'],
] as const) {
	test(expression, t => {
		sample.begin('GET / HTTP/1.1\r\n\r\n', 'GET', '/');
		sample.backend = 'out';
		t.is(compileTemplate(`%[${expression}]`)(sample), expected);
	});
}
