import test from 'ava';
import {BackendColumn, ServerColumn, ServerText, StatusBoard} from '../src/status-board.ts';

const size = {frontends: 2, backends: 2, servers: 3};

test('every number has a place of its own', t => {
	const board = new StatusBoard(new SharedArrayBuffer(StatusBoard.bytes(size) + 8), 8, size);
	const places = new Set<number>();
	for (const kind of ['process', 'frontend', 'backend', 'server'] as const) {
		const count = {process: 1, frontend: 2, backend: 2, server: 3}[kind];
		const columns = {process: 4, frontend: 2, backend: 5, server: 16}[kind];
		for (let index = 0; index < count; index++) {
			for (let column = 0; column < columns; column++) places.add(board.row(kind, index) + column);
		}
	}
	t.is(places.size, 4 + 4 + 10 + 48);
	board.set(board.row('server', 2), ServerColumn.isUnchecked, 3);
	board.set(board.row('backend', 1), BackendColumn.hasLimits, 1);
	board.setText(2, ServerText.host, 'end');
	t.is(board.get(board.row('server', 2), ServerColumn.isUnchecked), 3);
	t.is(board.get(board.row('backend', 1), BackendColumn.hasLimits), 1);
});

test('texts are kept apart, cut where they are too long, and never hold a control character', t => {
	const board = new StatusBoard(new SharedArrayBuffer(StatusBoard.bytes(size)), 0, size);
	board.setText(0, ServerText.checkInfo, 'caf\u00e9 \u2603\n');
	board.setText(0, ServerText.host, '::1');
	board.setText(1, ServerText.checkInfo, 'x'.repeat(1000));
	t.is(board.text(0, ServerText.checkInfo), 'caf\u00e9 ??');
	t.is(board.text(0, ServerText.host), '::1');
	t.is(board.text(1, ServerText.checkInfo), 'x'.repeat(120));
	t.is(board.text(2, ServerText.host), '');
});
