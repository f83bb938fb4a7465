/**
 * Commands that look at or change one server.
 *
 * Decides arguments, ranges and answers (HAProxy manual, "Unix Socket commands"). Leaves carrying out to `Runtime`.
 */
import {isIP} from 'node:net';
import type {TrackedServer} from '../../health/server-states.ts';
import {isDynamic} from '../algorithms.ts';
import {type Command, type CommandContext, CommandError} from '../command.ts';
import {findBackend, findServer, NameError} from '../names.ts';

const MAX_WEIGHT = 256;
const MAX_CONNECTIONS = 1_000_000;

function serverOf({runtime}: CommandContext, [name]: readonly string[]): TrackedServer {
	return findServer(runtime.configuration, runtime.states, name);
}

/** `N` or `N%` of the configured weight, cut to a whole number. */
function readWeight(text: string | undefined, {server, backend}: TrackedServer): number {
	const [, digits, percent] = /^(-?\d{1,9})(%?)$/.exec(text ?? '') ?? [];
	if (text === undefined || text === '') throw new CommandError('Require <weight> or <weight%>.');
	if (digits === undefined) throw new CommandError('Empty weight string empty or preceded by garbage');
	const number = Number(digits);
	const weight = percent === '%' ? Math.floor((server.weight * number) / 100) : number;
	if (weight < 0 || weight > MAX_WEIGHT)
		throw new CommandError(`Absolute weight can only be between 0 and ${MAX_WEIGHT} inclusive.`);
	if (!isDynamic(backend) && weight !== 0 && weight !== server.weight) {
		throw new CommandError("Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.");
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
		throw new CommandError("'set server <srv> state' expects 'ready', 'drain' and 'maint'.");
	}
	context.runtime.setAdmin(tracked, to);
	return '';
}

function setHealth({runtime}: CommandContext, tracked: TrackedServer, [to]: readonly string[]): string {
	const health = ({up: 'up', stopping: 'nolb', nolb: 'nolb', down: 'down'} as const)[to ?? ''];
	if (health === undefined) {
		throw new CommandError("'set server <srv> health' expects 'up', 'stopping', or 'down'.");
	}
	// Without a check there is no health to be set: it is up, as HAProxy leaves it.
	if (tracked.server.check === undefined) return '';
	runtime.states.setHealth(tracked, health);
	return '';
}

/** The answer says what changed, in HAProxy's words: scripts log it. */
function setAddress({runtime}: CommandContext, tracked: TrackedServer, args: readonly string[]): string {
	const {address} = tracked.server;
	const [host, word, portText] = args;
	if (host === undefined) throw new CommandError('set server <b>/<s> addr requires an address and optionally a port.');
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

/** 0: that of the service again. */
function readPort(text: string | undefined): number {
	if (text !== undefined && /^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
	throw new CommandError('provided port is not an integer');
}

function setCheckTarget(
	{runtime}: CommandContext,
	tracked: TrackedServer,
	where: {readonly address?: string; readonly port?: number},
): string {
	if (tracked.server.check === undefined) throw new CommandError('health checks are not enabled on this server');
	runtime.states.setCheckTarget(tracked, where);
	return '';
}

const NO_AGENT = 'agent checks are not enabled on this server.';

function setAgentTarget(
	runtime: CommandContext['runtime'],
	tracked: TrackedServer,
	where: Parameters<CommandContext['runtime']['states']['setAgentTarget']>[1],
): string {
	if (tracked.server.agent === undefined) throw new CommandError('agent checks are not enabled on this server');
	runtime.states.setAgentTarget(tracked, where);
	return '';
}

type Setter = (context: CommandContext, tracked: TrackedServer, args: readonly string[]) => string;

const SETTERS: Readonly<Record<string, Setter>> = {
	addr: setAddress,
	agent: ({runtime}, tracked, [to]) => {
		if (tracked.server.agent === undefined || tracked.isAgentOff) throw new CommandError(NO_AGENT);
		if (to !== 'up' && to !== 'down') throw new CommandError("'set server <srv> agent' expects 'up' or 'down'.");
		runtime.states.setAgent(tracked, to === 'up');
		return '';
	},
	'agent-addr': ({runtime}, tracked, [host = '', word, port]) => {
		if (isIP(host) === 0) throw new CommandError(`invalid addr '${host}'`);
		return setAgentTarget(runtime, tracked, word === 'port' ? {address: host, port: readPort(port)} : {address: host});
	},
	'agent-port': ({runtime}, tracked, [port]) => setAgentTarget(runtime, tracked, {port: readPort(port)}),
	'agent-send': ({runtime}, tracked, [text = '']) => {
		if (tracked.server.agent === undefined) throw new CommandError(NO_AGENT);
		return setAgentTarget(runtime, tracked, {send: text});
	},
	'check-addr': (context, tracked, [host = '', word, port]) => {
		if (isIP(host) === 0) throw new CommandError(`invalid addr '${host}'`);
		return setCheckTarget(context, tracked, word === 'port' ? {address: host, port: readPort(port)} : {address: host});
	},
	'check-port': (context, tracked, [port]) => setCheckTarget(context, tracked, {port: readPort(port)}),
	fqdn: () => {
		throw new CommandError('set server <b>/<s> fqdn failed because no resolution is configured.');
	},
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
	throw new CommandError(`usage: set server <backend>/<server> ${Object.keys(SETTERS).sort().join(' | ')}`);
}

async function addServer({runtime}: CommandContext, [name, ...words]: readonly string[]): Promise<string> {
	const [backendName, serverName, ...rest] = name?.split('/') ?? [];
	if (!backendName || !serverName || rest.length > 0) throw new NameError("Require 'backend/server'.");
	const backend = findBackend(runtime.configuration, backendName);
	await runtime.roster.add(backend, serverName, words);
	return 'New server registered.\n';
}

async function deleteServer(context: CommandContext, args: readonly string[]): Promise<string> {
	await context.runtime.roster.remove(serverOf(context, args));
	return 'Server deleted.\n';
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
	order('disable agent', 'does not ask the agent of a server any more', (runtime, tracked) =>
		runtime.setAgentOff(tracked, true),
	),
	order('enable agent', 'asks the agent of a server again', (runtime, tracked) => {
		if (tracked.server.agent === undefined) {
			throw new CommandError('Agent was not configured on this server, cannot enable.');
		}
		runtime.setAgentOff(tracked, false);
	}),
	order('disable health', 'stops the checks of a server', (runtime, tracked) => runtime.setUnchecked(tracked, true)),
	order('disable server', 'puts a server into maintenance', (runtime, tracked) => runtime.setAdmin(tracked, 'maint')),
	order('enable health', 'starts the checks of a server', (runtime, tracked) => {
		if (tracked.server.check === undefined) {
			throw new CommandError('Health check was not configured on this server, cannot enable.');
		}
		runtime.setUnchecked(tracked, false);
	}),
	order('enable server', 'takes a server out of maintenance', (runtime, tracked) => runtime.setAdmin(tracked, 'ready')),
	{
		name: 'add server',
		usage: '<backend>/<server> <address> [<option>]*',
		help: 'a new server, in maintenance until it is enabled',
		level: 'admin',
		run: addServer,
	},
	{
		name: 'del server',
		usage: '<backend>/<server>',
		help: 'removes a server in maintenance that nobody uses',
		level: 'admin',
		run: deleteServer,
	},
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
			if (args[1] === undefined) throw new CommandError('Require <maxconn>.');
			if (!/^\d/.test(args[1])) throw new CommandError('maxconn string empty or preceded by garbage');
			context.runtime.setServerMaxconn(tracked, readCount(args[1], '<maxconn>'));
			return '';
		},
	},
	{
		name: 'set server',
		usage: '<backend>/<server> state|weight|health|addr|check-port|check-addr|… <value>',
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
