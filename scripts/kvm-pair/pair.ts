/**
 * What runs on the guests, whatever program it is: the verbs that events need.
 */
import type {Guest} from './guest.ts';
import type {Stage} from './stage.ts';

export interface Roles {
	/** Holds the address. */
	readonly master: Guest;
	readonly backup: Guest;
}

export interface Pair {
	readonly stage: Stage;
	/** hapair, or what it is measured beside. */
	readonly title: string;
	/** Who is what, as soon as one node holds the address and the other one could take it. Boots guests that have no power. */
	awaitPair(): Promise<Roles>;
	/** Resolves when this guest holds the address, as it says itself. */
	awaitHolder(guest: Guest): Promise<void>;
}

/** From one question to the next: an emulated processor that is asked each second does little else. */
export const askEveryMs = {kvm: 500, tcg: 6000} as const;

/** Boots every guest that has no power, side by side. */
export async function powerAll({guests}: Stage): Promise<void> {
	await Promise.all(Object.values(guests).map(guest => (guest.pid === 0 ? guest.start() : undefined)));
}

/** The other node of the two. */
export function otherThan(guest: Guest, {guests: {lb1, lb2}}: Stage): Guest {
	return guest === lb1 ? lb2 : lb1;
}
