/** Arrays of general purpose counters and tags, and `srvkey`. */
import test from 'ava';
import {configurationOf} from '../helpers/parse.ts';
import {backendRemarks, backendText, frontendOf, frontendRemarks} from '../helpers/sections.ts';

const tableOf = (words: string) => configurationOf(backendText(`stick-table type ip size 10 ${words}`)).stickTables[0];

test('arrays are columns, behind all others', t => {
	const names = tableOf('srvkey addr store gpc_rate(2,10s),gpc(3),http_req_cnt,gpt(1)')!;
	t.true(names.showsAddresses);
	t.deepEqual(
		names.columns.map(({name, periodMs}) => (periodMs === undefined ? name : `${name} ${periodMs}`)),
		['http_req_cnt', 'gpt0', 'gpc0', 'gpc1', 'gpc2', 'gpc0_rate 10000', 'gpc1_rate 10000'],
	);
	t.is(tableOf('srvkey name')!.showsAddresses, undefined);
});

test('actions on elements and tags from samples', t => {
	t.like(
		frontendOf([
			'stick-table type ip size 10 store gpc(3),gpt(3)',
			'http-request sc-inc-gpc(2,1)',
			'http-request sc-set-gpt(0,2) 77',
			'http-request sc-set-gpt0(0) src_port',
			'tcp-request content sc-inc-gpc(1,0)',
		]).httpRequestRules,
		[
			{kind: 'sc-inc', column: 'gpc2', counter: 1, isElement: true},
			{kind: 'sc-set', column: 'gpt0', counter: 2, isElement: true, tag: 77},
			{kind: 'sc-set', column: 'gpt0', counter: 0, tag: {fetch: 'src_port'}},
		],
	);
});

test('what is wrong with them is pointed at', t => {
	const table = (words: string) => backendRemarks(`stick-table type ip size 10 ${words}`)[0] ?? '';
	t.regex(table('store gpc(0)'), /^error 9:36 'gpc\(0\)' is not gpc\(N\) \(such as gpc\(3\), with 1 to 100 elements\)/);
	t.regex(table('store gpc(101)'), /is not gpc\(N\)/);
	t.regex(table('store gpc'), /is not gpc\(N\)/);
	t.regex(table('store gpc_rate(2)'), /is not gpc_rate\(N,T\)/);
	t.regex(table('store gpc(2),gpc0'), /'gpc0' and the array 'gpc' exclude each other/);
	t.regex(table('store gpt0,gpt(2)'), /'gpt0' and the array 'gpt' exclude each other/);
	t.regex(table('srvkey foo'), /^error 9:37 srvkey: 'foo' is not known/);
	t.regex(table('write-to t'), /^error 9:30 'write-to' of a stick table is not supported/);
	const rule = (words: string) => frontendRemarks(`http-request ${words}`)[0] ?? '';
	t.regex(rule('sc-inc-gpc(0)'), /^error 8:15 'sc-inc-gpc\(0\)' names no counter \(such as sc-inc-gpc\(3,0\)/);
	t.regex(rule('sc-inc-gpc(0,3)'), /names no counter/);
	t.regex(rule('sc-set-gpt(0,0)'), /^error 8:15 .*the tag.* is missing/);
	t.regex(rule('set-header a %[sc_get_gpc(0)]'), /sc_get_gpc/);
	t.regex(rule('set-header a %[src,table_gpc(1,nope)]'), /section 'nope' has no stick table/);
});
