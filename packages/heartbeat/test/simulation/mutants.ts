/**
 * The product's rules with one of them broken, each of which the simulation must catch.
 *
 * A mutant changes what a step is told, what it knows or what it asks for: the code under test itself stays as it is.
 */
import type {Advertisement, Effect, ElectionEvent, ElectionState, Step} from '../../src/index.ts';
import {productRules, type Rules} from './rules.ts';

type StepRule = Rules['step'];

/** Makes a fresh copy for each schedule, since some remember. */
export type Mutant = readonly [name: string, make: () => Rules];

function breakStep(change: (inner: StepRule) => StepRule): () => Rules {
	return () => ({...productRules, step: change(productRules.step)});
}

/** Changes what the node hears. */
function mishear(change: (said: Advertisement, state: ElectionState) => Advertisement): () => Rules {
	return breakStep(inner => (state, event, nowMs) => {
		if (event.type !== 'advertisement') return inner(state, event, nowMs);
		return inner(state, {...event, advertisement: change(event.advertisement, state)}, nowMs);
	});
}

/** Changes what the node remembers between two steps. */
function misremember(
	change: (state: ElectionState, event: ElectionEvent, nowMs: number) => ElectionState,
): () => Rules {
	return breakStep(inner => (state, event, nowMs) => inner(change(state, event, nowMs), event, nowMs));
}

/** Changes what comes of a step. */
function misact(change: (step: Step, before: ElectionState) => Step): () => Rules {
	return breakStep(inner => (state, event, nowMs) => change(inner(state, event, nowMs), state));
}

function without(effects: readonly Effect[], type: Effect['type']): readonly Effect[] {
	return effects.filter(effect => effect.type !== type);
}

/**
 * Rules that were found missing by the simulation, and the seed that shows it. They break so rarely that only that seed is
 * played.
 */
export const rareMutants: readonly (readonly [...Mutant, seed: number])[] = [
	[
		'an unproven boot that speaks for the address delays no claim',
		misremember(state => ({...state, noClaimBeforeMs: 0})),
		512,
	],
	[
		'an unproven boot that is still releasing the address delays no claim',
		breakStep(inner => (state, event, nowMs) => {
			if (event.type !== 'unproven') return inner(state, event, nowMs);
			return inner(state, {...event, advertisement: {...event.advertisement, holdsAddress: false}}, nowMs);
		}),
		100_251_901,
	],
	[
		'another event that comes after a deadline judges by it, before the socket is read',
		breakStep(inner => (state, event, nowMs) => {
			const isDue = nowMs >= (productRules.nextDeadlineMs(state) ?? Number.POSITIVE_INFINITY);
			if (event.type === 'tick' || !isDue) return inner(state, event, nowMs);
			const told = inner(state, event, nowMs);
			const {noClaimBeforeMs} = state;
			const tick = inner({...told.state, noClaimBeforeMs}, {type: 'tick'}, nowMs);
			return {state: tick.state, effects: [...told.effects, ...tick.effects]};
		}),
		200_892_757,
	],
	[
		'a node that was late believes the first word that waited in its socket',
		breakStep(inner => (state, event, nowMs) => {
			const step = inner(state, event, nowMs);
			if (event.type === 'stalled' || step.effects.some(({type}) => type === 'event')) return step;
			return {...step, state: {...step.state, staleUntilSequence: state.staleUntilSequence}};
		}),
		303_887,
	],
];

export const mutants: readonly Mutant[] = [
	[
		'the witness refuses and is not obeyed',
		breakStep(inner => (state, event, nowMs) => {
			if (event.type !== 'witnessAnswered' || event.reply.verdict !== 'held') return inner(state, event, nowMs);
			return inner(state, {...event, reply: {...event.reply, verdict: 'granted'}}, nowMs);
		}),
	],
	[
		'a master that loses its carrier stays',
		breakStep(inner => (state, event, nowMs) => {
			if (event.type !== 'carrier' || event.up || state.node !== 'master') return inner(state, event, nowMs);
			return inner({...state, connected: false}, {type: 'tick'}, nowMs);
		}),
	],
	[
		'failures of the peer are forgotten at once',
		misremember(state => (state.peerPenalty > 0 ? {...state, peerPenalty: 0} : state)),
	],
	[
		'consent lasts for ever',
		misremember(state =>
			state.consent.untilMs > 0 ? {...state, consent: {...state.consent, untilMs: Number.MAX_SAFE_INTEGER}} : state,
		),
	],
	[
		'consent is given back although the lease hangs on it',
		breakStep(inner => (state, event, nowMs) => {
			const step = inner(state, event, nowMs);
			if (event.type !== 'witnessAnswered' || event.reply.verdict !== 'granted') return step;
			const {consent, node, term} = step.state;
			if (node !== 'master') return step;
			const number = consent.number + 1;
			const giveBack = {type: 'askWitness', question: {number, kind: 'giveBack', term, wantMs: 0}} as const;
			const returned = {...consent, number, untilMs: 0, aloneSinceMs: undefined, open: []};
			return {state: {...step.state, consent: returned}, effects: [...step.effects, giveBack]};
		}),
	],
	[
		'a master with a witness renews its lease because it speaks',
		breakStep(inner => (state, event, nowMs) => {
			const step = inner(state, event, nowMs);
			const {node, address, settings} = step.state;
			if (settings.witnessed !== true || node !== 'master' || address !== 'held') return step;
			const leaseEndsMs = nowMs + productRules.leaseMs(settings.advertIntervalMs);
			const effects = step.effects.map(effect =>
				effect.type === 'sendAdvertisement' ? {...effect, renewsLease: true} : effect,
			);
			return {state: {...step.state, leaseEndsMs}, effects};
		}),
	],
	[
		'the lower term wins',
		mishear((said, {term}) =>
			said.state === 'master' || said.claiming ? {...said, term: 2 * term - said.term} : said,
		),
	],
	['no lease: whoever was master answers for ever', () => ({...productRules, leaseMs: () => Number.MAX_SAFE_INTEGER})],
	['a lease as long as the master-down interval', () => ({...productRules, leaseMs: interval => 4 * interval})],
	[
		'the address is promised before it is released',
		misact(step => {
			if (step.state.address !== 'releasing') return step;
			return {...step, state: {...step.state, address: 'none'}};
		}),
	],
	['recordings are believed', () => ({...productRules, admit: guard => ({guard, admission: 'accept'})})],
	[
		'own stalls are not noticed',
		breakStep(inner => (state, event, nowMs) => {
			const {advertIntervalMs} = state.settings;
			const late = nowMs - (productRules.nextDeadlineMs(state) ?? nowMs) > advertIntervalMs / 4;
			const leaseEndsMs = state.node === 'master' ? Number.MAX_SAFE_INTEGER : state.leaseEndsMs;
			if (!late) return inner(state, event, nowMs);
			// The clock is set back to the deadline, so that nothing seems to have passed.
			const seenMs = productRules.nextDeadlineMs(state) ?? nowMs;
			return inner({...state, leaseEndsMs}, event, seenMs);
		}),
	],
	[
		'stickiness before fitness',
		mishear((said, state) => (state.node === 'master' ? {...said, eligible: false} : said)),
	],
	[
		'ties are not broken',
		mishear((said, {settings, claim, term}) => {
			const equal = said.priority === settings.priority && said.term === (claim?.term ?? term);
			return equal ? {...said, state: 'backup', claiming: false} : said;
		}),
	],
	['a promise may be broken at once', misremember(state => ({...state, boundUntilSequence: 0}))],
	[
		'silence is judged after two intervals',
		misremember((state, event, nowMs) => {
			if (event.type !== 'tick' || state.peer === undefined) return state;
			const {heardAtMs} = state.peer;
			const {advertIntervalMs} = state.settings;
			if (nowMs < heardAtMs + 2 * advertIntervalMs) return state;
			return {...state, peer: {...state.peer, heardAtMs: heardAtMs - 2 * advertIntervalMs}};
		}),
	],
	[
		'hold is taken for claim',
		() => ({
			...productRules,
			createElection: (settings, nowMs) => productRules.createElection({...settings, onIsolation: 'claim'}, nowMs),
		}),
	],
	[
		'the address is not released at a step down',
		misact(step => ({...step, effects: without(step.effects, 'release')})),
	],
	[
		'a claim does not raise the term',
		misact((step, before) => {
			const claim = step.state.claim;
			if (claim === undefined || before.claim !== undefined) return step;
			const term = before.term;
			const effects = step.effects.map(effect => (effect.type === 'claim' ? {...effect, term} : effect));
			return {state: {...step.state, term, claim: {...claim, term}}, effects};
		}),
	],
	[
		'a failed takeover counts as done',
		breakStep(inner => (state, event, nowMs) => {
			if (event.type !== 'claimFailed') return inner(state, event, nowMs);
			return inner(state, {type: 'claimSucceeded', term: event.term}, nowMs);
		}),
	],
	[
		'a move that only makes room is taken for an operator’s',
		breakStep(inner => (state, event, nowMs) => {
			return inner(state, event.type === 'failover' ? {...event, mayReturn: false} : event, nowMs);
		}),
	],
	['nobody is answered', misact(step => ({...step, effects: without(step.effects, 'result')}))],
	[
		'a refusal does not travel',
		breakStep(inner => (state, event, nowMs) => {
			const {wants} = state;
			const deaf = wants && {...wants, masterAnswered: false, deadlineMs: Number.MAX_SAFE_INTEGER};
			if (event.type !== 'advertisement') return inner({...state, wants: deaf}, event, nowMs);
			return inner(
				{...state, wants: deaf},
				{...event, advertisement: {...event.advertisement, refusal: undefined}},
				nowMs,
			);
		}),
	],
	['no handover is ever completed', misremember(state => ({...state, handover: undefined}))],
	['preemption is forgotten', misremember(state => ({...state, peerBetterSinceMs: undefined}))],
];
