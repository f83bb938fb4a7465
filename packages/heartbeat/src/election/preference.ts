/**
 * Which node of the pair is the preferred one, by configuration alone (pure).
 */
import {comparePreference} from '../rank.ts';
import type {ElectionState} from './state.ts';

/** Is this node the preferred one of the pair (priority, then address)? Static: it decides who wakes first. */
export function isPreferred(state: ElectionState): boolean {
	const {priority, address, peerPriority, peerAddress} = state.settings;
	return comparePreference({priority, address}, {priority: peerPriority, address: peerAddress}) > 0;
}
