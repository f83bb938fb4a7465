/**
 * Which inherited descriptors a configuration listens on (`bind fd@N`), and how a child gets them.
 *
 * Pure. Node closes what it inherited when it starts another program, unless the descriptor is named in `stdio`.
 */
import type {Configuration} from '@hapair/config';

/** Numbers of all `fd@N` binds, each once, ascending. */
export function inheritedDescriptors(configuration: Configuration): readonly number[] {
	const numbers = new Set<number>();
	for (const {binds} of configuration.frontends) {
		for (const {address} of binds) if (address.kind === 'fd') numbers.add(address.fd);
	}
	for (const {address} of configuration.global.statsSockets) if (address.kind === 'fd') numbers.add(address.fd);
	return [...numbers].sort((a, b) => a - b);
}

/** `stdio` of a child that keeps `descriptors` at their numbers, with its IPC channel in the first free place. */
export function childStdio(descriptors: readonly number[]): ('ignore' | 'pipe' | 'ipc' | number)[] {
	const stdio: ('ignore' | 'pipe' | 'ipc' | number)[] = ['ignore', 'ignore', 'pipe'];
	for (const descriptor of descriptors) {
		while (stdio.length < descriptor) stdio.push('ignore');
		stdio[descriptor] = descriptor;
	}
	const free = stdio.findIndex((entry, place) => place > 2 && entry === 'ignore');
	stdio[free === -1 ? stdio.length : free] = 'ipc';
	return stdio;
}
