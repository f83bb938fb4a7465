/**
 * What a driver is: the three questions that every provider can answer about one address, and the way it says no.
 *
 * Decides the interface only. A driver never judges: it asks and orders, and the reconciler decides from the answers. No
 * answer to an order is believed; only `read` says where the address is.
 */

/** Where the network delivers the address: to this node, to its peer, to something that is neither, or to nobody. */
export type Whereabouts = 'here' | 'peer' | 'elsewhere' | 'nowhere';

export interface Observation {
	readonly at: Whereabouts;
	/** The provider's own word for the place, "server 4712". */
	readonly detail?: string;
	/** What else the operator should know, as a clause: "no BGP session is established". */
	readonly remark?: string;
}

/** `running` again later, `done` (which `read` has yet to confirm), or why not. */
export type ActionState = 'running' | 'done' | {readonly failed: string};

export interface CallContext {
	/** Aborted when the call is abandoned: the wish has changed, or its deadline is over. */
	readonly signal: AbortSignal;
	/** Of the claim that this call serves. */
	readonly term: number;
	/** Throws when this node may no longer change anything: to be asked right before each request that does. */
	readonly mayChange: () => void;
}

export interface Driver {
	/** As in the configuration: `hetzner-cloud`. */
	readonly name: string;
	/** The address or its id. */
	readonly target: string;
	/** How often a calm master looks, ms. */
	readonly watchEveryMs: number;
	read(context: CallContext): Promise<Observation>;
	/** Asks for the address. An id when the provider only accepted the order; `poll` follows it. Idempotent. */
	assign(context: CallContext): Promise<string | undefined>;
	poll(action: string, context: CallContext): Promise<ActionState>;
	/**
	 * May the credentials give such orders? Asked by an order that cannot be carried out, which a token that may not write is refused for
	 * another reason. Undefined when the answer does not tell; absent where no such order exists. Nothing moves.
	 */
	mayAssign?(context: CallContext): Promise<boolean | undefined>;
	/** Gives the address up. Absent where an assign by the peer is all it takes. Idempotent. */
	release?(context: CallContext): Promise<void>;
}

/** Why a call failed, as one sentence without secrets. */
export class DriverError extends Error {
	override readonly name = 'DriverError';
	/** Not before this, said by the provider (429), ms. */
	readonly retryAfterMs: number | undefined;
	/** The provider is at work on this address; soon again. */
	readonly busy: boolean;

	constructor(message: string, options: {readonly retryAfterMs?: number | undefined; readonly busy?: boolean} = {}) {
		super(message);
		this.retryAfterMs = options.retryAfterMs;
		this.busy = options.busy ?? false;
	}
}
