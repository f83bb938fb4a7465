/**
 * The way to a provider: requests and answers take their time, overtake each other and get lost, and the provider sends callers
 * away when there are too many. A request that its sender has given up arrives all the same.
 */
import type {Fetch} from '../../src/api.ts';
import type {FakeApi, FakeRequest} from './provider.ts';
import type {Random} from './random.ts';
import type {MachineClock, VirtualClock} from './virtual-clock.ts';

export interface Weather {
	/** There and back together, ms. */
	readonly latencyMs: readonly [number, number];
	readonly lostRequests: number;
	readonly lostAnswers: number;
	/** Answered with 429 and a Retry-After of 1–20 s. */
	readonly refused: number;
	/** Answered with 500 or a page that is no JSON. */
	readonly broken: number;
}

export const storm: Weather = {
	latencyMs: [100, 60_000],
	lostRequests: 0.03,
	lostAnswers: 0.05,
	refused: 0.05,
	broken: 0.03,
};

/** `fetch` of a machine. */
export function connect(
	api: FakeApi,
	clock: VirtualClock,
	machine: MachineClock,
	random: Random,
	weather: Weather,
): Fetch {
	return (url, init) =>
		new Promise((resolve, reject) => {
			init.signal?.addEventListener('abort', () => reject(new DOMException('abandoned', 'AbortError')));
			const request = asRequest(url, init);
			const tripMs = random.spread(...weather.latencyMs);
			const thereMs = tripMs * random.next();
			const lostThere = random.chance(weather.lostRequests);
			const lostBack = random.chance(weather.lostAnswers);
			if (lostThere) return;
			clock.after(thereMs, () => {
				const answer = meetProvider(api, request, clock.now(), random, weather);
				if (!lostBack) machine.after(tripMs - thereMs, () => resolve(answer));
			});
		});
}

function asRequest(url: string, init: RequestInit): FakeRequest {
	const body = typeof init.body === 'string' ? init.body : '';
	return {method: init.method ?? 'GET', url: new URL(url), headers: new Headers(init.headers), body};
}

function meetProvider(api: FakeApi, request: FakeRequest, nowMs: number, random: Random, weather: Weather): Response {
	if (random.chance(weather.refused)) {
		const headers = {'retry-after': String(1 + Math.floor(random.next() * 20))};
		return new Response('{"message":"too many requests"}', {status: 429, headers});
	}
	if (random.chance(weather.broken)) return new Response('<html>oops</html>', {status: random.chance(0.5) ? 500 : 200});
	const {status, headers = {}, body} = api(request, nowMs);
	return new Response(typeof body === 'string' ? body : JSON.stringify(body), {status, headers});
}
