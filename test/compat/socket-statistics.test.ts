/** `show stat`, `show info` and `show schema` beside haproxy: the same cells, types and blanks for the same traffic. */
import http from 'node:http';
import test, {type ExecutionContext} from 'ava';
import {type Both, type Side, startBoth} from './beside-haproxy.ts';
import {eventually, startWeb} from './standalone-proxy.ts';

/** What a clock, a machine or the words of a check say. */
const UNEQUAL = new Set(
	`rate rate_max req_rate req_rate_max conn_rate conn_rate_max lastchg downtime lastsess qtime ctime rtime ttime qtime_max
	ctime_max rtime_max ttime_max check_duration last_chk check_desc agent_desc agent_duration bin bout need_conn_est used_conn_cur
	srv_icur idle_conn_cur safe_conn_cur check_code connect smax`.split(/\s+/),
);

const get = (host: string, port: number, path: string) =>
	new Promise<void>((resolve, reject) => {
		const request = http.get({host, port, path, agent: false}, response => response.resume().on('end', resolve));
		request.on('error', reject);
	});

async function start(t: ExecutionContext): Promise<Both | undefined> {
	const web = await startWeb(t);
	const both = await startBoth(
		t,
		`
global
	nbthread 2
	maxconn 500
	stats socket DIR/sock level admin
defaults
	mode http
	timeout connect 2s
	timeout client 10s
	timeout server 10s
frontend web
	bind ADDR:8080 name first
	bind ADDR:8081 id 9
	bind unix@DIR/web.sock
	option socket-stats
	maxconn 100
	rate-limit sessions 1000
	http-request deny if { path /denied }
	tcp-request connection reject if { dst_port 8081 }
	default_backend pool
backend pool
	balance roundrobin
	cookie SRV insert indirect
	option httpchk
	server s1 127.0.0.1:${web} cookie c1 weight 10 maxconn 30 check inter 2s rise 1
	server s2 127.0.0.1:${web} weight 20 backup maxqueue 7
	server s3 127.0.0.1:${web} disabled
	server s4 127.0.0.1:${web} track pool/s1 weight 0
	server s5 unix@DIR/none.sock disabled check observe layer7
listen plain
	bind ADDR:8082
	maxconn 70
	mode tcp
	balance source
	server t1 127.0.0.1:${web}
`,
	);
	if (both === undefined) return undefined;
	for (const {address} of both.all) {
		for (const path of ['/', '/a', '/denied']) await get(address, 8080, path);
		await t.throwsAsync(get(address, 8081, '/'));
		await get(address, 8082, '/');
	}
	for (const side of both.all) {
		// The last check of haproxy may be in progress: it is marked by an asterisk.
		const checked = async () => /^pool,s1,.*,L7OK,/m.test(await side.ask('show stat'));
		await eventually(() => `${side.name} has checked its server`, checked);
	}
	return both;
}

async function rowsOf(side: Side, options: string): Promise<readonly Readonly<Record<string, string>>[]> {
	for (;;) {
		const text = await side.ask(`show stat ${options}`);
		if (text.includes(',* ')) continue;
		const [header = '', ...lines] = text.trimEnd().split('\n');
		const names = header.slice(2).split(',');
		return lines.map(line => Object.fromEntries(line.split(',').map((cell, place) => [names[place]!, cell])));
	}
}

type Rows = Awaited<ReturnType<typeof rowsOf>>;

/** `row column: theirs, ours`; of columns that cannot be equal it only counts whether they are filled. */
function differences(theirs: Rows, ours: Rows): readonly string[] {
	if (theirs.length !== ours.length) return [`${theirs.length} rows, ${ours.length} rows`];
	return theirs.flatMap((row, place) =>
		Object.entries(row)
			.filter(([name]) => !/^(?:ssl|h1|h2)_/.test(name))
			.flatMap(([name, cell]) => {
				const other = ours[place]![name]!;
				const isEqual = UNEQUAL.has(name) ? (cell === '') === (other === '') : cell === other;
				return isEqual ? [] : [`${row.pxname}/${row.svname} ${name}: ${cell}, ${other}`];
			}),
	);
}

test('CSV: the header, and every cell of every kind of row', async t => {
	const both = await start(t);
	if (both === undefined) return;
	const [theirs, ours] = await Promise.all(both.all.map(({ask}) => ask('show stat')));
	t.is(ours!.split('\n')[0], theirs!.split('\n')[0]);
	for (const options of ['', 'web 8 -1', '2 -1 9', 'up', 'no-maint', '-1 -1 -1 up', 'plain 3 0', 'pool 4 2', 'x y']) {
		const [expected, found] = await Promise.all(both.all.map(side => rowsOf(side, options)));
		t.deepEqual(differences(expected!, found!), [], options);
	}
	t.is(await both.hapair.ask('show stat nope 1 -1'), await both.haproxy.ask('show stat nope 1 -1'));
});

/** Types and tags, without values. */
function shapeOf(text: string): readonly string[] {
	return text
		.split('\n')
		.filter(line => !/\.(?:ssl|h1|h2)_|\.check_code\.|^72\./.test(line))
		.map(line => line.split(':').slice(0, 3).join(':'));
}

test('typed lines and JSON: the same places, tags and types', async t => {
	const both = await start(t);
	if (both === undefined) return;
	for (const command of ['show stat typed', 'show info typed']) {
		const [theirs, ours] = await Promise.all(both.all.map(({ask}) => ask(command)));
		t.deepEqual(shapeOf(ours!), shapeOf(theirs!), command);
	}
	for (const command of ['show info', 'show info desc']) {
		const [theirs, ours] = (await Promise.all(both.all.map(({ask}) => ask(command)))).map(text =>
			text.split('\n').map(line => line.split(':')[0]),
		);
		t.deepEqual(ours, theirs, command);
	}
	const shape = (text: string) =>
		JSON.stringify(JSON.parse(text), (key, value) =>
			key === 'value' && typeof value !== 'object' ? typeof value : value,
		);
	for (const command of ['show stat web 8 9 json', 'show info json']) {
		const [theirs, ours] = await Promise.all(both.all.map(({ask}) => ask(command)));
		const isOwn = (item: {field: {name: string}}) => !/^(?:ssl|h1|h2)_/.test(item.field.name);
		const kept = (text: string) => JSON.stringify(JSON.parse(text).flat().filter(isOwn));
		t.is(shape(kept(ours!)), shape(kept(theirs!)), command);
	}
	const [theirs, ours] = (await Promise.all(both.all.map(({ask}) => ask('show schema json')))).map(text =>
		JSON.parse(text),
	);
	t.deepEqual(Object.keys(ours.definitions), Object.keys(theirs.definitions));
	t.deepEqual(
		ours.oneOf.map(({title}: {title: string}) => title),
		theirs.oneOf.map(({title}: {title: string}) => title),
	);
});
