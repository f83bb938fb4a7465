/** Two nodes that sync: real files, a real channel on loopback, no heartbeat and no proxy. */
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {ExecutionContext} from 'ava';
import {digestConfiguration} from '../../src/configuration/digest.ts';
import {readErrorFiles} from '../../src/configuration/inspect.ts';
import {loadConfiguration} from '../../src/configuration/load.ts';
import {readKeys} from '../../src/daemon/keys.ts';
import type {Activate} from '../../src/sync/activate.ts';
import {SyncJournal} from '../../src/sync/journal.ts';
import {SyncService, type SyncSetup} from '../../src/sync/sync-service.ts';
import {findFreePort} from './free-port.ts';
import {type LogLine, recordLog} from './record-log.ts';
import {makeTempDirectory} from './temp-directory.ts';
import {waitFor} from './wait-for.ts';

export type NodeName = 'lb1' | 'lb2';

export interface SyncStage {
	readonly port: number;
	/** The directory of a node's configuration. */
	directory(node: NodeName): string;
	path(node: NodeName, name: string): string;
	read(node: NodeName, name: string): string;
	write(node: NodeName, name: string, text: string): void;
	/** As `hapair run` prepares it from the files as they are. */
	setup(node: NodeName): SyncSetup;
	/** Starts the node's service, after what a crash left is settled. */
	start(node: NodeName, activate?: Activate, version?: string): Promise<RunningNode>;
}

export interface RunningNode {
	readonly service: SyncService;
	readonly lines: LogLine[];
	stop(): Promise<void>;
}

/** The pair section names `extra` lines before it; both nodes begin with the same files. */
export async function makeSyncStage(
	t: ExecutionContext,
	names: readonly string[] = ['hapair.cfg'],
): Promise<SyncStage> {
	const root = makeTempDirectory(t);
	const port = await findFreePort();
	const path = (node: NodeName, name: string): string => join(root, node, 'etc', name);
	const key = join(root, 'pair.key');
	writeFileSync(key, '0123456789abcdef0123456789abcdef\n', {mode: 0o600});
	for (const node of ['lb1', 'lb2'] as const) {
		mkdirSync(path(node, ''), {recursive: true});
		mkdirSync(join(root, node, 'state'));
		writeFileSync(path(node, 'hapair.cfg'), baseText(key, port));
		for (const name of names.slice(1)) writeFileSync(path(node, name), '');
	}
	const setup = (node: NodeName): SyncSetup =>
		prepareSetup(
			node,
			names.map(name => path(node, name)),
			join(root, node, 'state'),
		);
	return {
		port,
		directory: node => dirname(path(node, 'x')),
		path,
		read: (node, name) => readFileSync(path(node, name), 'utf8'),
		write: (node, name, text) => {
			mkdirSync(dirname(path(node, name)), {recursive: true});
			writeFileSync(path(node, name), text);
		},
		setup,
		start: async (node, activate = async () => 'restart needed', version = '1') => {
			const {log, lines} = recordLog();
			const service = SyncService.create({...setup(node), activate, version}, log);
			if (service === undefined) throw new Error('no channel');
			t.teardown(() => service.close());
			service.start();
			await waitFor('the channel', () => service.report().listening);
			return {service, lines, stop: () => service.close()};
		},
	};
}

/** As `hapair run` prepares it, after what a crash left is settled. */
export function prepareSetup(node: NodeName, files: readonly string[], stateDirectory: string): SyncSetup {
	new SyncJournal(stateDirectory, files).settle();
	const loaded = loadConfiguration(files, undefined);
	const {configuration} = loaded;
	if (configuration?.pair === undefined) throw new Error(JSON.stringify(loaded.diagnostics));
	const {pair} = configuration;
	const uid = process.getuid?.() ?? 0;
	const digest = digestConfiguration(loaded, readErrorFiles(configuration));
	return {
		pair,
		own: node === 'lb1' ? pair.nodes[0] : pair.nodes[1],
		keys: readKeys(pair.secretFiles, uid),
		version: '1',
		runningDigest: () => digest,
		activate: async () => 'restart needed',
		uid,
		files,
		syntax: undefined,
		nodeName: node,
		stateDirectory,
	};
}

function baseText(key: string, port: number): string {
	return `defaults
    timeout connect 1s
    timeout client 1s
    timeout server 1s
listen web
    bind 127.0.0.1:1
pair oslo
    node lb1 127.0.0.11 priority 150
    node lb2 127.0.0.12 priority 100
    virtual-ip 127.0.9.9/32 dev lo
    secret file ${key}
    peer-channel ${port}
`;
}
