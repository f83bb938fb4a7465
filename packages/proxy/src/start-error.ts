/**
 * Why the engine cannot start, in a sentence for the operator.
 *
 * Decides the words for what went wrong at a bind or a stats socket. Leaves errno to `listen-errors.ts`.
 */
import type {Configuration} from '@hapair/config';
import {describeListenError} from './listen-errors.ts';
import {SocketFileError} from './stats/socket-file.ts';
import {BindFailedError, type BindFailure} from './workers/supervisor.ts';

/** The engine cannot start. One sentence, and what to do. */
export class StartError extends Error {
	readonly hint: string | undefined;
	/** Another program listens there: it may let go. */
	readonly inUse: boolean;

	constructor(message: string, hint?: string, inUse = false) {
		super(message);
		this.name = 'StartError';
		this.hint = hint;
		this.inUse = inUse;
	}
}

export function toSocketError(error: unknown): StartError {
	const message = error instanceof Error ? error.message : String(error);
	const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
	const hint = error instanceof SocketFileError ? undefined : 'The directory must exist and be writable at start.';
	return new StartError(`stats socket: ${message}`, hint, inUse);
}

export function toStartError(configuration: Configuration, error: unknown): StartError {
	if (error instanceof BindFailedError) {
		const {message, hint} = describeBindFailure(configuration, error.failure);
		return new StartError(message, hint, error.failure.code === 'EADDRINUSE');
	}
	return new StartError(`A worker could not start: ${error instanceof Error ? error.message : String(error)}`);
}

export function describeBindFailure(configuration: Configuration, {frontend, bind: text, code}: BindFailure) {
	const found = configuration.frontends.find(({name}) => name === frontend)?.binds.find(bind => bind.text === text);
	const address = found?.address ?? {kind: 'ip', host: '', port: 0};
	return describeListenError(text, address, code);
}
