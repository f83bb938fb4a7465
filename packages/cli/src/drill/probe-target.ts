/**
 * What a drill looks at: the first frontend's first bind on a virtual address. Pure.
 *
 * Decides which binds can be asked by a plain client: not those that expect a PROXY protocol header, nor unix sockets.
 */
import type {Bind, Configuration, Pair} from '@hapair/config';

export interface ProbeTarget {
	readonly address: string;
	/** The interface that has the address on the master. */
	readonly device: string;
	readonly port: number;
	/** Asked for with HEAD; absent: a connection is enough. */
	readonly path?: string;
}

export function findProbeTarget({frontends}: Configuration, pair: Pair): ProbeTarget | undefined {
	for (const frontend of frontends) {
		if (frontend.disabled) continue;
		for (const bind of frontend.binds) {
			const virtual = pair.virtualAddresses.find(address => isServed(bind, address));
			if (virtual === undefined || bind.address.kind !== 'ip') continue;
			const path = frontend.mode === 'http' ? {path: pair.drill?.probePath ?? '/'} : {};
			return {address: virtual.address, device: virtual.interface, port: bind.address.port, ...path};
		}
	}
	return undefined;
}

function isServed({address, acceptProxy, v6only}: Bind, virtual: Pair['virtualAddresses'][number]): boolean {
	if (address.kind !== 'ip' || acceptProxy === true) return false;
	if (address.host === virtual.address) return true;
	if (virtual.family === 4) return address.host === '0.0.0.0' || (address.host === '::' && !v6only);
	return address.host === '::';
}

/** For people. */
export function describeTarget({address, port, path}: ProbeTarget): string {
	const host = address.includes(':') ? `[${address}]` : address;
	return path === undefined ? `tcp ${host}:${port}` : `http://${host}:${port}${path}`;
}
