import {chmodSync, existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {createDrivers} from '@hapair/takeover';
import test from 'ava';
import {TakeoverKeepers} from '../../src/takeover/keepers.ts';
import {createProgramRunner} from '../../src/takeover/surroundings.ts';
import {recordLog} from '../helpers/record-log.ts';
import {samplePair, sampleStatus} from '../helpers/samples.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {waitFor} from '../helpers/wait-for.ts';
import {writeProgram} from '../helpers/write-program.ts';

const uid = process.getuid?.() ?? 0;

/** Who has the address stands in a file that both nodes' programs share. */
const moveText = `
holder="$1"
case "$2" in
  read) if [ ! -s "$holder" ]; then echo nowhere; elif [ "$(cat "$holder")" = "$HAPAIR_NODE" ]; then echo here; else echo peer; fi ;;
  assign) echo "$HAPAIR_NODE" > "$holder" ;;
  release) if [ "$(cat "$holder" 2>/dev/null)" = "$HAPAIR_NODE" ]; then : > "$holder"; fi ;;
esac`;

test('two nodes with a program of their own: the address follows the master', async t => {
	const directory = makeTempDirectory(t);
	chmodSync(directory, 0o755);
	const shared = join(makeTempDirectory(t), 'shared');
	chmodSync(join(shared, '..'), 0o777);
	const program = writeProgram(directory, 'move', moveText);
	const position = {file: '', line: 1, column: 1};
	const driver = {kind: 'exec', argv: [program, shared], user: 'nobody', timeoutMs: 5000, position} as const;
	const pair = {...samplePair, drivers: [driver]};
	const [lb1, lb2] = (['lb1', 'lb2'] as const).map(nodeName => {
		const fetcher = () => Promise.reject(new Error('a program needs no network'));
		const readSecret = () => '';
		const drivers = createDrivers({pair, nodeName, fetcher, readSecret, runProgram: createProgramRunner(uid)});
		const keepers = new TakeoverKeepers(drivers, nodeName === 'lb1', recordLog().log);
		keepers.start();
		t.teardown(() => keepers.close(0));
		return keepers;
	}) as [TakeoverKeepers, TakeoverKeepers];
	const holder = () => (existsSync(shared) ? readFileSync(shared, 'utf8').trim() : '');
	const transition = (to: 'master' | 'backup', term: number) =>
		({id: 'x', from: 'backup', to, term, reason: ''}) as const;
	let master = {keepers: lb1, term: 1};
	// A wish lapses when the heartbeat does not confirm it, and a busy machine may take long to run a program.
	const confirm = setInterval(() => {
		master.keepers.recordStatus({...sampleStatus, state: 'master', term: master.term});
	}, 200);
	t.teardown(() => clearInterval(confirm));
	lb1.recordTransition(transition('master', 1));
	await waitFor('lb1', () => holder() === 'lb1' && lb1.report()[0]?.at === 'here');
	lb1.recordTransition(transition('backup', 2));
	lb2.recordTransition(transition('master', 2));
	master = {keepers: lb2, term: 2};
	await waitFor('lb2', () => holder() === 'lb2' && lb2.report()[0]?.at === 'here');
	// What an old life says of an old term moves nothing.
	lb1.recordStatus({...sampleStatus, state: 'master', term: 1});
	t.is(lb1.report()[0]?.counters.staleWishes, 1);
	t.false(lb1.report()[0]?.wanted);
	clearInterval(confirm);
	await lb2.close(2000);
	t.is(holder(), '');
});
