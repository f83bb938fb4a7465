import test from 'ava';
import {FrontendColumn, FrontendState} from '../../src/status-board.ts';
import {GET, OK, serve, startProxy} from '../helpers/proxy.ts';

test('a frontend that is closed and opened again keeps the port that the kernel chose', async t => {
	const port = await serve(t);
	const proxy = await startProxy(
		t,
		`frontend in\n bind 127.0.0.1:1\n default_backend out\nbackend out\n server s1 127.0.0.1:${port}\n`,
	);
	const {board} = proxy.table;
	const set = (state: number) => {
		board.set(board.row('frontend', 0), FrontendColumn.state, state);
		return proxy.core.obeyBoard();
	};
	await set(FrontendState.stopped);
	const refused = proxy.connect();
	await refused.until(({closed}) => closed);
	t.is(proxy.table.frontendListeners(0), 0);
	await set(FrontendState.open);
	t.is(proxy.table.frontendListeners(0), 1);
	const client = proxy.connect();
	client.send(GET);
	await client.untilText(OK);
	await proxy.core.obeyBoard();
	t.is(proxy.table.frontendListeners(0), 1);
});
