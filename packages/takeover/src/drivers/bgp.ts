/**
 * `takeover bgp`: BIRD 2 announces the address as a host route while this node is its master.
 *
 * Decides the two steps of a change, the include file and `configure`, and that the route itself is looked for in BIRD's table. Leaves sessions,
 * filters and communities to bird.conf. What is announced by whom else is not judged: in BGP that is the routers' business.
 */
import type {BgpDriver} from '@hapair/config';
import {type BirdInclude, protocolName} from '../bird-include.ts';
import {askBird, wordsOf} from '../bird-socket.ts';
import {type CallContext, type Driver, DriverError, type Observation} from '../driver.ts';

/** "Network not found"; a name that the configuration does not define. */
const notFound = 8001;
const unknownName = 9001;

export class Bgp implements Driver {
	readonly name = 'bgp';
	readonly target: string;
	readonly watchEveryMs = 2000;
	readonly #config: BgpDriver;
	readonly #include: BirdInclude;
	#wanted = false;

	/** `target` is a virtual address. */
	constructor(config: BgpDriver, target: string, include: BirdInclude) {
		this.#config = config;
		this.#include = include;
		this.target = target;
	}

	async read({signal}: CallContext): Promise<Observation> {
		const {control} = this.#config;
		const name = protocolName(this.target);
		const bits = this.target.includes(':') ? 128 : 32;
		const route = await askBird(control, `show route ${this.target}/${bits} protocol ${name}`, signal);
		if (route.code === unknownName && this.#wanted) {
			throw new DriverError(`BIRD has no protocol ${name}: does bird.conf include ${this.#include.path}?`);
		}
		if (route.code === notFound || route.code === unknownName) return {at: 'nowhere'};
		if (route.code >= 8000) throw new DriverError(`BIRD answered ${route.code}: ${wordsOf(route)}`);
		const sessions = (await askBird(control, 'show protocols', signal)).lines.filter(line => /^\S+\s+BGP\s/.test(line));
		const established = sessions.filter(line => /\bEstablished\b/.test(line)).length;
		const detail = `${established} of ${sessions.length} BGP session${sessions.length === 1 ? '' : 's'} established`;
		return {
			at: 'here',
			detail,
			...(established > 0 ? {} : {remark: 'no BGP session is established: nobody hears the route'}),
		};
	}

	async assign(context: CallContext): Promise<undefined> {
		context.mayChange();
		this.#wanted = true;
		await this.#change(context.term, context.signal);
	}

	async poll(): Promise<'done'> {
		return 'done';
	}

	async release({signal}: CallContext): Promise<void> {
		this.#wanted = false;
		await this.#change(undefined, signal);
	}

	/** BIRD is told each time: what it has read may be older than the file. */
	async #change(term: number | undefined, signal: AbortSignal): Promise<void> {
		await this.#include.set(this.target, term);
		const answer = await askBird(this.#config.control, 'configure', signal);
		if (answer.code >= 8000) throw new DriverError(`BIRD did not take its configuration: ${wordsOf(answer)}`);
	}
}
