/** The CSV of the statistics; blanks beside HAProxy 2.6.12 with the same configuration. */
import test from 'ava';
import {Counter} from '../../src/shared-table.ts';
import {formatCsv} from '../../src/stats/csv.ts';
import {FIELDS} from '../../src/stats/fields.ts';
import {ALL_ROWS, collectRows} from '../../src/stats/rows.ts';
import {CONFIGURATION, createRuntime} from '../helpers/runtime.ts';

/** Lines as objects of their filled cells. */
function read(text: string): Readonly<Record<string, string>>[] {
	const [header = '', ...lines] = text.trimEnd().split('\n');
	const names = header.slice(2).split(',');
	return lines.map(line => {
		const cells = line.split(',').map((cell, place) => [names[place]!, cell] as const);
		return Object.fromEntries(cells.filter(([, cell]) => cell !== ''));
	});
}

const csv = (runtime = createRuntime()) => formatCsv(collectRows(runtime.runtime.source(true)));

test('the first 51 names are those of 1.4, in its order', t => {
	t.is(
		FIELDS.slice(0, 51).join(','),
		'pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt',
	);
	t.is(FIELDS[55], 'lastsess');
	t.is(FIELDS[65], 'check_desc');
	t.is(FIELDS[73], 'addr');
	t.is(FIELDS[84], 'connect');
	t.is(FIELDS[99], 'uweight');
});

test('every line ends with a comma and has as many cells as the header', t => {
	const lines = csv().trimEnd().split('\n');
	t.true(lines[0]!.startsWith('# pxname,svname,'));
	t.is(lines.length, 9);
	for (const line of lines) {
		t.true(line.endsWith(','));
		t.is(line.split(',').length, 129);
	}
});

test('rows come in the order of the file: frontend, servers, backend', t => {
	const rows = read(csv()).map(row => `${row.pxname}/${row.svname} ${row.iid}:${row.sid}:${row.type}`);
	t.deepEqual(rows, [
		'in/FRONTEND 2:0:0',
		'out/s1 3:1:2',
		'out/s2 3:2:2',
		'out/s3 3:3:2',
		'out/BACKEND 3:0:1',
		'raw/FRONTEND 4:0:0',
		'raw/t1 4:1:2',
		'raw/BACKEND 4:0:1',
	]);
});

test('each kind of row fills the cells that HAProxy 2.6 fills', t => {
	const filled = Object.fromEntries(
		read(csv()).map(row => [`${row.pxname}/${row.svname}`, Object.keys(row).join(' ')]),
	);
	const http = 'hrsp_1xx hrsp_2xx hrsp_3xx hrsp_4xx hrsp_5xx hrsp_other';
	const longest = 'qtime_max ctime_max rtime_max ttime_max eint';
	const idle = 'idle_conn_cur safe_conn_cur used_conn_cur need_conn_est uweight -';
	t.is(
		filled['in/FRONTEND'],
		`pxname svname scur smax slim stot bin bout dreq dresp ereq status pid iid sid type rate rate_lim rate_max ${http} req_rate req_rate_max req_tot comp_in comp_out comp_byp comp_rsp mode conn_rate conn_rate_max conn_tot intercepted dcon dses wrew cache_lookups cache_hits eint -`,
	);
	t.is(
		filled['raw/FRONTEND'],
		'pxname svname scur smax slim stot bin bout dreq dresp ereq status pid iid sid type rate rate_lim rate_max req_rate req_rate_max req_tot comp_in comp_out comp_byp comp_rsp mode conn_rate conn_rate_max conn_tot dcon dses wrew eint -',
	);
	t.is(
		filled['out/s1'],
		`pxname svname qcur qmax scur smax slim stot bin bout dresp econ eresp wretr wredis status weight act bck chkfail chkdown lastchg downtime qlimit pid iid sid lbtot type rate rate_max check_status ${http} req_tot cli_abrt srv_abrt lastsess qtime ctime rtime ttime check_desc check_rise check_fall check_health addr cookie mode wrew connect reuse srv_icur ${longest} ${idle}`,
	);
	t.is(
		filled['out/s3'],
		`pxname svname qcur qmax scur smax stot bin bout dresp econ eresp wretr wredis status weight act bck lastchg pid iid sid lbtot type rate rate_max ${http} req_tot cli_abrt srv_abrt lastsess qtime ctime rtime ttime addr mode wrew connect reuse srv_icur ${longest} ${idle}`,
	);
	t.is(
		filled['out/BACKEND'],
		`pxname svname qcur qmax scur smax slim stot bin bout dreq dresp econ eresp wretr wredis status weight act bck chkdown lastchg downtime pid iid sid lbtot type rate rate_max ${http} req_tot cli_abrt srv_abrt comp_in comp_out comp_byp comp_rsp lastsess qtime ctime rtime ttime cookie mode algo wrew connect reuse cache_lookups cache_hits ${longest} uweight agg_server_status agg_server_check_status agg_check_status -`,
	);
});

test('a server in maintenance tells nothing of its checks but their counts', t => {
	const runtime = createRuntime();
	runtime.states.record(0, {outcome: 'failed', status: 'L7STS', code: 503, info: 'Busy, "really"', durationMs: 4});
	const down = read(csv(runtime).replace('"Busy, ""really"""', 'quoted'))[1]!;
	t.like(down, {status: 'DOWN', check_status: 'L7STS', check_code: '503', check_duration: '4', last_chk: 'quoted'});
	t.like(down, {chkfail: '1', chkdown: '1', check_health: '0'});
	runtime.states.setAdmin(runtime.states.byIndex(0)!, 'maint');
	const maint = read(csv(runtime))[1]!;
	t.like(maint, {status: 'MAINT', chkfail: '1', weight: '10'});
	t.is(maint.check_status, undefined);
	t.is(maint.check_health, undefined);
});

test('numbers are sums over threads, rates those of the moment, times those of the servers', t => {
	const runtime = createRuntime();
	const {worker, table} = runtime;
	const row = worker.row('server', 0);
	worker.count(row, Counter.sessions, 3);
	worker.count(row, Counter.connects, 2);
	worker.countTimes(row, 0, 1, 20, 30);
	worker.countTimes(worker.row('backend', 0), 0, 1, 20, 30);
	worker.countMax(row, Counter.lastSessionMs, 1_700_000_000_000);
	for (let i = 0; i < 4; i++) worker.rates.hit(table.rates.meter('server', 0), 1_700_000_006_100);
	runtime.sleep(6500);
	const [, s1, , , backend] = read(csv(runtime));
	t.like(s1!, {stot: '3', connect: '2', rtime: '20', ttime_max: '30', lastsess: '6', rate: '4', rate_max: '4'});
	t.like(backend!, {connect: '2', ttime: '30', lastchg: '6', weight: '11', act: '2', bck: '1', slim: '5'});
});

test('the last usable server takes the backend down with it', t => {
	const runtime = createRuntime();
	for (const index of [0, 1, 2]) runtime.states.setAdmin(runtime.states.byIndex(index)!, 'maint');
	runtime.sleep(3000);
	t.like(read(csv(runtime))[4]!, {status: 'DOWN', weight: '0', act: '0', bck: '0', chkdown: '1', downtime: '3'});
});

test('without legends nobody learns addresses, cookies or algorithms', t => {
	const {runtime} = createRuntime();
	const text = formatCsv(collectRows(runtime.source(false)));
	t.notRegex(text, /127\.0\.0\.1|roundrobin|SRV/);
});

test('rows can be chosen by proxy, kind and server, and without those that are down', t => {
	const {runtime, states} = createRuntime();
	states.setAdmin(states.byIndex(1)!, 'maint');
	const names = (filter: Partial<typeof ALL_ROWS>) =>
		collectRows(runtime.source(true), {...ALL_ROWS, ...filter}).map(({proxy, name}) => `${proxy}/${name}`);
	t.deepEqual(names({iid: 4, types: 3}), ['raw/FRONTEND', 'raw/BACKEND']);
	t.deepEqual(names({types: 4, sid: 1}), ['out/s1', 'raw/t1']);
	t.deepEqual(names({iid: 3, types: 4, without: 'down'}), ['out/s1', 'out/s3']);
});

test('a server that follows another has its state and names it; one that grows says how far', t => {
	const runtime = createRuntime(
		CONFIGURATION.replace('check backup', 'track out/s1').replace(
			'server s3 127.0.0.3:83',
			'server s3 127.0.0.3:83 slowstart 10s',
		),
	);
	runtime.states.record(0, {outcome: 'failed', status: 'L4CON', durationMs: 0});
	t.like(read(csv(runtime))[2]!, {status: 'DOWN', tracked: 'out/s1'});
	t.is(read(csv(runtime))[2]!.chkfail, undefined);
	runtime.states.setAdmin(runtime.states.byIndex(2)!, 'maint');
	runtime.states.setAdmin(runtime.states.byIndex(2)!, 'ready');
	runtime.sleep(5000);
	runtime.states.grow();
	t.like(read(csv(runtime))[3]!, {throttle: '50'});
});
