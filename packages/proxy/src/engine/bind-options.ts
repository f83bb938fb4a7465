/**
 * What a bind line wants of its socket beyond listening: a socket file of its own (`unix@`, `mode`) and one interface (`interface`).
 *
 * Decides when a socket file may be replaced: only when nobody answers behind it. Leaves listening to `listener.ts`.
 */
import {chmodSync, unlinkSync} from 'node:fs';
import net from 'node:net';
import type {Bind} from '@hapair/config';
import {systemCalls} from '../system/calls.ts';

/** Removes the file of a program that ended without doing so. One that is alive keeps it, and the bind fails. */
export function removeStaleSocket(path: string): Promise<void> {
	return new Promise(resolve => {
		const probe = net.connect(path, () => {
			probe.destroy();
			resolve();
		});
		probe.once('error', (error: NodeJS.ErrnoException) => {
			// Refused: there is a socket and nobody listens. Anything else is not ours to remove.
			if (error.code === 'ECONNREFUSED') unlinkSync(path);
			resolve();
		});
	});
}

/** Applies the options of a socket that listens now; returns what went wrong, as an error code. */
export function applyBindOptions(bind: Bind, fd: number | undefined): string | undefined {
	const {address} = bind;
	if (address.kind === 'unix' && bind.mode !== undefined) {
		try {
			chmodSync(address.path, bind.mode);
		} catch (error) {
			return (error as NodeJS.ErrnoException).code ?? 'EIO';
		}
	}
	if (bind.interface === undefined || address.kind !== 'ip') return undefined;
	// Rather no service than one on every interface.
	const isBound = fd !== undefined && systemCalls()?.bindToDevice(fd, bind.interface) === true;
	return isBound ? undefined : 'ENODEV';
}
