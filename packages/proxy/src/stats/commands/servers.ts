/**
 * Commands that look at or change one server.
 *
 * Pure. Decides arguments, ranges and answers (HAProxy manual, "Unix Socket commands"). Leaves carrying out to `Runtime`.
 */
import {isIP} from 'node:net';
import type {TrackedServer} from '../../health/server-states.ts';
import {type Command, type CommandContext, CommandError} from '../command.ts';
import {findServer} from '../names.ts';

const MAX_WEIGHT = 256;
const MAX_CONNECTIONS = 1_000_000;
/** Algorithms whose weights can change while they run; the others know on and off only, unless they hash onto a circle. */
const DYNAMIC: readonly string[] = ['roundrobin', 'leastconn', 'random', 'first'];

function isDynamic({balance, hashType}: TrackedServer['backend']): boolean {
	return DYNAMIC.includes(balance) || (hashType?.method === 'consistent' && balance !== 'static-rr');
}

function serverOf({runtime}: CommandContext, [name]: readonly string[]): TrackedServer {
	return findServer(runtime.configuration, runtime.states, name);
}

/** `N` or `N%` of the configured weight, cut to a whole number. */
export function readWeight(text: string | undefined, {server, backend}: TrackedServer): number {
	const [, digits, percent] = /^(-?\d{1,9})(%?)$/.exec(text ?? '') ?? [];
	if (digits === undefined) throw new CommandError('Require <weight> or <weight%>.');
	const number = Number(digits);
	const weight = percent === '%' ? Math.floor((server.weight * number) / 100) : number;
	if (weight < 0 || weight > MAX_WEIGHT) throw new CommandError(`A weight is a number from 0 to ${MAX_WEIGHT}.`);
	if (!isDynamic(backend) && weight !== 0 && weight !== server.weight) {
		throw new CommandError(`Balance '${backend.balance}' is static: it only knows the weights 0% and 100%.`);
	}
	return weight;
}

export function readCount(text: string | undefined, what: string, max = MAX_CONNECTIONS): number {
	if (text !== undefined && /^\d{1,9}$/.test(text) && Number(text) <= max) return Number(text);
	throw new CommandError(`${what} is a number from 0 to ${max}.`);
}

function setWeight(context: CommandContext, args: readonly string[]): string {
	const tracked = serverOf(context, args);
	context.runtime.states.setWeight(tracked, readWeight(args[1], tracked));
	return '';
}

function setState(context: CommandContext, tracked: TrackedServer, [to]: readonly string[]): string {
	if (to !== 'ready' && to !== 'drain' && to !== 'maint') {
		throw new CommandError("'set server <backend>/<server> state' expects 'ready', 'drain' or 'maint'.");
	}
	context.runtime.setAdmin(tracked, to);
	return '';
}

function setHealth({runtime}: CommandContext, tracked: TrackedServer, [to]: readonly string[]): string {
	const health = ({up: 'up', stopping: 'nolb', nolb: 'nolb', down: 'down'} as const)[to ?? ''];
	if (health === undefined) {
		throw new CommandError("'set server <backend>/<server> health' expects 'up', 'stopping' or 'down'.");
	}
	if (tracked.server.check === undefined) throw new CommandError('This server is not checked.');
	runtime.states.setHealth(tracked, health);
	return '';
}

/** The answer says what changed, in HAProxy's words: scripts log it. */
function setAddress({runtime}: CommandContext, tracked: TrackedServer, args: readonly string[]): string {
	const {address} = tracked.server;
	const [host = '', word, portText] = args;
	if (isIP(host) === 0) throw new CommandError(`Invalid addr '${host}' by 'stats socket command'`);
	if (address.kind !== 'ip') throw new CommandError('This server has no IP address that could change.');
	const port = word === 'port' ? Number(portText) : address.port;
	if (word !== undefined && word !== 'port') throw new CommandError("After the address only 'port <port>' may follow.");
	if (!Number.isInteger(port) || port < 1 || port > 65_535 || portText === '') {
		throw new CommandError(`Invalid port '${portText ?? ''}' by 'stats socket command'`);
	}
	const parts = [
		host === address.host ? 'no need to change the addr' : `IP changed from '${address.host}' to '${host}'`,
		...(word === undefined
			? []
			: [port === address.port ? 'no need to change the port' : `port changed from '${address.port}' to '${port}'`]),
	];
	if (host !== address.host || port !== address.port) runtime.states.setAddress(tracked, host, port);
	return `${parts.join(', ')} by 'stats socket command'\n`;
}

type Setter = (context: CommandContext, tracked: TrackedServer, args: readonly string[]) => string;

const SETTERS: Readonly<Record<string, Setter>> = {
	addr: setAddress,
	health: setHealth,
	state: setState,
	weight: ({runtime}, tracked, [text]) => {
		runtime.states.setWeight(tracked, readWeight(text, tracked));
		return '';
	},
};

function setServer(context: CommandContext, args: readonly string[]): string {
	const tracked = serverOf(context, args);
	const setter = Object.hasOwn(SETTERS, args[1] ?? '') ? SETTERS[args[1]!] : undefined;
	if (setter) return setter(context, tracked, args.slice(2));
	throw new CommandError(`usage: set server <backend>/<server> ${Object.keys(SETTERS).join(' | ')}`);
}

/** A command without an answer. */
function order(
	name: string,
	help: string,
	carryOut: (runtime: CommandContext['runtime'], tracked: TrackedServer) => void,
): Command {
	return {
		name,
		usage: '<backend>/<server>',
		help,
		level: 'admin',
		run(context, args) {
			carryOut(context.runtime, serverOf(context, args));
			return '';
		},
	};
}

export const serverCommands: readonly Command[] = [
	order('disable health', 'stops the checks of a server', (runtime, tracked) => runtime.setUnchecked(tracked, true)),
	order('disable server', 'puts a server into maintenance', (runtime, tracked) => runtime.setAdmin(tracked, 'maint')),
	order('enable health', 'starts the checks of a server', (runtime, tracked) => runtime.setUnchecked(tracked, false)),
	order('enable server', 'takes a server out of maintenance', (runtime, tracked) => runtime.setAdmin(tracked, 'ready')),
	{
		name: 'get weight',
		usage: '<backend>/<server>',
		help: 'the weight of a server',
		level: 'user',
		run(context, args) {
			const {weight, server} = serverOf(context, args);
			return `${weight} (initial ${server.weight})\n`;
		},
	},
	{
		name: 'set maxconn server',
		usage: '<backend>/<server> <maxconn>',
		help: 'connections that a server gets at a time',
		level: 'admin',
		run(context, args) {
			const tracked = serverOf(context, args);
			context.runtime.setServerMaxconn(tracked, readCount(args[1], '<maxconn>'));
			return '';
		},
	},
	{
		name: 'set server',
		usage: '<backend>/<server> state|weight|health|addr …',
		help: 'changes a server',
		level: 'admin',
		run: setServer,
	},
	{
		name: 'set weight',
		usage: '<backend>/<server> <weight>[%]',
		help: 'changes the weight of a server',
		level: 'admin',
		run: setWeight,
	},
	order('shutdown sessions server', 'ends all sessions of a server', (runtime, tracked) =>
		runtime.endSessions(tracked),
	),
];
