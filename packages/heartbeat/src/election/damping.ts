/**
 * Flap damping: a peer that fails again and again does not get the address back each time (RFC 2439's penalty, for two nodes).
 *
 * Each failure adds one to the peer's penalty, which halves with time; the penalty lengthens how long the peer must have been fit
 * before a *voluntary* move in its favour. It never delays leaving a node that cannot serve. A peer that resigned, or that an
 * operator keeps out, has not failed.
 */
import {livePeer, report, type Work} from './work.ts';

/** At this penalty it is worth an alarm: two failures within a half-life. */
const ALARM_AT = 1.5;

/** Watches whether the peer is fit. Called in every step. */
export function evaluateDamping(work: Work): void {
	const {state, nowMs} = work;
	const said = livePeer(state)?.said;
	const fit = said?.eligible === true;
	if (fit === state.peerFit) return;
	state.peerFit = fit;
	// Also while nothing is considered: a peer that does not hear this node, or a rest after a move that came to nothing.
	state.peerBetterSinceMs = undefined;
	const failed = !fit && state.peer?.said.resigning !== true;
	if (!failed) return;
	const penalty = penaltyOf(work) + 1;
	state.peerPenalty = penalty;
	state.peerPenaltyMs = nowMs;
	if (penalty < ALARM_AT) return;
	const {peerName} = state.settings;
	const holdS = Math.max(1, Math.round(dampingHoldMs(work) / 1000));
	report(
		work,
		'flap',
		`${peerName} fails again and again: it gets the address back when it has been fit for ${holdS} s`,
	);
}

function penaltyOf({state, nowMs}: Work): number {
	return state.peerPenalty * 0.5 ** ((nowMs - state.peerPenaltyMs) / state.settings.damping.halfLifeMs);
}

/** How long the peer must have been fit: one hold after one failure, three after two in a row, seven after three; bounded. */
export function dampingHoldMs(work: Work): number {
	const {holdMs, longestHoldMs} = work.state.settings.damping;
	const penalty = penaltyOf(work);
	// What is left of a penalty after four half-lives is forgiven.
	if (penalty < 1 / 16) return 0;
	return Math.min(longestHoldMs, holdMs * (2 ** penalty - 1));
}
