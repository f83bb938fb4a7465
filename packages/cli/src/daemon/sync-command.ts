/**
 * `hapair sync` at the daemon: the difference as one reply, then a result.
 *
 * Decides the exit codes: what the other node or this one refuses is `refused`, a peer that cannot be asked `failed`.
 */
import {exitCodes, UserError} from '../exit-codes.ts';
import {PeerError, PeerRefusal} from '../peer/peer-session.ts';
import type {SyncService} from '../sync/sync-service.ts';
import type {ControlConnection} from './control-socket.ts';

/** Resolves when the answer is complete. */
export async function answerSync(
	sync: Pick<SyncService, 'difference' | 'synchronise'> | undefined,
	action: 'diff' | 'push' | 'pull',
	connection: ControlConnection,
): Promise<void> {
	if (sync === undefined) {
		connection.reply({type: 'result', code: exitCodes.refused, message: noChannel});
		return;
	}
	const startedMs = performance.now();
	try {
		if (action === 'diff') {
			const difference = await sync.difference();
			connection.reply({type: 'difference', difference});
			const count = difference.files.length;
			const message =
				count === 0 ? 'both nodes have the same files' : count === 1 ? '1 file differs' : `${count} files differ`;
			connection.reply({type: 'result', code: exitCodes.ok, message});
			return;
		}
		const message = await sync.synchronise(action, text => connection.reply({type: 'progress', message: text}));
		const durationMs = Math.round(performance.now() - startedMs);
		connection.reply({type: 'result', code: exitCodes.ok, message, durationMs});
	} catch (error) {
		const [code, message] = judge(error);
		connection.reply({type: 'result', code, message});
	}
}

const noChannel =
	'the daemons of this pair do not talk: it needs a pair section with a "secret file", and no "peer-channel off"';

function judge(error: unknown): readonly [typeof exitCodes.refused | typeof exitCodes.failed, string] {
	if (error instanceof PeerError) return [exitCodes.failed, error.message];
	if (error instanceof PeerRefusal) return [exitCodes.refused, error.message];
	if (!(error instanceof UserError)) throw error;
	return [exitCodes.refused, error.hint === undefined ? error.message : `${error.message}; ${error.hint}`];
}
