import type {CarriedState} from '@hapair/proxy';
import test from 'ava';
import fc from 'fast-check';
import {encodeFrame, FrameReader} from '../../src/peer/frames.ts';
import {PeerError} from '../../src/peer/peer-session.ts';
import {packState, unpackState} from '../../src/warm/carry.ts';

const entries = fc
	.array(
		fc.record({
			key: fc.uint8Array({maxLength: 20}),
			left: fc.nat(),
			cells: fc.array(fc.double({noNaN: true}), {minLength: 4, maxLength: 4}),
		}),
	)
	.map(
		(rows): CarriedState => ({
			kind: 'entries',
			entries: {
				table: 't',
				type: 'string',
				keyBytes: 32,
				columns: [
					{name: 'gpc0', periodMs: 0, cells: 1},
					{name: 'http_req_rate', periodMs: 10_000, cells: 3},
				],
				servers: {1: 'web1'},
				lengths: Uint16Array.from(rows, ({key}) => key.length),
				keys: Buffer.concat(rows.map(({key}) => key)),
				leftMs: Float64Array.from(rows, ({left}) => left),
				cells: Float64Array.from(rows.flatMap(({cells}) => cells)),
			},
		}),
	);
const orders: CarriedState = {
	kind: 'orders',
	servers: [
		{
			backend: 'web',
			server: 'one',
			admin: 'maint',
			weight: 7,
			maxconn: 50,
			place: {host: '10.0.0.7', port: 8080},
			configured: {weight: 1, maxconn: 0, disabled: false, address: '{}'},
		},
	],
};

const patterns: CarriedState = {
	kind: 'patterns',
	patterns: {
		list: '0 abc',
		isAsInFile: false,
		entries: [
			['/old', '/new'],
			['/æ', ''],
		],
		goesOn: true,
	},
};

/** Over the wire, as the other node reads it. */
function send(state: CarriedState): CarriedState {
	const [frame] = new FrameReader(10_000_000).read(encodeFrame(packState(state) ?? {}));
	return unpackState(frame ?? {});
}

test('entries and orders arrive as they were', t => {
	fc.assert(
		fc.property(entries, state => {
			const arrived = send(state);
			if (arrived.kind !== 'entries' || state.kind !== 'entries') throw new Error('another kind');
			t.deepEqual(Buffer.from(arrived.entries.keys), Buffer.from(state.entries.keys));
			t.deepEqual({...arrived.entries, keys: null}, {...state.entries, keys: null});
		}),
		{numRuns: 30},
	);
	t.deepEqual(send(orders), orders);
	t.deepEqual(send(patterns), patterns);
	const {maxconn: _, place: __, ...older} = orders.servers[0]!;
	t.deepEqual(send({kind: 'orders', servers: [older]}), {kind: 'orders', servers: [older]}, 'of an older version');
});

test('what only a process of the same node needs is not sent', t => {
	t.is(packState({kind: 'counters', rows: []}), undefined);
	t.is(packState({kind: 'servers', servers: [], backends: []}), undefined);
});

const sound = packState(
	fc.sample(
		entries.filter(state => state.kind === 'entries' && state.entries.keys.length > 20),
		1,
	)[0] ?? orders,
);
const inner = (changes: object): Readonly<Record<string, unknown>> => ({
	...sound,
	entries: {...(typeof sound?.entries === 'object' ? sound.entries : {}), ...changes},
});

for (const [what, body] of [
	['nothing', {}],
	['another kind', {kind: 'counters', rows: []}],
	['a row too few', inner({leftMs: Buffer.from(new Float64Array(1).buffer).toString('base64')})],
	['half a number', inner({cells: 'AAAA'})],
	['a column too many', inner({columns: [{name: 'gpc0', periodMs: 0, cells: 1}]})],
	['a huge column', inner({columns: [{name: 'gpc0', periodMs: 0, cells: 1e9}]})],
	['keys longer than the table takes', inner({keyBytes: 0})],
	['an order without a weight', {kind: 'orders', servers: [{backend: 'web', server: 'one', admin: 'maint'}]}],
	[
		'an order to no address',
		{kind: 'orders', servers: [{...orders.servers[0], place: {host: 'example.org', port: 80}}]},
	],
	['a pattern without a value', {kind: 'patterns', patterns: {...patterns.patterns, entries: [['/old']]}}],
	['an order of no known kind', {kind: 'orders', servers: [{...orders.servers[0], admin: 'gone'}]}],
] as const) {
	test(`${what} is refused before a table sees it`, t => t.throws(() => unpackState(body), {instanceOf: PeerError}));
}
