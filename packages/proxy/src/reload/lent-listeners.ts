/**
 * Which listening sockets a new process takes over from the old one, and which worker accepts on which.
 *
 * Pure. Decides by what the kernel knows of a socket: the address and the options it was opened with, not the name of the frontend. A queue
 * that nobody would accept from loses its connections, so every socket of an address that is still wanted finds a worker, whatever their
 * numbers were before. Leaves descriptors and their way from process to process to `listener-post.ts`.
 */
import type {Bind, Configuration} from '@hapair/config';
import type {BindPlace, InheritedListener} from '../worker-messages.ts';

/** A listening socket of the old process. */
export interface LentListener {
	readonly key: string;
	readonly fd: number;
}

export interface AssignedListener extends InheritedListener {
	readonly worker: number;
	/** The descriptor is another worker's too: this one needs a copy. */
	readonly isShared: boolean;
}

/** The name of each bind, the same in both configurations; no address stands twice in one. */
export function keysOfBinds({frontends}: Configuration): readonly (BindPlace & {readonly key: string})[] {
	return frontends.flatMap(({binds, disabled}, frontend) =>
		(disabled ? [] : binds).flatMap((one, bind) => {
			const key = nameOf(one);
			return key === undefined ? [] : {frontend, bind, key};
		}),
	);
}

/** Undefined for what is not this process's to hand on. */
function nameOf({address, interface: device, transparent, v6only}: Bind): string | undefined {
	if (address.kind === 'unix') return `unix ${address.path}`;
	if (address.kind !== 'ip') return undefined;
	const flags = `${transparent ? ' transparent' : ''}${v6only ? ' v6only' : ''}${device === undefined ? '' : ` ${device}`}`;
	return `${address.host} ${address.port}${flags}`;
}

/** Gives each socket to a worker, and each worker a socket of every bind that has one. */
export function assignListeners(
	lent: readonly LentListener[],
	configuration: Configuration,
	workerCount: number,
): {readonly assigned: readonly AssignedListener[]; readonly unused: readonly LentListener[]} {
	const assigned: AssignedListener[] = [];
	const wanted = new Set<string>();
	for (const {key, frontend, bind} of keysOfBinds(configuration)) {
		wanted.add(key);
		const sockets = lent.filter(listener => listener.key === key);
		// A socket file has one socket, the first worker's.
		const isFile = configuration.frontends[frontend]!.binds[bind]!.address.kind === 'unix';
		const workers = isFile ? 1 : workerCount;
		for (const [at, {fd}] of sockets.entries()) {
			assigned.push({frontend, bind, fd, worker: at % workers, isShared: false});
		}
		for (let worker = sockets.length; worker < workers && sockets.length > 0; worker++) {
			assigned.push({frontend, bind, fd: sockets[worker % sockets.length]!.fd, worker, isShared: true});
		}
	}
	return {assigned, unused: lent.filter(({key}) => !wanted.has(key))};
}
