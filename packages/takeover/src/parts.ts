/**
 * What every provider's driver is given: how to reach the network, how to read its secret, and which machine is which.
 *
 * Decides how a provider's id of a machine becomes a whereabouts. Secrets are read at each use, so that a changed file needs no restart
 * and one that was opened to others since is refused.
 */
import type {Fetch} from './api.ts';
import {DriverError, type Observation} from './driver.ts';

export interface ProviderParts {
	readonly fetcher: Fetch;
	/** The file's content without white space around it. Throws an `Error` whose message names the file and what is wrong. */
	readonly readSecret: (path: string) => string;
	/** The provider's id of this node and of its peer. */
	readonly own: string;
	readonly peer: string;
	/** `word` names the kind of machine, `id` is the provider's value for it: absent or null when the address is nowhere. */
	readonly locate: (word: string, id: unknown) => Observation;
}

export function locateMachine(word: string, id: unknown, own: string, peer: string): Observation {
	if (id === undefined || id === null || id === '') return {at: 'nowhere'};
	if (typeof id !== 'string' && typeof id !== 'number') throw new DriverError(`the provider's ${word} is not an id`);
	const text = String(id);
	if (text === own) return {at: 'here', detail: `${word} ${text}`};
	return {at: text === peer ? 'peer' : 'elsewhere', detail: `${word} ${text}`};
}
