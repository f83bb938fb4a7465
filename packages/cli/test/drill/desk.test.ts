import {once} from 'node:events';
import {type AddressInfo, createServer} from 'node:net';
import {type Configuration, parseConfiguration} from '@hapair/config';
import type {HeartbeatStatus} from '@hapair/heartbeat';
import test from 'ava';
import {DrillDesk} from '../../src/drill/desk.ts';
import type {DrillRecord} from '../../src/drill/record.ts';
import {readNote, writeNews} from '../../src/drill/remarks.ts';
import {recordLog} from '../helpers/record-log.ts';
import {samplePair, samplePeer, sampleSnapshot, sampleStatus} from '../helpers/samples.ts';
import {waitFor} from '../helpers/wait-for.ts';

const {position} = samplePair;
const [lb1] = samplePair.nodes;
const timeouts = 'timeout client 1s\ntimeout connect 1s\ntimeout server 1s\n';

function configurationOf(port: number): Configuration {
	const text = `listen web\nmode tcp\nbind *:${port}\n${timeouts}`;
	return parseConfiguration([{name: 'a.cfg', text}], {environment: {}}).configuration!;
}

/** A desk of lb1 that is due each second, when it is started. */
function makeDesk(status: HeartbeatStatus, port = 1) {
	const configuration = configurationOf(port);
	const [virtual] = samplePair.virtualAddresses;
	const records: DrillRecord[] = [];
	const {log, lines} = recordLog();
	const desk = new DrillDesk({
		configuration,
		pair: {
			...samplePair,
			virtualAddresses: [{...virtual!, address: '127.0.0.1', interface: 'lo'}],
			drill: {cron: '* * * * * *', settleMs: 0, returns: false, probePath: '/', position},
		},
		own: lb1,
		historyPath: undefined,
		log,
		status: () => status,
		proxy: () => ({phase: 'serving', detail: '', snapshot: sampleSnapshot}),
		isMoving: () => false,
		handOver: async () => refuseToMove(),
		askBack: async () => undefined,
		onRecord: record => records.push(record),
		onNews() {},
	});
	return {desk, records, lines};
}

function refuseToMove(): never {
	throw new Error('nothing is to move in this test');
}

const silent: HeartbeatStatus = {...sampleStatus, peer: {...samplePeer, alive: false}};
const order = {by: 'operator', dryRun: false, progress() {}} as const;

test('a scheduled drill that is refused is recorded, an operator is only told', async t => {
	const {desk, records} = makeDesk(silent);
	const told = await desk.run(order);
	t.is(told.result, 'refused');
	t.regex(told.reason, /nobody would take or give the address/);
	t.deepEqual(records, []);
	desk.start();
	await waitFor('a record', () => records.length > 0);
	desk.stop();
	t.is(records[0]?.by, 'schedule');
	const {news} = readNote(desk.remarks.join('; '));
	t.like(news, {result: 'refused', time: records.at(-1)?.time}, 'the other node is told');
	const other = makeDesk(sampleStatus);
	other.desk.hear({...sampleStatus, peer: {...samplePeer, note: desk.remarks.join('; ')}});
	t.is(other.records[0]?.reason, 'lb2 refused it and told this node; hapair drill --history on lb2 says why');
	t.is(desk.report()?.last?.result, 'refused');
	t.not(desk.report()?.next, undefined);
	desk.adopt({configuration: configurationOf(2), pair: samplePair, own: lb1});
	t.is(desk.report()?.next, undefined, 'a new file without a schedule');
});

test('the backup does nothing at the time of a drill, nor a master that the peer has just made one by the same drill', async t => {
	const backup = makeDesk({...sampleStatus, state: 'backup'});
	const made = makeDesk({...silent, peer: {...silent.peer, alive: true, hearsUs: false, note: 'drill running'}});
	made.desk.hear({...sampleStatus, peer: {...samplePeer, note: 'drill running'}});
	for (const {desk} of [backup, made]) desk.start();
	await waitFor('both to be due', () =>
		[backup, made].every(({lines}) => lines.some(({message}) => /due/.test(message))),
	);
	for (const {desk} of [backup, made]) desk.stop();
	t.deepEqual([...backup.records, ...made.records], []);
});

test('what the peer tells of its drill is recorded once', t => {
	const {desk, records} = makeDesk(sampleStatus);
	const news = {result: 'passed', giver: 'lb2', taker: 'lb1', gapMs: 34, time: new Date().toISOString()} as const;
	for (let times = 0; times < 3; times++) desk.hear({...sampleStatus, peer: {...samplePeer, note: writeNews(news)}});
	t.is(records.length, 1);
	t.like(records[0], {...news, by: 'peer', node: 'lb1', reason: 'lb2 held it and told this node'});
	t.is(desk.report()?.lastProven?.gapMs, 34);
});

test('a dry run looks at the address, alone, and the peer hears of a drill meanwhile', async t => {
	const server = createServer(socket => socket.destroy()).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.close());
	const {port} = server.address() as AddressInfo;
	const {desk, records} = makeDesk(sampleStatus, port);
	const running = desk.run({...order, dryRun: true});
	t.true(readNote(desk.remarks.join('; ')).isOfDrill);
	t.regex((await desk.run(order)).reason, /^another drill is under way$/);
	t.like(await running, {result: 'passed', reason: 'nothing stands against a drill: lb2 can take the address'});
	t.deepEqual([desk.remarks, records], [[], []]);
});
