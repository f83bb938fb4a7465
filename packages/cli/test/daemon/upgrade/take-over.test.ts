import type {Bequest} from '@hapair/heartbeat';
import test from 'ava';
import {type TakeOverPorts, takeOver} from '../../../src/daemon/upgrade/take-over.ts';
import {UserError} from '../../../src/exit-codes.ts';

const bequest = {version: 1, untilMs: 7} as Bequest;

interface Script {
	readonly prepare?: string;
	/** What the old heartbeat answers, one after the other; then it leaves. */
	readonly bequeath?: (string | undefined)[];
	/** What the new heartbeat answers; then it begins. */
	readonly inherit?: string[];
	/** What becomes of the proxy after the heartbeat's turn. */
	readonly proxy?: string;
	readonly giveBack?: string[];
	readonly aborted?: boolean;
	readonly pair?: false;
}

/** Ports that write down what they are asked. */
function stage(script: Script = {}): {calls: string[]; ports: TakeOverPorts} {
	const calls: string[] = [];
	const note = (what: string): void => void calls.push(what);
	const {bequeath = [], inherit = [], giveBack = []} = script;
	const aborted = new AbortController();
	if (script.aborted === true) aborted.abort();
	return {
		calls,
		ports: {
			predecessor: {
				tell: ({type}) => type === 'progress' || note(`told ${type}`),
				bequeath: async () => {
					note('old leaves');
					return bequeath.shift() ?? bequest;
				},
				giveBack: async () => {
					note('given back');
					return giveBack.shift() ?? '';
				},
				vacate: async () => {
					note('vacate');
					return {maintenanceLeftMs: 5};
				},
			},
			succeedProxy: async (_, beforeSwitch) => {
				note('proxy ready');
				try {
					await beforeSwitch();
				} catch (error) {
					return {message: error instanceof Error ? error.message : String(error)};
				}
				note(script.proxy === undefined ? 'proxy serves' : 'proxy fails');
				return script.proxy === undefined ? undefined : {message: script.proxy};
			},
			heartbeat:
				script.pair === false
					? undefined
					: {
							prepare: async () => script.prepare ?? '',
							inherit: async () => {
								note('new begins?');
								return inherit.shift() ?? '';
							},
							bequeath: async () => {
								note('new leaves');
								return bequest;
							},
							resume: () => note('new resumes'),
						},
			tracksKnown: async () => note('tracks known'),
			judge: async () => note('judge'),
			moveIn: async leftMs => note(`move in, ${leftMs} ms left`),
			aborted: aborted.signal,
		},
	};
}

async function reasonOf(ports: TakeOverPorts): Promise<string> {
	return takeOver(ports).then(
		() => '',
		(error: unknown) => (error instanceof UserError ? error.message : `unexpected: ${error}`),
	);
}

test('The heartbeat while everything else is ready, then the proxy, then the rest', async t => {
	const {calls, ports} = stage();
	t.is(await reasonOf(ports), '');
	t.deepEqual(calls, [
		'proxy ready',
		'tracks known',
		'old leaves',
		'new begins?',
		'told begun',
		'proxy serves',
		'judge',
		'vacate',
		'move in, 5 ms left',
	]);
});

test('Without a pair there is no heartbeat to wait for', async t => {
	const {calls, ports} = stage({pair: false});
	t.is(await reasonOf(ports), '');
	t.deepEqual(calls, ['proxy ready', 'proxy serves', 'judge', 'vacate', 'move in, 5 ms left']);
});

test('What comes too late or is on the move is tried again; each time the old heartbeat goes on', async t => {
	const {calls, ports} = stage({bequeath: ['the address is on the move'], inherit: ['the bequest came too late']});
	t.is(await reasonOf(ports), '');
	t.deepEqual(
		calls.filter(call => /old|new|told/.test(call)),
		['old leaves', 'old leaves', 'new begins?', 'told declined', 'old leaves', 'new begins?', 'told begun'],
	);
});

test('A heartbeat that never gets its turn changes nothing', async t => {
	const {calls, ports} = stage({inherit: Array(20).fill('the former heartbeat has the port')});
	t.is(await reasonOf(ports), 'the heartbeat could not be replaced: the former heartbeat has the port');
	t.false(calls.includes('vacate') || calls.includes('proxy serves') || calls.includes('told begun'));
});

test('A proxy that fails after the heartbeat had its turn: the heartbeat goes back, at the second try too', async t => {
	const {calls, ports} = stage({proxy: 'port 80 is in use', giveBack: ['the bequest came too late']});
	t.is(await reasonOf(ports), 'port 80 is in use');
	t.deepEqual(calls.slice(calls.indexOf('proxy fails')), [
		'proxy fails',
		'new leaves',
		'given back',
		'new resumes',
		'new leaves',
		'given back',
	]);
});

test('A heartbeat that has no tools is no reason to touch the proxy', async t => {
	const {calls, ports} = stage({prepare: 'the program `ip` is not installed'});
	t.is(await reasonOf(ports), 'the new heartbeat cannot begin: the program `ip` is not installed');
	t.deepEqual(calls, []);
});

test('When the old daemon gives it up, the old heartbeat is left alone', async t => {
	const {calls, ports} = stage({aborted: true});
	t.is(await reasonOf(ports), 'the running daemon gave it up');
	t.false(calls.includes('old leaves'));
});
