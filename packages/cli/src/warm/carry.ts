/**
 * What a proxy process knows, as the peer channel carries it. Pure.
 *
 * Decides that numbers go as they are in memory, in base64 (both nodes are little-endian), and what does not fit together is refused before a
 * table sees it. Leaves what it means to `@hapair/proxy`.
 */
import {isIP} from 'node:net';
import type {CarriedEntries, CarriedOrder, CarriedPatterns, CarriedState} from '@hapair/proxy';
import type {FrameObject} from '../peer/frames.ts';
import {PeerError} from '../peer/peer-session.ts';

/** `undefined` for what only another process of the same node needs. */
export function packState(state: CarriedState): FrameObject | undefined {
	if (state.kind === 'orders') return {kind: 'orders', servers: state.servers};
	if (state.kind === 'patterns') return {kind: 'patterns', patterns: state.patterns};
	if (state.kind !== 'entries') return undefined;
	const {lengths, keys, leftMs, cells, ...rest} = state.entries;
	return {
		kind: 'entries',
		entries: {...rest, lengths: pack(lengths), keys: pack(keys), leftMs: pack(leftMs), cells: pack(cells)},
	};
}

/** Throws a `PeerError`. */
export function unpackState({kind, servers, entries, patterns}: FrameObject): CarriedState {
	if (kind === 'orders' && Array.isArray(servers)) return {kind, servers: servers.map(readOrder)};
	if (kind === 'entries' && isObject(entries)) return {kind, entries: readEntries(entries)};
	if (kind === 'patterns' && isObject(patterns)) return {kind, patterns: readPatterns(patterns)};
	throw new PeerError('a state that this node does not know');
}

function readOrder(value: unknown): CarriedOrder {
	if (!isObject(value)) throw new PeerError('an order is an object');
	const {backend, server, configured, admin, weight, maxconn: now, place} = value;
	const isAdmin = admin === 'ready' || admin === 'drain' || admin === 'maint';
	if (!isText(backend) || !isText(server) || !isAdmin || !isCount(weight, 256) || !isObject(configured))
		throw new PeerError('an order that cannot be read');
	const {weight: given, maxconn, disabled, address} = configured;
	if (!isCount(given, 256) || typeof maxconn !== 'number' || typeof disabled !== 'boolean' || !isText(address))
		throw new PeerError('an order that cannot be read');
	const limit = typeof now === 'number' ? {maxconn: now} : {};
	const order: CarriedOrder = {
		backend,
		server,
		admin,
		weight,
		...limit,
		configured: {weight: given, maxconn, disabled, address},
	};
	if (place === undefined) return order;
	if (!isObject(place) || !isText(place.host) || isIP(place.host) === 0 || !isCount(place.port, 65_535))
		throw new PeerError('an order that cannot be read');
	return {...order, place: {host: place.host, port: place.port}};
}

function readPatterns({list, isAsInFile, entries, goesOn}: FrameObject): CarriedPatterns {
	if (!isText(list) || typeof isAsInFile !== 'boolean' || !Array.isArray(entries) || typeof goesOn !== 'boolean')
		throw new PeerError('patterns that cannot be read');
	const read = entries.map((entry): readonly [string, string] => {
		const [key, value]: unknown[] = Array.isArray(entry) ? entry : [];
		if (typeof key === 'string' && typeof value === 'string') return [key, value];
		throw new PeerError('a pattern that cannot be read');
	});
	return {list, isAsInFile, entries: read, goesOn};
}

function readEntries(value: FrameObject): CarriedEntries {
	const {table, type, keyBytes, columns, servers} = value;
	if (!isText(table) || !isText(type) || !isCount(keyBytes, 65_536) || !Array.isArray(columns) || !isObject(servers))
		throw new PeerError('entries that cannot be read');
	const lengths = new Uint16Array(unpack(value.lengths, 2));
	const keys = new Uint8Array(unpack(value.keys, 1));
	const leftMs = new Float64Array(unpack(value.leftMs, 8));
	const cells = new Float64Array(unpack(value.cells, 8));
	const read = columns.map(readColumn);
	const width = read.reduce((sum, column) => sum + column.cells, 0);
	const sum = lengths.reduce((total, length) => total + length, 0);
	const fits = leftMs.length === lengths.length && keys.length === sum && cells.length === width * lengths.length;
	if (!fits || lengths.some(length => length > keyBytes)) throw new PeerError('entries that do not fit together');
	return {table, type, keyBytes, columns: read, servers: readNames(servers), lengths, keys, leftMs, cells};
}

function readColumn(value: unknown): CarriedEntries['columns'][number] {
	if (!isObject(value)) throw new PeerError('a column that cannot be read');
	const {name, periodMs, cells} = value;
	if (!isText(name) || typeof periodMs !== 'number' || !isCount(cells, 16))
		throw new PeerError('a column that cannot be read');
	return {name, periodMs, cells};
}

function readNames(names: FrameObject): Record<number, string> {
	return Object.fromEntries(Object.entries(names).flatMap(([id, name]) => (isText(name) ? [[Number(id), name]] : [])));
}

function pack({buffer, byteOffset, byteLength}: Uint8Array | Uint16Array | Float64Array): string {
	return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** Whole numbers of `size` bytes each, at a place of their own. */
function unpack(value: unknown, size: number): ArrayBuffer {
	const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0);
	if (bytes.length % size !== 0) throw new PeerError('half a number');
	const buffer = new ArrayBuffer(bytes.length);
	new Uint8Array(buffer).set(bytes);
	return buffer;
}

function isObject(value: unknown): value is FrameObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
	return typeof value === 'string' && value.length <= 4096;
}

function isCount(value: unknown, limit: number): value is number {
	return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= limit;
}
