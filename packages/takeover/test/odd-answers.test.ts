import test from 'ava';
import type {CallContext} from '../src/driver.ts';
import {DriverError} from '../src/driver.ts';
import {benchPlans, partsFor} from './fake/benches.ts';
import {calmHabits, FakeAddress, type FakeApi} from './fake/provider.ts';
import {Random} from './fake/random.ts';

const oddValues = [null, 0, -1, '', 'x', [], {}, true, [null], {id: null}, {id: {}}, '\u001b[2J', 'é'.repeat(300)];
const context: CallContext = {signal: new AbortController().signal, term: 1, mayChange: () => {}};

/** The answer with one part of it replaced. */
function spoil(body: unknown, random: Random): unknown {
	if (random.chance(0.2)) return oddValues[Math.floor(random.next() * oddValues.length)];
	if (typeof body === 'string') {
		const at = Math.floor(random.next() * body.length);
		return random.chance(0.5)
			? body.slice(0, at)
			: body.slice(0, at) + body.slice(at + 1 + Math.floor(random.next() * 20));
	}
	if (typeof body !== 'object' || body === null) return oddValues[Math.floor(random.next() * oddValues.length)];
	const keys = Object.keys(body);
	const chosen = keys[Math.floor(random.next() * keys.length)];
	if (chosen === undefined) return {};
	const copy: Record<string, unknown> | unknown[] = Array.isArray(body) ? [...body] : {...body};
	(copy as Record<string, unknown>)[chosen] = spoil((body as Record<string, unknown>)[chosen], random);
	return copy;
}

function unreliable(api: FakeApi, random: Random): FakeApi {
	return (request, nowMs) => {
		const answer = api(request, nowMs);
		if (random.chance(0.4)) return answer;
		const status = random.chance(0.7)
			? answer.status
			: [200, 201, 204, 302, 400, 404, 409, 500][Math.floor(random.next() * 8)]!;
		const body = spoil(answer.body, random);
		return {status, headers: random.chance(0.8) ? (answer.headers ?? {}) : {}, body};
	};
}

for (const [name, plan] of Object.entries(benchPlans)) {
	test(`${name}: odd answers are failures with a sentence, never a crash, and never read as an address that is here`, async t => {
		for (let seed = 1; seed <= 400; seed += 1) {
			const random = new Random(seed);
			const address = new FakeAddress(random, calmHabits);
			const api = unreliable(plan.makeApi(address), random);
			const [own, peer] = plan.ids;
			const fetcher = async (url: string, init: RequestInit): Promise<Response> => {
				const body = typeof init.body === 'string' ? init.body : '';
				const request = {method: init.method ?? 'GET', url: new URL(url), headers: new Headers(init.headers), body};
				const answer = api(request, 0);
				const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
				return new Response(answer.status === 204 ? null : text, {
					status: answer.status,
					headers: answer.headers ?? {},
				});
			};
			const driver = plan.makeDriver({...partsFor({own, peer, fetcher}), clock: {now: () => 0, after: () => () => {}}});
			const attempt = async (what: string, ask: () => Promise<unknown>) => {
				try {
					return await ask();
				} catch (error) {
					t.true(
						error instanceof DriverError,
						`seed ${seed}, ${what}: ${error instanceof Error ? error.stack : error}`,
					);
					t.notRegex(String(error), /[\x00-\x1f]|token-of|secret-of/, `seed ${seed}, ${what}`);
					return undefined;
				}
			};
			address.move(peer, 0);
			const seen = (await attempt('read', () => driver.read(context))) as {at: string} | undefined;
			t.not(seen?.at, 'here', `seed ${seed}`);
			const action = await attempt('assign', () => driver.assign(context));
			if (typeof action === 'string') await attempt('poll', () => driver.poll(action, context));
		}
	});
}
