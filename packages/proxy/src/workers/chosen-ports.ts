/**
 * Ports that the kernel chose for binds with port 0: the first worker's choice is everybody's.
 *
 * Pure. Decides where they stand in the configuration that later workers get.
 */
import type {Configuration} from '@hapair/config';
import type {BoundPort} from '../worker-messages.ts';

export function hasChosenPorts(configuration: Configuration): boolean {
	return configuration.frontends.some(({binds}) =>
		binds.some(({address}) => address.kind === 'ip' && address.port === 0),
	);
}

/** The configuration with the ports that the kernel chose in place of 0. */
export function withPorts(configuration: Configuration, ports: readonly BoundPort[]): Configuration {
	if (!hasChosenPorts(configuration)) return configuration;
	const frontends = configuration.frontends.map((frontend, frontendIndex) => ({
		...frontend,
		binds: frontend.binds.map((bind, bindIndex) => {
			const bound = ports.find(port => port.frontend === frontendIndex && port.bind === bindIndex);
			if (bind.address.kind !== 'ip' || bind.address.port !== 0 || !bound) return bind;
			return {...bind, address: {...bind.address, port: bound.port}};
		}),
	}));
	return {...configuration, frontends};
}
