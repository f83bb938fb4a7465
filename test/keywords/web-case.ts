/** The usual form of a case: a `listen` with one web server, in which the line stands. */
import {type Asked, ask, forwarded, headerOf, serverOf, statusOf} from './client.ts';
import {type Case, DEFAULTS, type Run} from './harness.ts';

export const LISTEN = `
listen NAME
    bind 127.0.0.1:PORT
    LINE
    server s1 127.0.0.1:S1
`;

/** `rows` are separated by a comma and a space. */
export function web(
	rows: string,
	line: string,
	observe: (run: Run) => Promise<string>,
	sees: string | RegExp,
	otherwise: string | RegExp,
	without = '',
	config = LISTEN,
): Case {
	return {rows: rows.split(', '), config, line, without, observe, sees, otherwise};
}

export const status =
	(asked: Asked = {}) =>
	async ({port}: Run) =>
		statusOf(await ask(port, asked));

/** Name of the server that answered, or the proxy's own status. */
export const server =
	(asked: Asked = {}) =>
	async ({port}: Run) =>
		serverOf(await ask(port, asked));

/** A header of the request as the server got it. */
export const got =
	(name: string, asked: Asked = {}) =>
	async ({port}: Run) =>
		forwarded(await ask(port, asked), name);

/** A header of the answer. */
export const given =
	(name: string, asked: Asked = {}) =>
	async ({port}: Run) =>
		headerOf(await ask(port, asked), name);

/** Status and Location. */
export const location =
	(asked: Asked = {path: '/a?b=1'}) =>
	async ({port}: Run) => {
		const answer = await ask(port, asked);
		return `${statusOf(answer)} ${headerOf(answer, 'location')}`;
	};

/** `section` under `defaults` of its own, and behind it those that all cases have, for the next. */
export const withDefaults = (lines: string, section: string) => `
defaults
    contimeout 5000
    clitimeout 20000
    srvtimeout 20000
    ${lines}
${section}
${DEFAULTS}
`;
