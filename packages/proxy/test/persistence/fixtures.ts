import type {Backend, CookiePersistence, Server} from '@hapair/config';
import {type CookiePlan, compileCookie} from '../../src/persistence/cookie.ts';

const position = {file: 'test.cfg', line: 1, column: 1};

/** A server line as the reader makes it. */
export function makeServer(id: number, cookie: string | undefined): Server {
	return {
		name: `s${id}`,
		id,
		index: id - 1,
		address: {kind: 'ip', host: '127.0.0.1', port: 80},
		weight: 1,
		backup: false,
		disabled: false,
		maxconn: 0,
		minconn: 0,
		maxqueue: 0,
		position,
		...(cookie === undefined ? {} : {cookie}),
	};
}

/** A cookie line; what is not given is off. */
function makeCookie(options: Partial<CookiePersistence> = {}): CookiePersistence {
	return {
		name: 'SERVERID',
		mode: 'insert',
		indirect: false,
		nocache: false,
		postonly: false,
		preserve: false,
		httponly: false,
		secure: false,
		domains: [],
		...options,
	};
}

/** A plan over servers with these cookie values. */
export function makePlan(
	options: Partial<CookiePersistence> = {},
	values: readonly (string | undefined)[] = ['web1', 'web2', undefined],
	persist = false,
): CookiePlan {
	const backend: Pick<Backend, 'cookie' | 'servers' | 'persist'> = {
		cookie: makeCookie(options),
		servers: values.map((value, i) => makeServer(i + 1, value)),
		persist,
	};
	return compileCookie(backend)!;
}
