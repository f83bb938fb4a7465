import {createHmac} from 'node:crypto';
import {createServer, type IncomingMessage} from 'node:http';
import type {AddressInfo} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {deliverWebhook, originOf, type Webhook} from '../../src/hooks/webhook.ts';
import {sampleOccasion} from '../helpers/samples.ts';

interface Delivery {
	readonly atMs: number;
	readonly headers: IncomingMessage['headers'];
	readonly body: string;
}

/** A receiver that answers with the given statuses in turn; 0 means that it never answers. */
async function startReceiver(
	t: ExecutionContext,
	statuses: readonly number[],
): Promise<{url: string; deliveries: Delivery[]}> {
	const deliveries: Delivery[] = [];
	const server = createServer((request, response) => {
		let body = '';
		request.setEncoding('utf8').on('data', (text: string) => {
			body += text;
		});
		request.on('end', () => {
			const status = statuses[deliveries.length] ?? 200;
			deliveries.push({atMs: performance.now(), headers: request.headers, body});
			if (status === 0) return;
			response.writeHead(status, status === 302 ? {location: '/elsewhere'} : {}).end('thanks');
		});
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token/secret`, deliveries};
}

const hook = (url: string, timeoutMs = 5000): Webhook => ({
	on: 'change',
	kind: 'webhook',
	url,
	timeoutMs,
	position: {file: 'pair.cfg', line: 1, column: 1},
});
const options = {version: '1.2.3', random: () => 0};

test('an event is posted as JSON, signed, with its id', async t => {
	const {url, deliveries} = await startReceiver(t, [204]);
	const secret = Buffer.from('a secret of enough bytes');
	const {ok, detail} = await deliverWebhook(hook(url), sampleOccasion, {...options, secret});
	t.true(ok, detail);
	const [delivery] = deliveries;
	t.is(delivery?.headers['content-type'], 'application/json');
	t.is(delivery?.headers['x-hapair-event'], 'master');
	t.is(delivery?.headers['x-hapair-event-id'], 'lb1-abc-7');
	const expected = createHmac('sha256', secret)
		.update(delivery?.body ?? '')
		.digest('hex');
	t.is(delivery?.headers['x-hapair-signature'], `sha256=${expected}`);
	t.is(JSON.parse(delivery?.body ?? '').reason, sampleOccasion.reason);
});

test('without a secret there is no signature', async t => {
	const {url, deliveries} = await startReceiver(t, [200]);
	await deliverWebhook(hook(url), sampleOccasion, options);
	t.is(deliveries[0]?.headers['x-hapair-signature'], undefined);
});

test('a busy receiver is asked again with the same id until it accepts', async t => {
	const {url, deliveries} = await startReceiver(t, [503, 429, 200]);
	const {ok, detail} = await deliverWebhook(hook(url), sampleOccasion, options);
	t.true(ok);
	t.regex(detail, /answered 200 at attempt 3$/);
	t.is(new Set(deliveries.map(({headers}) => headers['x-hapair-event-id'])).size, 1);
	t.is(deliveries.length, 3);
});

test('the pauses between attempts grow', async t => {
	const {url, deliveries} = await startReceiver(t, [500, 500, 500, 200]);
	t.true((await deliverWebhook(hook(url, 20_000), sampleOccasion, {...options, random: () => 1})).ok);
	const pauses = deliveries.slice(1).map(({atMs}, index) => atMs - (deliveries[index]?.atMs ?? 0));
	for (const [index, leastMs] of [250, 500, 1000].entries()) {
		t.true((pauses[index] ?? 0) >= leastMs - 5, `pause ${index + 1} took ${pauses[index]} ms`);
	}
});

test('a receiver that hangs up in the middle is asked again', async t => {
	let calls = 0;
	const server = createServer((request, response) => {
		calls++;
		if (calls === 1) request.socket.destroy();
		else response.writeHead(200).end();
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	const {port} = server.address() as AddressInfo;
	const {ok, detail} = await deliverWebhook(hook(`http://127.0.0.1:${port}/`), sampleOccasion, options);
	t.true(ok);
	t.regex(detail, /answered 200 at attempt 2$/);
});

test('a refusal and a redirect are final', async t => {
	for (const status of [400, 404, 302]) {
		const {url, deliveries} = await startReceiver(t, [status]);
		const {ok, detail} = await deliverWebhook(hook(url), sampleOccasion, options);
		t.false(ok);
		t.regex(detail, new RegExp(`answered ${status}; gave up after attempt 1$`));
		t.is(deliveries.length, 1);
	}
});

test('a receiver that never answers costs no more than the timeout, and its token is not told', async t => {
	const {url} = await startReceiver(t, [0, 0, 0]);
	const startedMs = performance.now();
	const {ok, detail} = await deliverWebhook(hook(url, 400), sampleOccasion, options);
	t.false(ok);
	t.true(performance.now() - startedMs < 3000);
	t.regex(detail, /did not answer in time; gave up after attempt 1$/);
	t.notRegex(detail, /token|secret/);
});

test('nobody there is tried again within the time', async t => {
	const {ok, detail} = await deliverWebhook(hook('http://127.0.0.1:1/x', 600), sampleOccasion, options);
	t.false(ok);
	t.regex(detail, /could not be reached.*; gave up after attempt [2-9]$/);
});

test('only the origin of a URL is told', t => {
	t.is(originOf('https://hooks.example.org/services/T0/SECRET?x=1'), 'https://hooks.example.org/…');
	t.is(originOf('https://user:pw@example.org/'), 'https://example.org');
	t.is(originOf('nonsense'), 'the webhook');
});
