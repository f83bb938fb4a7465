/**
 * Would this node run these files? The check of `hapair check`, on files that are not in their places yet.
 *
 * Decides beyond it that the set is whole and nothing else, that this node finds itself in the pair and has the keys, and that both nodes
 * name the configuration alike. Nothing is written.
 */

import {resolve} from 'node:path';
import {findTools, inspectMachine, isEmpty, mayMoveAddresses} from '../configuration/inspect.ts';
import {countErrors, formatFindings, parseSources, type SyntaxChoice} from '../configuration/load.ts';
import {findOwnNode} from '../configuration/own-node.ts';
import {UserError} from '../exit-codes.ts';
import {digest, keyOfNamed, keyOfSource, listNamed, type SyncFile} from './file-set.ts';

export interface ValidationPorts {
	/** Of this node's command line. */
	readonly files: readonly string[];
	readonly syntax: SyntaxChoice | undefined;
	/** As the command line says, if it does. */
	readonly nodeName: string | undefined;
	readonly uid: number;
	readonly localAddresses: () => readonly string[];
}

export interface Validation {
	/** Of what would be written, with this node's paths. */
	readonly places: readonly {readonly path: string; readonly file: SyncFile}[];
	readonly digest: string;
	/** Findings that are no errors, as `hapair check` prints them. */
	readonly warnings: string;
}

/** Throws a `UserError` that says everything that is wrong. */
export function validateFiles(received: readonly SyncFile[], ports: ValidationPorts): Validation {
	const byKey = new Map(received.map(file => [file.key, file]));
	const sources = ports.files.map((name, index) => {
		const file = byKey.get(keyOfSource(index));
		if (file !== undefined) return {name, text: file.bytes.toString('utf8'), file};
		throw new UserError(
			`this node runs ${ports.files.length} configuration files, the other one has ${countSources(byKey)}`,
		);
	});
	if (byKey.has(keyOfSource(sources.length)))
		throw new UserError(
			`this node runs ${sources.length} configuration files, the other one has ${countSources(byKey)}`,
		);
	const keyOf = (path: string): string => keyOfNamed(path, ports.files[0] ?? '');
	const find = (path: string): SyncFile | undefined =>
		byKey.get(keyOf(path)) ?? sources.find(({name}) => resolve(name) === resolve(path))?.file;
	const readFile = (path: string): Uint8Array => {
		const file = find(path);
		if (file !== undefined) return file.bytes;
		throw Object.assign(new Error('not sent by the other node'), {code: 'ENOENT'});
	};
	const loaded = parseSources(sources, ports.syntax, path => find(path)?.bytes.toString('utf8'));
	const {configuration} = loaded;
	const machine =
		configuration === undefined
			? []
			: inspectMachine(configuration, {
					files: ports.files,
					uid: ports.uid,
					localAddresses: ports.localAddresses(),
					nodeName: ports.nodeName,
					tools: findTools(),
					mayMoveAddresses: mayMoveAddresses(),
					readFile,
				});
	const diagnostics = [...loaded.diagnostics, ...machine];
	const told = formatFindings(loaded, diagnostics, (_, text) => text).trimEnd();
	const name = digest(loaded, readFile);
	if (configuration === undefined || name === undefined || countErrors(diagnostics) > 0) throw new UserError(told);
	if (isEmpty(configuration) || configuration.pair === undefined)
		throw new UserError('these files have no pair section');
	findOwnNode(configuration.pair, ports.localAddresses(), ports.nodeName);
	const named = new Map(listNamed(loaded).map(path => [keyOf(path), path]));
	const stranger = received.find(({key}) => !named.has(key) && !isSource(key));
	if (stranger !== undefined) throw new UserError(`${stranger.path}: the configuration does not name it`);
	const places = [
		...sources.map(({name: path, file}) => ({path, file})),
		...received.flatMap(file => {
			const path = named.get(file.key);
			return path === undefined ? [] : [{path, file}];
		}),
	];
	return {places, digest: name, warnings: told};
}

function countSources(byKey: ReadonlyMap<string, SyncFile>): number {
	return [...byKey.keys()].filter(isSource).length;
}

function isSource(key: string): boolean {
	return /^config \d+$/.test(key);
}
