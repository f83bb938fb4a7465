/** The pair: one sentence, both nodes with what lies between them, and the orders that move the address. */
import {useState} from 'preact/hooks';
import {formatAge, formatMs} from '../format.ts';
import {judgePair} from '../judgement.ts';
import type {Pair, PairNode, PairRecord, Path} from '../messages.ts';
import type {GiveOrder} from './app.tsx';
import {Confirm} from './confirm.tsx';
import {FactList} from './work-card.tsx';

interface PairProps {
	readonly pair: Pair;
	/** Newest first. */
	readonly records: readonly PairRecord[];
	readonly giveOrder: GiveOrder;
}

export function PairView({pair, records, giveOrder}: PairProps) {
	const {grade, headline, detail} = judgePair(pair, records, Date.now());
	const [own, peer] = pair.nodes;
	return (
		<section aria-labelledby="pair-title" class="pair">
			<div class={`verdict ${grade}`} role="status">
				<h2 id="pair-title">{headline}</h2>
				<p>{detail}</p>
			</div>
			<div class="nodes">
				<NodeCard node={own} pair={pair}>
					<Maintenance node={own} giveOrder={giveOrder} />
				</NodeCard>
				<Between pair={pair} giveOrder={giveOrder} />
				<NodeCard node={peer} pair={pair} />
			</div>
		</section>
	);
}

function NodeCard({node, pair, children}: {node: PairNode; pair: Pair; children?: preact.ComponentChildren}) {
	const {name, address, state, holdsAddress, sinceMs, lastHeardMs, maintenance, eligible, reasons, self, reason} = node;
	const facts: [string, string][] = [
		['Address', address],
		...(sinceMs === undefined ? [] : [['In this state for', formatAge(sinceMs)] as [string, string]]),
		...(self || lastHeardMs === undefined ? [] : [['Last heard', `${formatAge(lastHeardMs)} ago`] as [string, string]]),
		['May hold the address', maintenance ? 'no, in maintenance' : eligible ? 'yes' : 'no'],
		...(self
			? [
					['Lease', pair.lease === 'none' ? 'none' : `${formatMs(pair.leaseMs)}, kept by the ${pair.lease}`] as [
						string,
						string,
					],
				]
			: []),
		['Priority, term', `${node.priority}, ${node.term}`],
	];
	return (
		<article class={`card node ${holdsAddress ? 'holder' : ''}`} aria-label={`Node ${name}`} data-node={name}>
			<h3>
				{name} <span class={`pill ${state}`}>{state}</span>
			</h3>
			{holdsAddress && (
				<p class="holds">holds {pair.virtualAddresses.map(vip => `${vip.address} on ${vip.interface}`).join(', ')}</p>
			)}
			<FactList facts={facts} />
			{[...(self && reason !== undefined ? [reason] : []), ...reasons].map(text => (
				<p key={text} class="reason">
					{text}
				</p>
			))}
			{children}
		</article>
	);
}

function Between({pair, giveOrder}: Omit<PairProps, 'records'>) {
	const [isAsked, setAsked] = useState(false);
	const holder = pair.nodes.find(({holdsAddress}) => holdsAddress);
	const taker = pair.nodes.find(node => node !== holder);
	return (
		<div class="between">
			<ul class="paths" aria-label="Paths between the nodes">
				{pair.paths.map(path => (
					<PathLine key={`${path.local} ${path.remote}`} path={path} isCut={!pair.nodes[1].alive} />
				))}
			</ul>
			{pair.drift === true && <span class="pill warn">drift</span>}
			{pair.verdict !== undefined && (
				<span class={`pill ${pair.verdict === 'healthy' ? 'good' : 'bad'}`}>{pair.verdict}</span>
			)}
			{pair.witness !== undefined && (
				<span class={`pill ${pair.witness.reachable ? 'good' : 'warn'}`}>
					witness {pair.witness.reachable ? 'answers' : 'is silent'}
				</span>
			)}
			{holder !== undefined && taker !== undefined && (
				<button
					type="button"
					class="primary"
					disabled={!taker.alive}
					title={taker.alive ? undefined : `${taker.name} is silent`}
					onClick={() => setAsked(true)}
				>
					Move address to {taker.name}
				</button>
			)}
			{isAsked && holder !== undefined && taker !== undefined && (
				<Confirm
					title={`Move the address to ${taker.name}?`}
					verb="Move it"
					command="failover"
					forceText={`Even if ${taker.name} cannot serve, is in maintenance or has another configuration`}
					onConfirm={force => giveOrder('/api/failover', {force})}
					onClose={() => setAsked(false)}
				>
					<p>
						{holder.name} finishes what is under way, then {taker.name} takes{' '}
						{pair.virtualAddresses.map(vip => vip.address).join(', ')}. Requests are not lost; connections that stay
						open for long are closed.
					</p>
				</Confirm>
			)}
		</div>
	);
}

function PathLine({path, isCut}: {path: Path; isCut: boolean}) {
	const {local, remote, lossPercent, roundTripMs} = path;
	const quality = isCut
		? 'silent'
		: [roundTripMs === undefined ? '' : formatMs(roundTripMs), lossPercent > 0 ? `${lossPercent} % lost` : '']
				.filter(Boolean)
				.join(', ');
	return (
		<li class={isCut ? 'bad' : lossPercent > 0 ? 'warn' : 'good'} title={`${local} to ${remote}`}>
			<span class="wire" aria-hidden="true" />
			<span>{quality || 'heard'}</span>
		</li>
	);
}

function Maintenance({node, giveOrder}: {node: PairNode; giveOrder: GiveOrder}) {
	const [isAsked, setAsked] = useState(false);
	const [isBusy, setBusy] = useState(false);
	const end = async (): Promise<void> => {
		setBusy(true);
		await giveOrder('/api/maintenance', {on: false});
		setBusy(false);
	};
	if (node.maintenance)
		return (
			<button type="button" disabled={isBusy} onClick={() => void end()}>
				End maintenance
			</button>
		);
	return (
		<>
			<button type="button" onClick={() => setAsked(true)}>
				Begin maintenance
			</button>
			{isAsked && (
				<Confirm
					title={`Take ${node.name} out?`}
					verb="Begin maintenance"
					command="maintenance"
					forceText="Even if nobody can take the address over"
					onConfirm={force => giveOrder('/api/maintenance', {on: true, force})}
					onClose={() => setAsked(false)}
				>
					<p>
						{node.holdsAddress ? 'It hands the address over first. ' : ''}It is not chosen for the address until
						maintenance ends.
					</p>
				</Confirm>
			)}
		</>
	);
}
