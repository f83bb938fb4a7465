/** Drills: when the pair was last proven to move its address, what comes, how the former ones ended, and the order to hold one. */
import {useState} from 'preact/hooks';
import {describeDrills} from '../cards.ts';
import {formatAge, formatMs, formatTime} from '../format.ts';
import type {Outcome, Pair, PairRecord} from '../messages.ts';
import type {GiveOrder} from './app.tsx';
import {Confirm, End} from './confirm.tsx';
import {usePreview} from './preview.ts';
import {WorkCard} from './work-card.tsx';

interface DrillsProps {
	readonly pair: Pair;
	/** Newest first. */
	readonly drills: readonly PairRecord[];
	readonly giveOrder: GiveOrder;
}

const PAINT: Readonly<Record<string, string>> = {passed: 'good', failed: 'bad', refused: 'warn'};

export function Drills({pair, drills, giveOrder}: DrillsProps) {
	const [isAsked, setAsked] = useState(false);
	const nowMs = Date.now();
	return (
		<WorkCard id="drills-title" title="Drills" {...describeDrills(pair, nowMs)}>
			<div class="buttons">
				<button type="button" disabled={pair.drill?.running === true} onClick={() => setAsked(true)}>
					Hold a drill …
				</button>
			</div>
			{drills.length > 0 && (
				<details open>
					<summary>The last {drills.length === 1 ? 'drill' : `${drills.length} drills`}</summary>
					<ol class="drills">
						{drills.map(drill => (
							<Drill key={drill.id} drill={drill} nowMs={nowMs} />
						))}
					</ol>
				</details>
			)}
			{isAsked && <DrillDialog pair={pair} giveOrder={giveOrder} onClose={() => setAsked(false)} />}
		</WorkCard>
	);
}

function Drill({drill, nowMs}: {drill: PairRecord; nowMs: number}) {
	const {time, result = '', giver, taker, by, reason} = drill;
	return (
		<li>
			<time dateTime={time}>{formatTime(time, nowMs)}</time>
			<span class={`pill ${PAINT[result] ?? ''}`}>{result}</span>
			<span>
				{giver} → {taker}
				{describeGaps(drill)} <span class="soft">by {by === 'peer' ? 'the other node' : by}</span>
			</span>
			{result !== 'passed' && <p class="reason">{reason}</p>}
		</li>
	);
}

/** For how long nobody answered. */
function describeGaps({gapMs, returnGapMs}: Pick<PairRecord, 'gapMs' | 'returnGapMs'>): string {
	if (gapMs === undefined) return '';
	return `, ${formatMs(gapMs)} without an answer${returnGapMs === undefined ? '' : `, ${formatMs(returnGapMs)} on the way back`}`;
}

function DrillDialog({pair, giveOrder, onClose}: Omit<DrillsProps, 'drills'> & {onClose: () => void}) {
	const [isHasty, setHasty] = useState(false);
	const settle = isHasty ? {settleMs: 0} : {};
	const preview = usePreview('/api/drill', {dryRun: true, ...settle});
	const holder = pair.nodes.find(({holdsAddress}) => holdsAddress);
	const taker = pair.nodes.find(node => node !== holder);
	return (
		<Confirm
			title="Hold a drill?"
			verb="Hold it"
			command="drill"
			isBlocked={preview?.ok !== true}
			renderEnd={outcome => <DrillEnd outcome={outcome} />}
			onConfirm={() => giveOrder('/api/drill', settle, 'quiet')}
			onClose={onClose}
		>
			<p>
				{holder?.name ?? 'The master'} gives the address to {taker?.name ?? 'its peer'} as planned, while it is measured
				for how long nobody answers. Requests are not lost. Whether it comes back is the pair's policy.
			</p>
			<p class={preview === undefined ? 'soft' : preview.ok ? 'ready' : 'problem'} role="status">
				{preview === undefined ? 'Asking whether a drill could begin …' : preview.message}
			</p>
			<label class="check">
				<input type="checkbox" checked={isHasty} onChange={({currentTarget}) => setHasty(currentTarget.checked)} />
				Even if the pair changed a moment ago
			</label>
		</Confirm>
	);
}

function DrillEnd({outcome}: {outcome: Outcome}) {
	const {drill} = outcome;
	return (
		<>
			<End outcome={outcome} />
			{drill !== undefined && (
				<p class="soft">
					{drill.giver} → {drill.taker}
					{describeGaps(drill)}
					{drill.durationMs === undefined ? '' : `, ${formatAge(drill.durationMs)} in all`}
				</p>
			)}
		</>
	);
}
