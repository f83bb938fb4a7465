/**
 * What a configuration needs from this machine and does not find: files, programs, interfaces, tools.
 *
 * Decides severity: what would keep hapair from starting or a hook from running is an error; what may be different on the
 * node itself is a warning, since a file may be checked on another machine. Leaves the text itself to the parser.
 */
import {existsSync, readFileSync, statSync} from 'node:fs';
import {type Configuration, type Diagnostic, namedFiles, type Pair, type Position} from '@hapair/config';
import {readMachineFacts} from '@hapair/proxy';
import {readKeys, readSecretFile} from '../daemon/keys.ts';
import {withoutLease} from '../daemon/without-lease.ts';
import {UserError} from '../exit-codes.ts';
import {findProgramObjection} from '../hooks/exec.ts';
import {readHookFiles} from '../hooks/runner.ts';
import {findTool} from '../processes/find-tool.ts';
import {inspectDrivers} from './inspect-drivers.ts';
import {findOwnNode} from './own-node.ts';

export interface InspectOptions {
	/** As on the command line. */
	readonly files: readonly string[];
	readonly uid: number;
	readonly localAddresses: readonly string[];
	readonly nodeName: string | undefined;
	readonly tools: Tools;
	/** Whether this process may change the addresses of an interface. */
	readonly mayMoveAddresses: boolean;
	/** Of what is not in its place yet; from the disk unless given. Throws as `readFileSync` does. */
	readonly readFile?: (path: string) => Uint8Array;
}

/** Absolute paths of the programs that move an address; absent when not installed. */
export interface Tools {
	readonly ip?: string;
	readonly nft?: string;
	readonly arping?: string;
}

export function findTools(): Tools {
	const tools: {ip?: string; nft?: string; arping?: string} = {};
	for (const name of ['ip', 'nft', 'arping'] as const) {
		const path = findTool(name);
		if (path !== undefined) tools[name] = path;
	}
	return tools;
}

/** CAP_NET_ADMIN is bit 12 of capabilities(7). */
export function mayMoveAddresses(): boolean {
	return (readMachineFacts().capabilities & (1 << 12)) !== 0;
}

export const noPermission = {
	message: 'this user may not move addresses, so this node could never hold the virtual address',
	hint: 'run as root, or with CAP_NET_ADMIN and CAP_NET_RAW',
} as const;

export function inspectMachine(configuration: Configuration, options: InspectOptions): Diagnostic[] {
	const {pair} = configuration;
	return [
		...inspectListeners(configuration, options),
		...inspectErrorFiles(configuration, options.readFile ?? readFileSync),
		...(pair === undefined ? [] : inspectPair(pair, options)),
	];
}

/** A configuration that would do nothing at all is a wrong file rather than a wish. */
export function isEmpty({frontends, pair}: Configuration): boolean {
	return pair === undefined && !frontends.some(({disabled, binds}) => !disabled && binds.length > 0);
}

export const emptyConfiguration = {
	message: 'there is nothing to run: no frontend or listen section with a bind line, and no pair section',
	hint: 'is this the right file? "hapair init" writes a first one',
} as const;

function inspectListeners(configuration: Configuration, {files}: InspectOptions): Diagnostic[] {
	if (!isEmpty(configuration)) return [];
	const {message, hint} = emptyConfiguration;
	return [diagnose('error', {file: files[0] ?? '', line: 1, column: 1}, message, hint)];
}

/** The contents of every error file, by path. Throws a `UserError` for one that cannot be read. */
export function readErrorFiles(
	configuration: Configuration,
	readFile: (path: string) => Uint8Array = readFileSync,
): Record<string, Uint8Array> {
	const contents: Record<string, Uint8Array> = {};
	for (const {path, position} of namedFiles(configuration)) {
		try {
			contents[path] ??= Uint8Array.from(readFile(path));
		} catch (error) {
			throw new UserError(`${position.file}:${position.line}: ${describeErrorFile(path, error)}`);
		}
	}
	return contents;
}

function describeErrorFile(path: string, error: unknown): string {
	return `error file ${path} cannot be read (${error instanceof Error && 'code' in error ? error.code : String(error)})`;
}

function inspectErrorFiles(configuration: Configuration, readFile: (path: string) => Uint8Array): Diagnostic[] {
	const found: Diagnostic[] = [];
	const seen = new Set<string>();
	for (const {path, position, status} of namedFiles(configuration)) {
		if (seen.has(path)) continue;
		seen.add(path);
		try {
			const {length} = readFile(path);
			if (status !== undefined && length > configuration.global.bufsizeBytes) {
				const limit = configuration.global.bufsizeBytes;
				found.push(
					diagnose('warning', position, `error file ${path} has ${length} bytes, more than tune.bufsize (${limit})`),
				);
			}
		} catch (error) {
			found.push(diagnose('error', position, describeErrorFile(path, error)));
		}
	}
	return found;
}

/** A named token file; one that the daemon makes is made when it starts. */
function inspectAdmin({admin, position}: Pair, uid: number): Diagnostic[] {
	const path = admin?.tokenFile;
	if (path === undefined) return [];
	return fromUserError('warning', position, () => readSecretFile(path, uid)).map(found => ({
		...found,
		message: `${found.message}; the admin address stays closed`,
	}));
}

function inspectPair(pair: Pair, options: InspectOptions): Diagnostic[] {
	return [
		...fromUserError('error', pair.position, () => readKeys(pair.secretFiles, options.uid)),
		...inspectOwners(pair, options.uid),
		...inspectAdmin(pair, options.uid),
		...fromUserError('warning', pair.position, () => findOwnNode(pair, options.localAddresses, options.nodeName)),
		...inspectPrograms(pair, options.uid),
		...inspectDrivers(pair, options.uid),
		...inspectInterfaces(pair),
		...inspectTools(pair, options),
	];
}

/** A secret that was copied by root is well guarded, from the service too. Only root sees it, who can read everything. */
function inspectOwners({secretFiles, drivers, position}: Pair, uid: number): Diagnostic[] {
	if (uid === 0 || process.getuid?.() !== 0) return [];
	const secrets = [
		...secretFiles.map(path => ({path, position})),
		...drivers.flatMap(driver => {
			const path = 'tokenFile' in driver ? driver.tokenFile : 'secretFile' in driver ? driver.secretFile : undefined;
			return path === undefined ? [] : [{path, position: driver.position}];
		}),
	];
	return secrets
		.filter(({path}) => {
			const stats = statSync(path, {throwIfNoEntry: false});
			return stats?.uid === 0 && (stats.mode & 0o044) === 0;
		})
		.map(({path, position: at}) =>
			diagnose('warning', at, `${path} belongs to root, so the service cannot read it`, `chown hapair: ${path}`),
		);
}

function inspectPrograms(pair: Pair, uid: number): Diagnostic[] {
	const found: Diagnostic[] = [];
	const program = (what: string, path: string | undefined, position: Position): void => {
		const objection = findProgramObjection(path ?? '', uid);
		if (objection !== undefined) found.push(diagnose('error', position, `${what} cannot be run: ${objection}`));
	};
	for (const hook of pair.hooks) {
		if (hook.kind === 'exec') program(`the hook on ${hook.on}`, hook.argv[0], hook.position);
		if (hook.kind === 'mail' && hook.via.kind === 'sendmail')
			program(`the mail of the hook on ${hook.on}`, hook.via.path, hook.position);
		found.push(...fromUserError('error', hook.position, () => readHookFiles(hook, uid)));
	}
	for (const track of pair.tracks) {
		if (track.kind === 'script') program('the track script', track.argv[0], track.position);
	}
	return found;
}

function inspectInterfaces(pair: Pair): Diagnostic[] {
	const named = [
		...pair.virtualAddresses.map(vip => ({name: vip.interface, position: vip.position})),
		...pair.tracks.flatMap(track =>
			track.kind === 'interface' ? [{name: track.interface, position: track.position}] : [],
		),
	];
	return named
		.filter(({name}) => !existsSync(`/sys/class/net/${name}`))
		.map(({name, position}) =>
			diagnose('warning', position, `this machine has no interface ${name}`, 'list them with: ip -brief link'),
		);
}

function inspectTools(pair: Pair, {tools, mayMoveAddresses: permitted}: InspectOptions): Diagnostic[] {
	const needed: readonly (readonly [keyof Tools, string, string])[] = [
		['ip', 'iproute2', 'the virtual address cannot be set'],
		['nft', 'nftables', `there is no kernel lease: ${withoutLease}`],
		['arping', 'iputils-arping', 'the network is not told of a takeover and learns it late'],
	];
	const found = needed
		.filter(([tool]) => tools[tool] === undefined)
		.map(([tool, pkg, effect]) =>
			diagnose('warning', pair.position, `${tool} is not installed: ${effect}`, `install the package ${pkg}`),
		);
	if (!permitted) {
		found.push(diagnose('warning', pair.position, noPermission.message, noPermission.hint));
	}
	return found;
}

function fromUserError(severity: 'error' | 'warning', position: Position, attempt: () => unknown): Diagnostic[] {
	try {
		attempt();
		return [];
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		return [diagnose(severity, position, error.message, error.hint)];
	}
}

function diagnose(severity: 'error' | 'warning', position: Position, message: string, hint?: string): Diagnostic {
	return {severity, ...position, length: 1, message, ...(hint === undefined ? {} : {hint})};
}
