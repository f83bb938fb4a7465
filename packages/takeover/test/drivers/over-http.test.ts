import test, {type ExecutionContext} from 'ava';
import type {CallContext, Driver} from '../../src/driver.ts';
import {benchPlans, partsFor} from '../fake/benches.ts';
import {fakeDigitalOcean} from '../fake/digitalocean.ts';
import {fakeHetznerCloud} from '../fake/hetzner-cloud.ts';
import {calmHabits, FakeAddress, type FakeApi} from '../fake/provider.ts';
import {Random} from '../fake/random.ts';
import {serveApi} from '../fake/serve.ts';

/** The driver of a plan, whose requests to the provider's own host arrive at a server on this machine. */
async function reach(t: ExecutionContext, name: string, api: FakeApi, index: 0 | 1): Promise<Driver> {
	const plan = benchPlans[name]!;
	const served = await serveApi(api);
	t.teardown(() => served.close());
	const fetcher = (url: string, init: RequestInit): Promise<Response> => {
		const {pathname, search, host} = new URL(url);
		// The signature of AWS covers the host's name.
		const headers = {...(init.headers as Record<string, string>), 'x-real-host': host};
		return fetch(`${served.origin}${pathname}${search}`, {...init, headers});
	};
	const [own, peer] = [plan.ids[index], plan.ids[index === 0 ? 1 : 0]];
	return plan.makeDriver({...partsFor({own, peer, fetcher}), clock: {now: () => 0, after: () => () => {}}});
}

/** The server sees its own host; the API is to see the provider's. */
function behindItsName(api: FakeApi): FakeApi {
	return (request, nowMs) => {
		const host = request.headers.get('x-real-host');
		const url = new URL(request.url);
		// Setting the host alone would keep the server's port.
		if (host !== null) Object.assign(url, {port: '', host});
		return api({...request, url}, nowMs);
	};
}

function context(overrides: Partial<CallContext> = {}): CallContext {
	return {signal: new AbortController().signal, term: 7, mayChange: () => {}, ...overrides};
}

for (const [name, plan] of Object.entries(benchPlans)) {
	test(`${name}: over real HTTP an address goes from nowhere to here, from here to the peer, and is read from both sides`, async t => {
		const address = new FakeAddress(new Random(1), calmHabits);
		const api = behindItsName(plan.makeApi(address));
		const [first, second] = [await reach(t, name, api, 0), await reach(t, name, api, 1)];
		t.is((await first.read(context())).at, 'nowhere');
		for (const [mover, other] of [
			[first, second],
			[second, first],
		] as const) {
			const action = await mover.assign(context());
			if (action !== undefined) t.is(await mover.poll(action, context()), 'done');
			t.is((await mover.read(context())).at, 'here');
			t.is((await other.read(context())).at, 'peer');
		}
		// To order what is there already is no mistake.
		await t.notThrowsAsync(second.assign(context()));
		t.is((await second.read(context())).at, 'here');
	});

	test(`${name}: a node that may no longer change anything sends no order`, async t => {
		const address = new FakeAddress(new Random(1), calmHabits);
		const driver = await reach(t, name, behindItsName(plan.makeApi(address)), 0);
		const mayChange = () => {
			throw new Error('not ours any more');
		};
		await t.throwsAsync(async () => driver.assign(context({mayChange})), {message: 'not ours any more'});
		t.deepEqual(address.orders, []);
	});
}

const troubles: readonly (readonly [string, FakeApi, RegExp])[] = [
	[
		'a token that is refused',
		() => ({status: 401, body: {error: {code: 'unauthorized', message: 'unable to authenticate'}}}),
		/^the Hetzner Cloud API answered 401: unable to authenticate \(unauthorized\) \(is the token right, and not expired\?\)$/,
	],
	[
		'a token that may only read',
		() => ({status: 403, body: {error: {code: 'forbidden', message: 'read only'}}}),
		/answered 403: read only \(forbidden\) \(may the token write\?\)$/,
	],
	[
		'a redirect',
		() => ({status: 302, headers: {location: 'http://evil.test/'}, body: ''}),
		/answered 302 \(redirects are not followed\)$/,
	],
	['a page that is no JSON', () => ({status: 200, body: '<html>'}), /answered without a list of floating IPs$/],
	['a huge answer', () => ({status: 200, body: 'x'.repeat(2_000_000)}), /answered with more than 1048576 bytes$/],
	[
		'words that would disturb a terminal',
		() => ({status: 500, body: {error: {code: 'x', message: 'a\u001b[31mb\nc'}}}),
		/answered 500: a \[31mb c \(x\)$/,
	],
	[
		'an unknown address',
		() => ({status: 200, body: {floating_ips: [], meta: {pagination: {next_page: null}}}}),
		/knows no floating IP 203\.0\.113\.7 in the project of this token$/,
	],
];

for (const [what, api, message] of troubles) {
	test(`${what} is a sentence without the token`, async t => {
		const driver = await reach(t, 'hetzner-cloud', api, 0);
		const error = await t.throwsAsync(driver.read(context()));
		t.regex(error.message, message);
		t.false(error.message.includes('token-of-a-project'));
	});
}

test('429 says when to come again, and a locked address that the provider is busy', async t => {
	const refusals: Partial<Record<string, FakeApi>> = {
		limited: () => ({
			status: 429,
			headers: {'retry-after': '17'},
			body: {error: {code: 'rate_limit_exceeded', message: 'slow down'}},
		}),
		locked: () => ({status: 423, body: {error: {code: 'locked', message: 'locked'}}}),
	};
	const limited = await reach(t, 'hetzner-cloud', refusals.limited!, 0);
	t.like(await t.throwsAsync(limited.read(context())), {retryAfterMs: 17_000, busy: false});
	const locked = await reach(t, 'hetzner-cloud', refusals.locked!, 0);
	t.like(await t.throwsAsync(locked.read(context())), {retryAfterMs: undefined, busy: true});
});

test('a provider that never answers is left when the call is abandoned', async t => {
	const driver = await reach(t, 'digitalocean', () => ({status: 0, body: ''}), 0);
	const abort = new AbortController();
	setTimeout(() => abort.abort(), 50);
	await t.throwsAsync(driver.read(context({signal: abort.signal})), {
		message: 'the DigitalOcean API could not be reached (abandoned)',
	});
});

for (const [name, makeApi] of [
	['hetzner-cloud', fakeHetznerCloud],
	['digitalocean', fakeDigitalOcean],
] as const) {
	test(`${name}: whether a token may move the address is told without moving it`, async t => {
		const address = new FakeAddress(new Random(1), calmHabits);
		const ask = async (api: FakeApi) => (await reach(t, name, behindItsName(api), 0)).mayAssign?.(context());
		t.is(await ask(makeApi(address)), true);
		t.is(await ask(makeApi(address, 'token-of-a-project', true)), false);
		t.is(await ask(() => ({status: 500, body: {}})).catch(() => undefined), undefined);
		t.is(address.holder(0), undefined);
	});
}
