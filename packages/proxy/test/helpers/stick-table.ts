/** Stick tables for tests: a whole configuration of one, and keys. */
import type {StickTable} from '@hapair/config';
import type {StickKey} from '../../src/stick/shared-stick-table.ts';

export function makeStickTable(over: Partial<StickTable> = {}): StickTable {
	return {
		name: 't',
		type: 'string',
		keyBytes: 8,
		size: 4,
		nopurge: false,
		holdsServers: false,
		columns: [{name: 'gpc0'}, {name: 'conn_cur'}, {name: 'http_req_rate', periodMs: 1000}],
		position: {file: 'test.cfg', line: 1, column: 1},
		...over,
	};
}

export function keyOf(text: string): StickKey {
	return {bytes: new TextEncoder().encode(text), length: text.length};
}
