import {createHash, randomBytes} from 'node:crypto';
import type {CarriedState} from '@hapair/proxy';
import test, {type ExecutionContext} from 'ava';
import {PeerChannel} from '../../src/peer/peer-channel.ts';
import {WarmStandby} from '../../src/warm/warm-standby.ts';
import {findFreePort} from '../helpers/free-port.ts';
import {recordLog} from '../helpers/record-log.ts';
import {waitFor} from '../helpers/wait-for.ts';

const secret = randomBytes(32);
const keys = [{id: createHash('sha256').update(secret).digest()[0] ?? 0, secret}];
const addresses = {lb1: '127.0.0.11', lb2: '127.0.0.12'};

interface Node {
	readonly warm: WarmStandby;
	/** What its proxy was asked for: entries used within, or all. */
	readonly asked: (number | 'all')[];
	/** What its proxy has learnt. */
	readonly learnt: CarriedState[];
	settled: number;
	isMaster: boolean;
	pid: number | undefined;
	weight: number;
}

/** Two nodes with a real channel; their proxies are lists. */
async function startNodes(t: ExecutionContext): Promise<{lb1: Node; lb2: Node}> {
	const port = await findFreePort();
	const start = (name: 'lb1' | 'lb2', peer: 'lb1' | 'lb2'): Node => {
		const {log} = recordLog();
		const own = {pair: 'oslo', node: name, version: '1', address: addresses[name]};
		const channel = new PeerChannel({own, peer: {node: peer, address: addresses[peer]}, port, keys: () => keys}, log);
		const facts = {isMaster: name === 'lb1', pid: 100 as number | undefined, weight: 1, settled: 0};
		const asked: (number | 'all')[] = [];
		const learnt: CarriedState[] = [];
		const warm = new WarmStandby({
			channel,
			isMaster: () => facts.isMaster,
			proxyPid: () => facts.pid,
			askNews: async withinMs => {
				asked.push(withinMs ?? 'all');
				return [{kind: 'orders', servers: [orderOf(facts.weight)]}];
			},
			takeNews: state => learnt.push(state),
			settleNews: () => {
				facts.settled++;
			},
			log,
		});
		channel.start();
		warm.start();
		t.teardown(() => {
			warm.close();
			return channel.close();
		});
		return Object.assign(facts, {warm, asked, learnt});
	};
	return {lb1: start('lb1', 'lb2'), lb2: start('lb2', 'lb1')};
}

const orderOf = (weight: number) =>
	({
		backend: 'web',
		server: 'one',
		admin: 'ready',
		weight,
		configured: {weight: 1, maxconn: 0, disabled: false, address: '{}'},
	}) as const;

test('the standby is told everything first, then what is new, and orders when they change', async t => {
	const {lb1, lb2} = await startNodes(t);
	await waitFor('three rounds', () => lb2.settled >= 3);
	t.is(lb1.asked[0], 'all');
	t.true(lb1.asked.slice(1).every(within => typeof within === 'number' && within >= 500));
	t.deepEqual(lb2.learnt, [{kind: 'orders', servers: [orderOf(1)]}]);
	lb1.weight = 7;
	await waitFor('the order', () => lb2.learnt.length === 2);
	t.deepEqual(lb2.learnt[1], {kind: 'orders', servers: [orderOf(7)]});
	t.like(lb1.warm.report(), {role: 'tells', entries: 0});
	t.like(lb2.warm.report(), {role: 'learns'});
	t.true((lb2.warm.report().lagMs ?? Number.NaN) < 60_000);
	lb2.pid = 200;
	await waitFor('everything again', () => lb1.asked.filter(within => within === 'all').length === 2);
	await waitFor('the orders again', () => lb2.learnt.length === 3);
});

test('a proxy that does not serve yet is told later, and the reason stands in the report', async t => {
	const {lb1, lb2} = await startNodes(t);
	lb2.pid = undefined;
	await waitFor('a refusal', () => lb1.warm.report().trouble !== undefined);
	t.is(lb1.warm.report().trouble, 'the proxy does not serve yet');
	t.is(lb1.warm.report().lagMs, undefined);
	t.is(lb2.learnt.length, 0);
	lb2.pid = 100;
	await waitFor('the orders', () => lb2.learnt.length === 1);
	await waitFor('no trouble', () => lb1.warm.report().trouble === undefined);
});

test('after a takeover it goes the other way, and a master learns nothing', async t => {
	const {lb1, lb2} = await startNodes(t);
	await waitFor('the first way', () => lb2.settled > 0);
	lb2.isMaster = true;
	await waitFor('a refusal', () => lb1.warm.report().trouble === 'this node is master and has its own');
	lb1.isMaster = false;
	await waitFor('the other way', () => lb1.settled > 0);
	t.is(lb1.warm.report().role, 'learns');
	t.is(lb2.warm.report().role, 'tells');
});
