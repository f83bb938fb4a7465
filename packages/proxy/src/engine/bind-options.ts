/**
 * What a bind line wants of its socket beyond listening: a socket file of its own (`unix@`, `mode`) and one interface (`interface`).
 *
 * Decides when a socket file may be replaced: only when nobody answers behind it. Leaves listening to `listener.ts`.
 */
import {chmodSync, existsSync, lstatSync, renameSync, unlinkSync} from 'node:fs';
import net from 'node:net';
import type {Bind} from '@hapair/config';
import {systemCalls} from '../system/calls.ts';

/** Removes the file of a program that ended without doing so. Gives the code of an error when one that is alive has it, or it is no socket. */
export function removeStaleSocket(path: string): Promise<string | undefined> {
	return new Promise(resolve => {
		const probe = net.connect(path, () => {
			probe.destroy();
			resolve('EADDRINUSE');
		});
		probe.once('error', (error: NodeJS.ErrnoException) => {
			// Refused: there is a socket and nobody listens. Anything else is not ours to remove.
			if (error.code === 'ECONNREFUSED' && lstatSync(path).isSocket()) unlinkSync(path);
			resolve(existsSync(path) ? 'EADDRINUSE' : undefined);
		});
	});
}

/** Where a socket file is made; it appears under its name only when it listens, in place of an older one, so that the name never leads nowhere. */
export function temporaryPath(path: string): string {
	return `${path}.${process.pid}.tmp`;
}

/** Applies the options of a socket that listens now, `isNew` when it was opened here; returns what went wrong, as an error code. */
export function applyBindOptions(bind: Bind, fd: number | undefined, isNew: boolean): string | undefined {
	const {address} = bind;
	if (address.kind === 'unix') {
		const path = isNew ? temporaryPath(address.path) : address.path;
		try {
			if (bind.mode !== undefined) chmodSync(path, bind.mode);
			if (isNew) renameSync(path, address.path);
		} catch (error) {
			return (error as NodeJS.ErrnoException).code ?? 'EIO';
		}
	}
	// A socket that was handed on is on its interface already, and this process may have no right to say so any more.
	if (bind.interface === undefined || address.kind !== 'ip' || !isNew) return undefined;
	// Rather no service than one on every interface.
	const isBound = fd !== undefined && systemCalls()?.bindToDevice(fd, bind.interface) === true;
	return isBound ? undefined : 'ENODEV';
}
