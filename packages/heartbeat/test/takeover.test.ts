import test from 'ava';
import type {SecondChanceSets} from '../src/second-chance-table.ts';
import {Takeover, type TakeoverParts} from '../src/takeover.ts';
import type {MissingAddresses} from '../src/virtual-address.ts';

interface Script {
	/** What each part answers; a function runs first. */
	readonly claim?: () => {readonly ok: true} | {readonly ok: false; readonly reason: string};
	readonly release?: () => {readonly ok: true} | {readonly ok: false; readonly reason: string};
	readonly grant?: () => boolean;
	readonly missing?: MissingAddresses;
	readonly awake?: () => boolean;
	readonly noSecondChance?: string;
	/** What nft says to orders of second chance beside the lease. */
	readonly order?: () => 'done' | 'unable' | 'unsure';
	readonly revoke?: 'whole' | 'mute';
	readonly kind?: 'kernel' | 'process' | 'none';
	/** Had `shelter` to make a route? */
	readonly routeGone?: () => boolean;
}

/** A takeover over parts that write down what they are asked, each an event loop turn long. */
function stage(script: Script = {}): {takeover: Takeover; calls: string[]; lost: MissingAddresses[]} {
	const calls: string[] = [];
	const lost: MissingAddresses[] = [];
	const note = (what: string): void => void calls.push(what);
	const turn = async <T>(what: string, answer: T): Promise<T> => {
		note(what);
		await new Promise<void>(resolve => setImmediate(resolve));
		return answer;
	};
	const ok = {ok: true} as const;
	let sets: SecondChanceSets = {};
	const describe = (wanted: SecondChanceSets): string =>
		Object.entries(wanted)
			.map(([set, lasts]) => `${set} ${lasts === 'always' ? lasts : Math.round(Number(lasts))}`)
			.join(', ');
	const parts: TakeoverParts = {
		addresses: {
			prepare: () => note('addresses ready'),
			open: () => turn('addresses open', ok),
			claim: () => turn('address put', script.claim?.() ?? ok),
			prolong: () => turn('address prolonged', script.missing ?? {addresses: []}),
			release: () => turn('address removed', script.release?.() ?? ok),
			shelter: () => turn('sheltered', script.routeGone?.() ?? false),
			unshelter: () => turn('shelter left', undefined),
			close: () => turn('addresses close', undefined),
		},
		lease: {
			kind: script.kind ?? 'kernel',
			prepare: () => note('lease ready'),
			start: () => turn('earlier lease muted', undefined),
			adopt: (_, held) => turn(`lease adopted${held ? ' held' : ''}`, undefined),
			leave: () => turn('lease left', undefined),
			open: () => turn('lease open', undefined),
			grant: sent => turn(`lease granted${sent ? '' : ' unsent'}`, script.grant?.() ?? true),
			renew: sent => note(`lease renewed${sent ? '' : ' unsent'}`),
			revoke: (also = '') => turn(`lease revoked${also === '' ? '' : ` and ${also}`}`, script.revoke ?? 'whole'),
			openDoor: () => turn('door open', true),
			close: () => turn('lease close', undefined),
		},
		secondChance: {
			why: script.noSecondChance ?? '',
			get sets() {
				return sets;
			},
			get isIdle() {
				return Object.keys(sets).length === 0;
			},
			prepare: wanted => {
				const wasIdle = Object.keys(sets).length === 0;
				sets = wanted;
				return describe(wanted) || (wasIdle ? '' : 'nothing open');
			},
			confirm: () => {},
			apply: () => turn(`once more: ${describe(sets)}`, true),
			set: (wanted, claims = false) => {
				sets = wanted;
				return turn((describe(wanted) || 'nothing open') + (claims ? ', claiming' : ''), script.order?.() ?? 'done');
			},
			close: () => turn('second chance close', undefined),
		},
		announcer: {
			open: () => note('announcer open'),
			start: () => note('announce'),
			stop: () => note('hush'),
			soFar: {count: 3, elapsedMs: 150},
			goOn: ({count}) => note(`announce from ${count}`),
			close: () => note('announcer close'),
		},
		sendRenewal: () => {
			note('renewing copy sent');
			return true;
		},
		isAwake: script.awake ?? (() => true),
		onLost: missing => lost.push(missing),
		onShelterLost: () => note('shelter lost'),
	};
	return {takeover: new Takeover(parts), calls, lost};
}

test('Open: an earlier life is muted and its addresses go before its table is replaced, so that nothing answers meanwhile', async t => {
	const {takeover, calls} = stage();
	t.teardown(() => takeover.close());
	await takeover.open();
	t.deepEqual(calls, ['announcer open', 'earlier lease muted', 'addresses open', 'lease open']);
});

test('Claim: address first while mute, then the lease; the announcement follows the election’s word', async t => {
	const {takeover, calls} = stage();
	t.teardown(() => takeover.close());
	t.deepEqual(await takeover.claim(), {ok: true});
	takeover.announce();
	t.deepEqual(calls, ['address put', 'door open', 'renewing copy sent', 'lease granted', 'announce']);
});

test('An address that cannot be put ends the claim before the lease is touched', async t => {
	const {takeover, calls} = stage({claim: () => ({ok: false, reason: 'no such interface'})});
	t.deepEqual(await takeover.claim(), {ok: false, reason: 'no such interface'});
	t.deepEqual(calls, ['address put']);
	takeover.announce();
	t.false(calls.includes('announce'), 'who does not hold announces nothing');
});

test('A lease that nothing renews ends the claim, and nothing stays behind', async t => {
	const {takeover, calls} = stage({grant: () => false});
	const outcome = await takeover.claim();
	t.regex(outcome.ok ? '' : outcome.reason, /the node would stay mute/);
	t.deepEqual(calls.slice(-2), ['lease revoked', 'address removed']);
});

test('Release: hush, mute at once, then the address goes', async t => {
	const {takeover, calls} = stage();
	await takeover.claim();
	calls.length = 0;
	const released = takeover.release();
	t.deepEqual(calls, ['hush', 'lease revoked'], 'mute without waiting for anything');
	t.deepEqual(await released, {ok: true});
	t.deepEqual(calls, ['hush', 'lease revoked', 'address removed']);
	takeover.announce();
	takeover.renew();
	t.is(calls.length, 3, 'after a release nothing is announced or renewed');
});

test('A release that comes during a claim wins', async t => {
	const {takeover, calls} = stage();
	const claim = takeover.claim();
	const release = takeover.release();
	t.deepEqual(await claim, {ok: false, reason: 'released before the claim was complete'});
	t.deepEqual(await release, {ok: true});
	t.false(calls.includes('lease granted'));
	t.is(calls.at(-1), 'address removed');
});

test('§5.7: a process that slept between two steps of a claim gives it up', async t => {
	const awake = [true, false];
	const {takeover, calls} = stage({awake: () => awake.shift() ?? false});
	t.false((await takeover.claim()).ok);
	t.deepEqual(calls.slice(-3), ['lease granted', 'lease revoked', 'address removed']);
});

test('A renewal goes through the kernel from the claim on', async t => {
	const {takeover, calls} = stage();
	t.teardown(() => takeover.close());
	takeover.renew();
	t.deepEqual(calls, []);
	await takeover.claim();
	calls.length = 0;
	takeover.renew();
	t.deepEqual(calls, ['renewing copy sent', 'lease renewed']);
});

test('An address that has gone is reported with the reason; what is there is prolonged', async t => {
	const missing = {addresses: ['10.0.0.100'], lapsedMs: 6200};
	const {takeover, calls, lost} = stage({missing});
	t.teardown(() => takeover.close());
	takeover.look();
	t.deepEqual(calls, [], 'who does not hold does not look');
	await takeover.claim();
	takeover.look();
	takeover.look();
	await takeover.restore();
	t.deepEqual(lost, [missing], 'two wakes, one look');
	t.deepEqual(calls.slice(-2), ['address put', 'announce']);
	const whole = stage();
	t.teardown(() => whole.takeover.close());
	await whole.takeover.claim();
	whole.takeover.look();
	await whole.takeover.restore();
	t.deepEqual(whole.calls.slice(4), ['address prolonged', 'address put', 'announce']);
	t.deepEqual(whole.lost, []);
});

test('A restoration that a release has overtaken puts nothing back', async t => {
	const {takeover, calls} = stage();
	await takeover.claim();
	const release = takeover.release();
	const restore = takeover.restore();
	await release;
	t.false((await restore).ok);
	t.is(calls.filter(call => call === 'address put').length, 1);
});

test('A failed removal is the answer where the lease mutes the node anyway', async t => {
	const {takeover, calls} = stage({release: () => ({ok: false, reason: 'busy'})});
	t.deepEqual(await takeover.release(), {ok: false, reason: 'busy'});
	t.is(calls.filter(call => call === 'address removed').length, 1);
});

test('Without a lease a failed removal is tried again: nobody is told before the address is gone', async t => {
	let attempts = 0;
	const release = (): {ok: true} | {ok: false; reason: string} => {
		attempts += 1;
		return attempts < 2 ? {ok: false, reason: 'busy'} : {ok: true};
	};
	const {takeover} = stage({kind: 'none', release});
	t.deepEqual(await takeover.release(), {ok: true});
	t.is(attempts, 2);
});

test('Close releases first, then removes the lease', async t => {
	const {takeover, calls} = stage();
	await takeover.claim();
	calls.length = 0;
	await takeover.close();
	t.deepEqual(calls, [
		'hush',
		'lease revoked',
		'address removed',
		'second chance close',
		'announcer close',
		'lease close',
		'addresses close',
	]);
});

/** Until so many parts were asked. */
async function settled(calls: readonly string[], count: number): Promise<void> {
	for (let turn = 0; turn < 100 && calls.length < count; turn += 1) {
		await new Promise<void>(resolve => setImmediate(resolve));
	}
	await new Promise<void>(resolve => setImmediate(resolve));
}

test('A release that keeps connections: muted for everything else in the same transaction, sheltered, then off the interface', async t => {
	const {takeover, calls} = stage();
	t.teardown(() => takeover.close());
	await takeover.claim();
	calls.length = 0;
	await takeover.release(60_000);
	t.deepEqual(calls, ['hush', 'lease revoked and keeping 60000', 'sheltered', 'address removed']);
	calls.length = 0;
	takeover.endKeeping();
	await takeover.release();
	t.deepEqual(calls.slice(0, 4), ['hush', 'lease revoked and nothing open', 'nothing open', 'shelter left']);
});

test('A route of a sheltered address that somebody has removed is made again and told of', async t => {
	let gone = true;
	const {takeover, calls} = stage({routeGone: () => gone});
	t.teardown(() => takeover.close());
	await takeover.release(60_000);
	t.false(calls.includes('shelter lost'), 'the first time it is made');
	gone = false;
	await takeover.awaitClaim();
	t.false(calls.includes('shelter lost'));
	gone = true;
	await takeover.awaitClaim();
	t.true(calls.includes('shelter lost'));
});

test('What nft did not confirm together with the end of the lease is ordered again', async t => {
	const {takeover, calls} = stage({revoke: 'mute'});
	t.teardown(() => takeover.close());
	await takeover.release(60_000);
	t.deepEqual(calls.slice(1, 4), ['lease revoked and keeping 60000', 'once more: keeping 60000', 'sheltered']);
});

test('A node of which nobody knows whether it still passes new connections on does not become master', async t => {
	const {takeover, calls} = stage({order: () => 'unsure'});
	t.teardown(() => takeover.close());
	await takeover.release(60_000);
	calls.length = 0;
	const outcome = await takeover.claim();
	t.regex(outcome.ok ? '' : outcome.reason, /nft does not confirm/);
	t.false(calls.includes('lease granted'));
	t.deepEqual(calls.slice(-3), ['lease revoked', 'keeping 60000', 'address removed'], 'what lives here lives on');
});

test('Where connections cannot live on a release keeps none', async t => {
	const {takeover, calls} = stage({noSecondChance: 'no nft'});
	await takeover.claim();
	calls.length = 0;
	await takeover.release(60_000);
	t.deepEqual(calls, ['hush', 'lease revoked', 'address removed']);
});

test('The peer keeps connections: it is given them before anything reaches this node, and until it says otherwise', async t => {
	const {takeover, calls} = stage();
	t.teardown(() => takeover.close());
	takeover.awaitClaim();
	await settled(calls, 2);
	await takeover.claim(true);
	await takeover.restore();
	t.deepEqual(calls.slice(0, 2), ['sheltered', 'ajar 5000']);
	t.true(calls.indexOf('ajar 5000, passing always, claiming') < calls.indexOf('lease granted'));
	t.deepEqual(calls.slice(7, 9), ['passing always', 'shelter left'], 'then the lease permits all of it');
	calls.length = 0;
	takeover.pass(true);
	takeover.pass(false);
	await takeover.restore();
	t.is(calls[0], 'nothing open');
});

test('A node that keeps connections and takes over again keeps them until it holds the address', async t => {
	const {takeover, calls} = stage();
	t.teardown(() => takeover.close());
	await takeover.claim();
	await takeover.release(60_000);
	calls.length = 0;
	takeover.awaitClaim();
	await settled(calls, 2);
	await takeover.claim();
	await takeover.restore();
	t.regex(calls[1] ?? '', /^ajar 5000, keeping (59\d\d\d|60000)$/);
	t.regex(calls[4] ?? '', /, claiming$/, 'before the lease new connections are no longer passed on');
	t.true(calls.indexOf('nothing open') > calls.indexOf('lease granted'));
});

test('Another process of this node takes over: nothing is muted, nothing removed, and the announcements go on', async t => {
	const before = stage();
	await before.takeover.open();
	await before.takeover.claim();
	before.calls.length = 0;
	const soFar = before.takeover.pause();
	t.deepEqual(soFar, {count: 3, elapsedMs: 150});
	await before.takeover.leave();
	t.deepEqual(before.calls, ['hush', 'announcer close', 'lease left', 'addresses close']);

	const after = stage();
	t.teardown(() => after.takeover.close());
	after.takeover.prepare();
	await after.takeover.adopt(true, {kind: 'kernel', egressHook: true}, soFar);
	t.deepEqual(after.calls, [
		'announcer open',
		'lease ready',
		'addresses ready',
		'announce from 3',
		'lease adopted held',
	]);
	after.calls.length = 0;
	after.takeover.renew();
	after.takeover.look();
	await new Promise(resolve => setImmediate(() => setImmediate(() => setImmediate(resolve))));
	t.deepEqual(after.calls, ['renewing copy sent', 'lease renewed', 'address prolonged']);
});

test('A pause that comes to nothing: the same process goes on', async t => {
	const {takeover, calls} = stage();
	t.teardown(() => takeover.close());
	await takeover.open();
	await takeover.claim();
	const soFar = takeover.pause();
	calls.length = 0;
	takeover.look();
	t.deepEqual(calls, [], 'what another process may have is not looked at');
	takeover.goOn(true, soFar);
	t.deepEqual(calls, ['announce from 3']);
});
