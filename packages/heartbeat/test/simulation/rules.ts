/**
 * The product code under simulation, as a value: the mutation test hands over a copy with one rule broken.
 */
import {admit, createElection, leaseMs, nextDeadlineMs, step} from '../../src/index.ts';

export interface Rules {
	readonly createElection: typeof createElection;
	readonly step: typeof step;
	readonly nextDeadlineMs: typeof nextDeadlineMs;
	readonly admit: typeof admit;
	readonly leaseMs: typeof leaseMs;
}

export const productRules: Rules = {createElection, step, nextDeadlineMs, admit, leaseMs};
