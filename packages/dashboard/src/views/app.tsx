/**
 * The whole page: the login while there is no session, then the pair, live.
 *
 * Decides what is shown when, and keeps the last answer of an order in sight. Leaves each part to its file.
 */
import {useEffect, useReducer, useState} from 'preact/hooks';
import {order} from '../api.ts';
import {type FeedCondition, openFeed} from '../feed.ts';
import type {Outcome} from '../messages.ts';
import {applyMessage, emptyView} from '../view-state.ts';
import {Configuration} from './configuration.tsx';
import {Drills} from './drills.tsx';
import {Header} from './header.tsx';
import {Login} from './login.tsx';
import {PairView} from './pair.tsx';
import {Plots} from './plots.tsx';
import {ProgressContext} from './progress.ts';
import {Timeline} from './timeline.tsx';
import {Traffic} from './traffic.tsx';

/** Carries an order out and shows what came of it; `quiet` where the asker shows it. */
export type GiveOrder = (path: string, body: Readonly<Record<string, unknown>>, how?: 'quiet') => Promise<Outcome>;

/** For how long it is said that something was done. */
const SHOWN_MS = 10_000;

export function App() {
	const [view, tell] = useReducer(applyMessage, emptyView);
	const [condition, setCondition] = useState<FeedCondition>('connecting');
	const [session, setSession] = useState(0);
	const [outcome, setOutcome] = useState<Outcome>();
	// A feed for each session: `session` counts the logins.
	useEffect(() => (session < 0 ? undefined : openFeed({onMessage: tell, onCondition: setCondition})), [session]);
	const {status, samples, records, drills, progress} = view;
	const pairName = status?.pair?.name;
	useEffect(() => {
		document.title = pairName === undefined ? 'hapair' : `${pairName} · hapair`;
	}, [pairName]);

	if (condition === 'locked') return <Login onDone={() => setSession(session + 1)} />;
	const giveOrder: GiveOrder = async (path, body, how) => {
		const answer = await order(path, body);
		if (how !== 'quiet') setOutcome(answer);
		return answer;
	};
	const logOut = async (): Promise<void> => {
		await order('/api/logout', {});
		setOutcome(undefined);
		setCondition('locked');
	};
	return (
		<ProgressContext.Provider value={progress}>
			<Header status={status} condition={condition} onLogOut={() => void logOut()} />
			<main>
				{status === undefined ? (
					<p class="waiting">Waiting for the daemon …</p>
				) : (
					<>
						{status.pair !== undefined && <PairView pair={status.pair} records={records} giveOrder={giveOrder} />}
						<Plots samples={samples} />
						<Traffic proxy={status.proxy} samples={samples} giveOrder={giveOrder} />
						{status.pair !== undefined && (
							<div class="works">
								<Drills pair={status.pair} drills={drills} giveOrder={giveOrder} />
								<Configuration status={status} pair={status.pair} giveOrder={giveOrder} />
							</div>
						)}
						<Timeline records={records} />
					</>
				)}
			</main>
			<Answer outcome={outcome} onClose={() => setOutcome(undefined)} />
		</ProgressContext.Provider>
	);
}

/** Said to screen readers as well, at once. */
function Answer({outcome, onClose}: {outcome: Outcome | undefined; onClose: () => void}) {
	useEffect(() => {
		// What went wrong stays until somebody has read it.
		if (outcome?.ok !== true) return undefined;
		const timer = setTimeout(onClose, SHOWN_MS);
		return () => clearTimeout(timer);
	}, [outcome]);
	return (
		<div class="answer" role="status" aria-live="polite">
			{outcome !== undefined && (
				<div class={`answer-card ${outcome.ok ? 'good' : 'bad'}`}>
					<span class="answer-text">
						<strong>{outcome.ok ? 'Done.' : 'Not done.'}</strong> {outcome.message}
					</span>
					<button type="button" class="quiet" onClick={onClose} aria-label="Close this message">
						✕
					</button>
				</div>
			)}
		</div>
	);
}
