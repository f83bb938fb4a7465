/**
 * The program that samples the virtual address from inside a namespace; started by `probe.ts`, which reads its report.
 *
 * `long`: downloads and WebSockets that stay (`long-clients.ts`).
 * `clients`: new connections at a rate, and keep-alive clients that pause between their requests.
 * `eye`: every 10 ms, unless ordered otherwise, one fresh ARP question (IPv6: neighbour solicitation) and one TCP connection from a place that only one node can hear. The
 * port is a closed one: the refusal already proves that the node answers for the address, and costs the proxy nothing.
 */
import {spawn} from 'node:child_process';
import {connect} from 'node:net';
import {HttpClient, type Outcome} from './http-client.ts';
import {startLongClients} from './long-clients.ts';
import {type Neighbour, watchNeighbour} from './neighbours.ts';
import type {EyeReport, EyeSample, ProbeOrder, ProbeReport} from './probe.ts';
import {findTool} from './tools.ts';
import {letPassMs, monotonicMs} from './wait.ts';

const closedPort = 9;
const eyeIntervalMs = 10;
const eyeDeadlineMs = 30;
const reportLimit = 200_000;

let stopped = false;

/** Starts a new client every `1000 / perSecond` ms, whether or not the earlier ones have got their answer. */
async function sampleNewClients(order: ProbeOrder & {kind: 'clients'}, outcomes: Outcome[]): Promise<void> {
	const running = new Set<Promise<void>>();
	const beginMs = monotonicMs();
	for (let number = 0; !stopped && number < reportLimit; number++) {
		const dueMs = beginMs + (number * 1000) / order.perSecond;
		const waitMs = dueMs - monotonicMs();
		if (waitMs > 0) await letPassMs(waitMs);
		const client = new HttpClient(order.target, {keepAlive: false});
		const sample = client.request(dueMs).then(outcome => {
			outcomes.push(outcome);
			running.delete(sample);
		});
		running.add(sample);
	}

	await Promise.all(running);
}

async function sampleKeepAliveClient(order: ProbeOrder & {kind: 'clients'}, outcomes: Outcome[]): Promise<void> {
	const client = new HttpClient(order.target, {keepAlive: true});
	while (!stopped && outcomes.length < reportLimit) {
		outcomes.push(await client.request());
		await letPassMs(order.pauseMs * (0.5 + Math.random()));
	}

	client.close();
}

async function runClients(order: ProbeOrder & {kind: 'clients'}): Promise<ProbeReport> {
	const [fresh, kept]: [Outcome[], Outcome[]] = [[], []];
	const clients = Array.from({length: order.keepAliveClients}, () => sampleKeepAliveClient(order, kept));
	await Promise.all([order.perSecond > 0 ? sampleNewClients(order, fresh) : undefined, ...clients]);
	return {kind: 'clients', fresh, kept};
}

async function runEye(order: ProbeOrder & {kind: 'eye'}): Promise<EyeReport> {
	const {everyMs = eyeIntervalMs, deadlineMs = eyeDeadlineMs} = order;
	// One open helper makes the kernel forget the neighbour, so that every sample asks by ARP anew. (`neigh del` ends the
	// helper when there is no entry.)
	const helper = spawn(findTool('ip'), ['-force', '-batch', '-'], {stdio: ['pipe', 'ignore', 'inherit']});
	const neighbour = watchNeighbour(order.address);
	const samples: EyeSample[] = [];
	let nextMs = monotonicMs();
	while (!stopped && samples.length < reportLimit) {
		helper.stdin.write(`neigh replace ${order.address} dev eth0 nud failed\n`);
		nextMs = Math.max(nextMs + everyMs, monotonicMs() + 1);
		await letPassMs(nextMs - monotonicMs());
		samples.push(await look(order.address, neighbour, deadlineMs));
	}

	neighbour.close();
	helper.stdin.end();
	return {kind: 'eye', samples};
}

function look(address: string, neighbour: Neighbour, deadlineMs: number): Promise<EyeSample> {
	const startMs = monotonicMs();
	return new Promise(resolve => {
		const socket = connect({host: address, port: closedPort});
		const end = (tcp: boolean) => {
			clearTimeout(timer);
			socket.destroy();
			const arp = tcp || neighbour.isKnown();
			resolve({startMs, endMs: monotonicMs(), arp, tcp});
		};
		const timer = setTimeout(() => end(false), deadlineMs);
		socket.once('connect', () => end(true));
		socket.on('error', error => end('code' in error && error.code === 'ECONNREFUSED'));
	});
}

process.on('disconnect', () => process.exit(0));
process.on('message', async (order: ProbeOrder) => {
	if (order.kind === 'stop') {
		stopped = true;
		return;
	}

	if (order.kind === 'long') {
		const clients = await startLongClients(order);
		process.send?.({kind: 'started'});
		while (!stopped) await letPassMs(20);
		process.send?.(clients.stop(), () => process.exit(0));
		return;
	}

	process.send?.({kind: 'started'});
	const report = order.kind === 'eye' ? await runEye(order) : await runClients(order);
	process.send?.(report, () => process.exit(0));
});
process.send?.({kind: 'ready'});
