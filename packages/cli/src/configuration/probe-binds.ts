/**
 * Could the proxy listen on its addresses now? Opens and closes each of them once, for `hapair check`.
 *
 * Decides that every finding is a warning, since the file may be meant for another machine. Leaves the words to
 * `describeListenError`, so that `check` and `run` say the same.
 */
import {createServer} from 'node:net';
import type {Bind, Configuration, Diagnostic} from '@hapair/config';
import {describeListenError} from '@hapair/proxy';

/** Port ranges may name thousands of addresses; the first of them tell enough. */
const mostProbes = 64;

/** `inUseIsFine`: a daemon of ours runs, and what is in use is most likely its own. */
export async function probeBinds(configuration: Configuration, inUseIsFine: boolean): Promise<Diagnostic[]> {
	const found: Diagnostic[] = [];
	for (const bind of listBinds(configuration).slice(0, mostProbes)) {
		const code = await tryListen(bind);
		if (code === undefined || (code === 'EADDRINUSE' && inUseIsFine)) continue;
		const {message, hint} = describeListenError(bind.text, bind.address, code);
		found.push({severity: 'warning', ...bind.position, length: 1, message, hint});
	}
	return found;
}

/** Internet addresses only: opening a Unix socket would leave a file. Each address once. */
function listBinds({frontends}: Configuration): Bind[] {
	const seen = new Set<string>();
	return frontends
		.filter(({disabled}) => !disabled)
		.flatMap(({binds}) => binds)
		.filter(({address, transparent}) => {
			if (address.kind !== 'ip' || transparent) return false;
			const key = `${address.host} ${address.port}`;
			return !seen.has(key) && seen.add(key);
		});
}

/** The code of the error, or `undefined` when it worked. */
function tryListen({address, v6only}: Bind): Promise<string | undefined> {
	const {promise, resolve} = Promise.withResolvers<string | undefined>();
	if (address.kind !== 'ip') return Promise.resolve(undefined);
	const server = createServer(socket => socket.destroy());
	server.once('error', error => resolve('code' in error ? String(error.code) : error.message));
	const host = address.host === '*' ? '0.0.0.0' : address.host;
	server.listen({host, port: address.port, exclusive: true, ipv6Only: v6only}, () => {
		server.close(() => resolve(undefined));
	});
	return promise;
}
