import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Bequest} from '@hapair/heartbeat';
import test, {type ExecutionContext} from 'ava';
import {handoverVersion} from '../../../src/daemon/upgrade/messages.ts';
import {Successor} from '../../../src/daemon/upgrade/successor.ts';
import {exitCodes} from '../../../src/exit-codes.ts';
import {recordLog} from '../../helpers/record-log.ts';
import {makeTempDirectory} from '../../helpers/temp-directory.ts';
import {waitFor} from '../../helpers/wait-for.ts';

const hello = `process.send({type: 'hello', handover: ${JSON.stringify(handoverVersion)}, version: '9.9.9', pid: process.pid});`;
/** Asks one thing after the other, each when the one before is answered; what is asked last ends it. */
const converse = (questions: readonly string[], then: string): string => `
	const questions = ${JSON.stringify(questions)};
	process.on('message', ({type}) => {
		if (type === 'retired') return;
		const next = questions.shift();
		if (next === undefined) { ${then} }
		else process.send({type: next});
		if (next === 'bequeath' || next === 'vacate') return;
		if (next !== undefined) process.emit('message', {type: 'answered'});
	});
	${hello}`;

/** A daemon's ports, which write down what they are asked, and a new program of the test's words. */
function start(
	t: ExecutionContext,
	program: string,
): {successor: Successor; calls: string[]; isGreeted: () => boolean} {
	let isGreeted = false;
	const file = join(makeTempDirectory(t), 'program.cjs');
	writeFileSync(file, program);
	const calls: string[] = [];
	const note = (what: string): void => void calls.push(what);
	const successor = new Successor({
		argv: [process.execPath, file],
		estate: () => {
			isGreeted = true;
			return {version: '1', proxyPhase: 'serving'};
		},
		heartbeat: {
			bequeath: async () => {
				note('heartbeat leaves');
				return {version: 1} as Bequest;
			},
			inherit: async () => {
				note('heartbeat has it back');
				return '';
			},
			resume: () => note('heartbeat resumes'),
			leave: () => note('heartbeat ends'),
			restart: () => note('heartbeat restarts'),
			shareFitness: () => {},
		},
		proxy: {
			meetHeir: () => {},
			passOn: ({type}) => note(`proxy hears ${type}`),
			dismissHeir: () => note('proxy goes on'),
			retired: [],
			drain: on => note(`drain ${on}`),
			closeIdle: () => note('close idle'),
			endAt: () => note('end at'),
			stop: async graceMs => {
				note(`stop within ${graceMs}`);
				return true;
			},
		},
		onHeartbeat: isOurs => note(isOurs ? 'drivers go on' : 'drivers rest'),
		vacate: async () => {
			note('vacate');
			return undefined;
		},
		namesMain: pid => note(pid > 0 ? 'main process named' : 'no pid'),
		log: recordLog().log,
		progress: () => {},
	});
	t.teardown(() => successor.abandon('the test is over'));
	return {successor, calls, isGreeted: () => isGreeted};
}

test('A program that ends at once changes nothing', async t => {
	const {successor, calls} = start(t, 'process.exit(7)');
	t.like(await successor.outcome, {
		code: exitCodes.failed,
		message: 'nothing was changed: the new program ended before it had taken over; the log says more',
	});
	t.deepEqual(calls, ['proxy goes on', 'heartbeat resumes']);
});

test('A program that understands another handover is refused, and nothing that it asks before is heard', async t => {
	const orders = `process.send(null); process.send('vacate'); process.send({type: 'vacate'}); process.send({type: 'begun'});`;
	const {successor, calls} = start(t, `${orders}${hello.replace(handoverVersion, '0')}`);
	const {code, message} = await successor.outcome;
	t.is(code, exitCodes.refused);
	t.regex(message, /^nothing was changed: hapair 9\.9\.9 cannot take over/);
	t.deepEqual(calls, ['proxy goes on', 'heartbeat resumes']);
});

test('A program that dies after its heartbeat had begun: ours starts anew, the drivers order again', async t => {
	const {successor, calls} = start(t, converse(['bequeath', 'begun'], 'process.exit(9)'));
	t.is((await successor.outcome).code, exitCodes.failed);
	t.deepEqual(calls, ['heartbeat leaves', 'drivers rest', 'proxy goes on', 'heartbeat restarts', 'drivers go on']);
});

test('A program that dies when everything was left to it is the end of this daemon', async t => {
	const {successor, calls} = start(t, converse(['bequeath', 'begun', 'vacate'], 'process.exit(9)'));
	const {code, message} = await successor.outcome;
	t.is(code, exitCodes.failed);
	t.regex(message, /had left everything to it, and ends$/);
	t.true(successor.hasEverything);
	t.deepEqual(calls, ['heartbeat leaves', 'drivers rest', 'heartbeat ends', 'vacate']);
});

test('When it has taken over it gives orders for the connections that are left here, and its end is known', async t => {
	const orders = `for (const message of [{type: 'drain', on: true}, {type: 'closeIdle'}, {type: 'end', graceMs: 7}]) process.send(message);
		process.send({type: 'vacate'}, () => process.exit(0));`;
	const {successor, calls} = start(t, converse(['vacate', 'serving'], orders));
	const {code, message} = await successor.outcome;
	t.is(code, exitCodes.ok);
	t.regex(message, /^hapair 9\.9\.9 has taken over/);
	await successor.gone;
	await waitFor('its orders', () => calls.length === 6);
	t.deepEqual(calls, ['heartbeat ends', 'vacate', 'main process named', 'drain true', 'close idle', 'stop within 7']);
});

test('It is given up while it hangs', async t => {
	const {successor, calls, isGreeted} = start(
		t,
		`${hello} setInterval(() => {}, 1000); process.on('disconnect', () => process.exit(0));`,
	);
	await waitFor('its hello', isGreeted);
	await successor.abandon('the daemon stops');
	t.is((await successor.outcome).message, 'nothing was changed: the daemon stops');
	t.deepEqual(calls, ['proxy goes on', 'heartbeat resumes']);
});
