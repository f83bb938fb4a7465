/** A runtime for commands: the real table and states, workers and checks that only write down what they are told. */
import type {Configuration} from '@hapair/config';
import {ServerStates} from '../../src/health/server-states.ts';
import {Lookups} from '../../src/patterns/lookups.ts';
import {SharedTable} from '../../src/shared-table.ts';
import {Runtime} from '../../src/stats/runtime.ts';
import {ProcessColumn} from '../../src/status-board.ts';
import {SharedStickTable} from '../../src/stick/shared-stick-table.ts';
import type {BadMessage, SessionFacts, ToWorker} from '../../src/worker-messages.ts';
import type {Answer, WorkerQuestion} from '../../src/workers/questions.ts';
import {readConfiguration} from './proxy.ts';

export const nowMs = 1_700_000_000_000;

export interface TestRuntime {
	readonly runtime: Runtime;
	readonly configuration: Configuration;
	readonly table: SharedTable;
	/** As worker 0 sees it. */
	readonly worker: SharedTable;
	readonly states: ServerStates;
	/** What workers and checks were told. */
	readonly told: string[];
	/** What the workers know. */
	readonly sessions: SessionFacts[];
	readonly badMessages: BadMessage[];
	sleep(ms: number): void;
}

export const CONFIGURATION = `
global
	node lb1
	description one of two
	maxconn 100
defaults
	mode http
	timeout connect 1s
	timeout client 1s
	timeout server 1s
frontend in
	bind 127.0.0.1:1
	maxconn 50
	default_backend out
backend out
	cookie SRV insert
	option httpchk
	server s1 127.0.0.1:81 check cookie a weight 10 maxconn 20 maxqueue 5
	server s2 127.0.0.2:82 check backup
	server s3 127.0.0.3:83
listen raw
	mode tcp
	balance source
	bind 127.0.0.2:1
	server t1 127.0.0.4:84
`;

export function createRuntime(text = CONFIGURATION): TestRuntime {
	const configuration = readConfiguration(text);
	const table = SharedTable.create(configuration, 2);
	table.board.set(0, ProcessColumn.startedWallMs, nowMs - 90_061_000);
	const told: string[] = [];
	const sessions: SessionFacts[] = [];
	const badMessages: BadMessage[] = [];
	let time = nowMs;
	const states = new ServerStates({configuration, table, onEvent() {}, nowMs: () => time});
	const answer = (question: WorkerQuestion): Answer => {
		if (question.type === 'inspect') return {type: 'inspected', requestId: 1, sessions, badMessages};
		const ok = question.type !== 'endSession' || sessions.some(({session}) => session === question.session);
		return {type: 'obeyed', requestId: 1, ok};
	};
	const lookups = new Lookups(configuration);
	const runtime = new Runtime({
		configuration,
		table,
		stickTables: configuration.stickTables.map(one => SharedStickTable.create(one, 2, 1)),
		lookups,
		states,
		supervisor: {
			async ask(question) {
				told.push(question.type === 'endSession' ? `endSession ${question.session}` : question.type);
				return [answer(question)];
			},
			tell: (message: ToWorker, lasting = true) => void told.push(`${message.type} lasting=${lasting}`),
			letGo: frontend => void told.push(`letGo ${frontend}`),
		},
		checks: {
			pause: server => void told.push(`pause ${server}`),
			resume: server => void told.push(`resume ${server}`),
			add: server => void told.push(`add ${server}`),
			remove: server => void told.push(`remove ${server}`),
		},
		agents: {
			pause: server => void told.push(`pause agent ${server}`),
			resume: server => void told.push(`resume agent ${server}`),
			add: server => void told.push(`add agent ${server}`),
			remove: server => void told.push(`remove agent ${server}`),
		},
		processFacts: () => ({
			version: '9.9',
			releaseDate: '2026/01/02',
			node: 'lb1',
			pid: 42,
			descriptorLimit: 1024,
			isStopping: false,
			memoryBytes: 3 * 1024 * 1024,
			memoryUsedBytes: 2 * 1024 * 1024,
			idlePercent: 97,
			bytesOutRate: 5,
		}),
		nowMs: () => time,
		wallMs: () => time,
	});
	return {
		runtime,
		configuration,
		table,
		worker: SharedTable.attach(table.buffer, configuration, 0),
		states,
		told,
		sessions,
		badMessages,
		sleep: ms => {
			time += ms;
		},
	};
}
