/**
 * The words of `add server`: one server line without a file around it.
 *
 * Decides which options a server may have that comes while the proxy runs (HAProxy manual, `add server`). Leaves its number and whom it
 * tracks to the caller.
 */
import {buildServers} from './build-servers.ts';
import {Reporter} from './diagnostics.ts';
import {createProxyDraft, createSettings} from './drafts.ts';
import {serverKeywords} from './keywords/server.ts';
import type {Word} from './lexer.ts';
import {LineCursor} from './line-cursor.ts';
import type {Server} from './model.ts';

const PLACE = {file: 'stats socket', line: 1, column: 1, length: 1};
/** Options of configured servers only. */
const REFUSED: readonly string[] = 'cookie redir init-addr resolvers resolve-opts resolve-net resolve-prefer'.split(
	' ',
);

export interface ServerOrder {
	readonly name: string;
	/** Address and options. */
	readonly words: readonly string[];
	/** `Server.index` and the number it gets unless it asks for one. */
	readonly index: number;
	readonly id: number;
	/** `Server.index` of a server by name, for `track`. */
	findServer(backend: string | undefined, server: string): number | undefined;
}

export function readServerOrder(order: ServerOrder): {readonly server: Server} | {readonly problem: string} {
	const refused = order.words.find(word => REFUSED.includes(word));
	if (refused !== undefined) return {problem: `'${refused}' option is not accepted for dynamic server`};
	const reporter = new Reporter();
	const draft = createProxyDraft('backend', 'backend', PLACE, 'modern', createSettings(), {binds: 0});
	const words = [order.name, ...order.words].map(
		(text, place): Word => ({text, column: place + 1, length: 1, verbatim: true}),
	);
	const keyword = serverKeywords.find(({name}) => name === 'server');
	const cursor = new LineCursor({file: PLACE.file, number: 1, words}, reporter);
	if (keyword?.scope === 'proxy') keyword.read({draft, cursor, prefix: undefined, syntax: 'modern'});
	const problem = reporter.diagnostics.find(({severity}) => severity === 'error');
	if (problem !== undefined) return {problem: `${problem.message}.`};
	const [line] = draft.servers;
	if (line!.target !== undefined) return {problem: 'it needs an address.'};
	const [server] = buildServers(draft, new Map([[line!, order.index]]));
	const {track, id} = line!.options;
	const tracks = track === undefined ? undefined : order.findServer(track.backend, track.server);
	if (track !== undefined && tracks === undefined) return {problem: `there is no server '${track.server}' to track.`};
	return {
		server: {
			...server!,
			id: id?.value ?? order.id,
			// It begins in maintenance by order, not by configuration.
			disabled: false,
			...(tracks === undefined ? {} : {tracks}),
		},
	};
}
