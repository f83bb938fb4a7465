/** Frontends, backends and servers of this node's proxy, with the orders for a server. */
import {useState} from 'preact/hooks';
import {formatAge, formatNumber} from '../format.ts';
import {gradeServer} from '../judgement.ts';
import type {Backend, Outcome, ProxyReport, Sample, Server, ServerState} from '../messages.ts';
import type {GiveOrder} from './app.tsx';
import {Confirm} from './confirm.tsx';

interface TrafficProps {
	readonly proxy: ProxyReport;
	readonly samples: readonly Sample[];
	readonly giveOrder: GiveOrder;
}

export function Traffic({proxy, giveOrder}: TrafficProps) {
	const isServing = proxy.phase === 'serving';
	return (
		<section aria-labelledby="traffic-title">
			<h2 id="traffic-title">
				Traffic of this node{' '}
				<span class={`pill ${isServing ? (proxy.draining ? 'warn' : 'good') : 'bad'}`}>
					{proxy.draining ? 'draining' : proxy.phase}
				</span>
			</h2>
			{!isServing && <p class="problem">{proxy.detail}</p>}
			<div class="card table-box">
				<table>
					<thead>
						<tr>
							<th scope="col">Frontend</th>
							<th scope="col">State</th>
							<th scope="col" class="number">
								Connections
							</th>
							<th scope="col" class="number wide">
								Accepted
							</th>
							<th scope="col" class="number">
								Requests
							</th>
						</tr>
					</thead>
					<tbody>
						{proxy.frontends.map(({name, listening, connections, totalConnections, totalRequests}) => (
							<tr key={name}>
								<th scope="row">{name}</th>
								<td>
									<span class={`pill ${listening ? 'good' : 'bad'}`}>{listening ? 'OPEN' : 'CLOSED'}</span>
								</td>
								<td class="number">{formatNumber(connections)}</td>
								<td class="number wide">{formatNumber(totalConnections)}</td>
								<td class="number">{formatNumber(totalRequests)}</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{proxy.backends.map(backend => (
				<BackendTable key={backend.name} backend={backend} giveOrder={giveOrder} />
			))}
		</section>
	);
}

/** Beyond this many servers a backend is folded at first: the page must stay quick. */
const FOLDED_FROM = 60;

function BackendTable({backend, giveOrder}: {backend: Backend; giveOrder: GiveOrder}) {
	const {name, up, queued, servers} = backend;
	const [isOpen, setOpen] = useState(servers.length < FOLDED_FROM);
	return (
		<details open={isOpen} onToggle={({currentTarget}) => setOpen(currentTarget.open)} class="backend">
			<summary>
				<strong>{name}</strong>{' '}
				<span class={`pill ${up === 0 ? 'bad' : up < servers.length ? 'warn' : 'good'}`}>
					{up} of {servers.length} up
				</span>
				{queued > 0 && <span class="pill warn">{queued} waiting</span>}
			</summary>
			{isOpen && (
				<div class="table-box">
					<table>
						<thead>
							<tr>
								<th scope="col">Server</th>
								<th scope="col">State</th>
								<th scope="col" class="wide">
									Last check
								</th>
								<th scope="col" class="number">
									Active
								</th>
								<th scope="col" class="number wide">
									Sessions
								</th>
								<th scope="col" class="number wide">
									Weight
								</th>
								<th scope="col">
									<span class="hidden">Orders</span>
								</th>
							</tr>
						</thead>
						<tbody>
							{servers.map(server => (
								<ServerRow key={server.name} backend={name} server={server} giveOrder={giveOrder} />
							))}
						</tbody>
					</table>
				</div>
			)}
		</details>
	);
}

function ServerRow({backend, server, giveOrder}: {backend: string; server: Server; giveOrder: GiveOrder}) {
	const {name, address, status, connections, queued, totalSessions, weight, lastCheck = '', backup, sinceMs} = server;
	return (
		<tr data-server={`${backend}/${name}`}>
			<th scope="row">
				{name} <span class="soft">{address}</span>
			</th>
			<td>
				<span class={`pill ${gradeServer(status)}`}>{status}</span> <span class="soft">{formatAge(sinceMs)}</span>
			</td>
			<td class="soft wide">{lastCheck}</td>
			<td class="number">
				{formatNumber(connections)}
				{queued > 0 ? ` + ${queued}` : ''}
			</td>
			<td class="number wide">{formatNumber(totalSessions)}</td>
			<td class="number wide">
				{weight}
				{backup ? ' (backup)' : ''}
			</td>
			<td class="orders">
				<ServerOrders backend={backend} server={server} giveOrder={giveOrder} />
			</td>
		</tr>
	);
}

const QUESTIONS: Readonly<Record<Exclude<ServerState, 'ready'>, {readonly verb: string; readonly text: string}>> = {
	drain: {verb: 'Drain', text: 'It gets no new clients; those that a cookie binds to it still come.'},
	maint: {verb: 'Take it out', text: 'It gets nobody, and is not checked.'},
};

function ServerOrders({backend, server, giveOrder}: {backend: string; server: Server; giveOrder: GiveOrder}) {
	const [asked, setAsked] = useState<Exclude<ServerState, 'ready'>>();
	const [isBusy, setBusy] = useState(false);
	const name = `${backend}/${server.name}`;
	const send = async (state: ServerState): Promise<Outcome> => {
		setBusy(true);
		const outcome = await giveOrder('/api/server', {backend, server: server.name, state});
		setBusy(false);
		return outcome;
	};
	const isOut = /^(MAINT|DRAIN)/.test(server.status);
	return (
		<>
			{isOut ? (
				<button type="button" disabled={isBusy} aria-label={`Put ${name} back`} onClick={() => void send('ready')}>
					Put back
				</button>
			) : (
				<>
					<button type="button" disabled={isBusy} aria-label={`Drain ${name}`} onClick={() => setAsked('drain')}>
						Drain
					</button>
					<button type="button" disabled={isBusy} aria-label={`Take ${name} out`} onClick={() => setAsked('maint')}>
						Out
					</button>
				</>
			)}
			{asked !== undefined && (
				<Confirm
					title={`${QUESTIONS[asked].verb}: ${name}?`}
					verb={QUESTIONS[asked].verb}
					onConfirm={() => send(asked)}
					onClose={() => setAsked(undefined)}
				>
					<p>{QUESTIONS[asked].text} The other node is not touched.</p>
				</Confirm>
			)}
		</>
	);
}
