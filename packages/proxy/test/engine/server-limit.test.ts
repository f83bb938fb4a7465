import test from 'ava';
import {limitOf} from '../../src/engine/server-limit.ts';

for (const [title, server, connections, percent, expected] of [
	['no maxconn is no limit', {maxconn: 0, minconn: 0}, 5, 100, 0],
	['no maxconn is no limit under slowstart', {maxconn: 0, minconn: 0}, 5, 10, 0],
	['maxconn alone is fixed', {maxconn: 10, minconn: 10}, 1, 100, 10],
	['minconn is the least', {maxconn: 10, minconn: 2}, 1, 100, 2],
	['the limit follows the load', {maxconn: 10, minconn: 2}, 50, 100, 5],
	['and is rounded down', {maxconn: 10, minconn: 2}, 59, 100, 5],
	['at fullconn it is maxconn', {maxconn: 10, minconn: 2}, 100, 100, 10],
	['beyond fullconn too', {maxconn: 10, minconn: 2}, 1000, 100, 10],
	['slowstart begins with one', {maxconn: 10, minconn: 10}, 1, 0, 1],
	['slowstart is a part of the limit', {maxconn: 10, minconn: 10}, 1, 55, 5],
	['of the moment', {maxconn: 10, minconn: 2}, 50, 50, 2],
] as const) {
	test(title, t => {
		t.is(limitOf(server, connections, 100, percent), expected);
	});
}
