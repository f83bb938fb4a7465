import test from 'ava';
import {configurationOf} from '../helpers/parse.ts';
import {backendRemarks, backendText, frontendRemarks, frontendText} from '../helpers/sections.ts';

const tableOf = (line: string) => configurationOf(backendText(line, 'server s 10.0.0.1:80')).stickTables[0]!;
const wrong = (...lines: string[]) => backendRemarks(...lines, 'server s 10.0.0.1:80');

test('a table has a type, a size and what it stores, in the order of `show table`', t => {
	t.like(tableOf('stick-table type ip size 100k expire 30m'), {
		name: 'web',
		type: 'ip',
		keyBytes: 4,
		size: 102_400,
		expireMs: 1_800_000,
		nopurge: false,
		columns: [],
	});
	t.like(tableOf('stick-table type string len 12 size 1m nopurge'), {keyBytes: 12, size: 1_048_576, nopurge: true});
	t.is(tableOf('stick-table type string size 1').keyBytes, 31);
	t.is(tableOf('stick-table type binary size 1').keyBytes, 32);
	t.is(tableOf('stick-table type ipv6 size 1').keyBytes, 16);
	t.deepEqual(tableOf('stick-table type integer size 1 store http_req_rate(10s),gpc0 store conn_cur').columns, [
		{name: 'gpc0'},
		{name: 'conn_cur'},
		{name: 'http_req_rate', periodMs: 10_000},
	]);
});

test('a table that stick rules use stores servers', t => {
	const {stickTables, backends} = configurationOf(
		backendText('stick-table type ip size 10 store gpc0', 'stick on src', 'server s 10.0.0.1:80'),
	);
	t.like(stickTables[0], {holdsServers: true, columns: [{name: 'server_id'}, {name: 'gpc0'}]});
	t.like(backends[0]?.stickRules?.[0], {kind: 'on', table: 'web', key: {fetch: 'src'}});
});

test('what a table cannot be', t => {
	t.regex(wrong('stick-table type ip')[0]!, /needs a type and a size/);
	t.regex(wrong('stick-table type mac size 1')[0]!, /'mac' is not known/);
	t.regex(wrong('stick-table type ip size 0')[0]!, /'0' is not a size/);
	t.regex(wrong('stick-table type ip size 1 store gpc9')[0]!, /'gpc9' cannot be stored/);
	t.regex(wrong('stick-table type ip size 1 store conn_rate')[0]!, /'conn_rate' needs a period/);
	t.regex(wrong('stick-table type ip size 1 store gpc0(10s)')[0]!, /'gpc0' has no period/);
	t.regex(wrong('stick-table type ip size 1 store conn_rate(0)')[0]!, /'0' is not a period/);
	t.regex(wrong('stick-table type ip size 1 expire 10x')[0]!, /is not a time/);
	t.regex(wrong('stick-table type ip size 1', 'stick-table type ip size 1')[0]!, /has a stick table already/);
	t.regex(wrong('stick-table type ip size 1 peers other')[0]!, /^notice .*not exchanged/);
});

test('rules name tables that exist, and keys that can be taken', t => {
	t.regex(wrong('stick on src')[0]!, /section 'web' has no stick table/);
	t.regex(wrong('stick on src table nope')[0]!, /section 'nope' has no stick table/);
	t.regex(wrong('stick-table type ip size 1', 'stick on srcc')[0]!, /'srcc' is not a sample fetch.*src/);
	t.regex(frontendRemarks('http-request track-sc0 src')[0]!, /section 'web' has no stick table/);
	t.regex(frontendRemarks('http-request deny if { src_http_req_rate gt 1 }')[0]!, /section 'web' has no stick table/);
	t.regex(frontendRemarks('http-request deny if { src,in_table(nope) }')[0]!, /section 'nope' has no stick table/);
	t.regex(frontendRemarks('http-request deny if { sc_conn_cnt(3) gt 1 }')[0]!, /'3' is not a counter/);
});

test('tcp-request rules keep their order, by the moment at which they run', t => {
	const {frontends} = configurationOf(
		frontendText(
			'stick-table type ip size 10 store gpc0',
			'tcp-request inspect-delay 5s',
			'tcp-request content sc-inc-gpc0(0) if { path /x }',
			'tcp-request connection accept if { src 10.0.0.0/8 }',
			'tcp-request connection reject',
			'tcp-request session track-sc2 src',
		),
	);
	t.like(frontends[0]?.tcpRequest, {
		inspectDelayMs: 5000,
		connection: [{action: {kind: 'accept'}}, {action: {kind: 'reject'}}],
		session: [{action: {kind: 'track', counter: 2, table: 'web'}}],
		content: [{action: {kind: 'sc-inc', counter: 0, column: 'gpc0'}}],
	});
});

test('what tcp-request cannot do is said', t => {
	t.regex(frontendRemarks('tcp-request connection')[0]!, /what to do is missing/);
	t.regex(frontendRemarks('tcp-request content acept')[0]!, /'acept' is not an action.*accept/);
	t.regex(frontendRemarks('tcp-request content use-service x')[0]!, /not supported/);
	t.regex(frontendRemarks('tcp-request inspect-delay 5s')[0]!, /has no content rule to wait for/);
	t.deepEqual(frontendRemarks('mode tcp', 'tcp-request content reject if { req_len gt 5 }'), []);
});
