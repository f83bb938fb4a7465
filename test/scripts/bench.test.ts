import test from 'ava';
import {formatLoad, ratiosOf} from '../../scripts/bench/report.ts';
import {readWrk} from '../../scripts/bench/wrk-output.ts';

const printed = `Running 2s test @ http://127.0.0.1:40001/small
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.35ms    3.10ms  52.76ms   93.10%
    Req/Sec    16.01k     2.10k   19.50k    70.00%
  Latency Distribution
     50%  890.00us
     75%    2.41ms
     90%    4.10ms
     99%    1.02s
  31874 requests in 2.01s, 12.31MB read
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 5
Requests/sec:  15857.71
Transfer/sec:      6.12MB
`;

test('wrk: counts, percentiles in milliseconds, every kind of error', t => {
	t.deepEqual(readWrk(printed), {requests: 31_874, perSecond: 15_857.71, p50Ms: 0.89, p99Ms: 1020, errors: 15});
});

test('wrk: no line of errors means none', t => {
	t.is(readWrk(printed.replace(/^ {2}(?:Socket|Non).*\n/gm, '')).errors, 0);
});

const figures = (cpuUs: number) => ({
	requests: 1000,
	perSecond: 500,
	p50Ms: 1,
	p99Ms: 2,
	errors: 0,
	userUs: cpuUs / 4,
	systemUs: (cpuUs * 3) / 4,
});
/** The machine is three times as slow in the last round. */
const rounds = [
	new Map([['haproxy', figures(20)] as const, ['hapair', figures(22)] as const]),
	new Map([['haproxy', figures(20)] as const, ['hapair', figures(24)] as const]),
	new Map([['haproxy', figures(60)] as const, ['hapair', figures(66)] as const]),
];

test('a ratio is taken within its round: a slow round changes nothing', t => {
	const ratios = ratiosOf(rounds, 'hapair', ({userUs, systemUs}) => userUs + systemUs);
	t.deepEqual(
		ratios.map(ratio => ratio.toFixed(2)),
		['1.10', '1.20', '1.10'],
	);
	t.regex(formatLoad('title', rounds), /hapair +24\.0 +6\.0 +18\.0 +1\.10 +1\.10–1\.20 /);
});

test('without haproxy there are no ratios, and the figures stay', t => {
	const alone = [new Map([['hapair', figures(22)] as const])];
	t.regex(formatLoad('title', alone), /hapair +22\.0 +5\.5 +16\.5 +- +- /);
});
