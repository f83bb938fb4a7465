/**
 * The side that joins: fetches the configuration, has it judged, and then the keys.
 *
 * Decides the words for a door that stays shut. Leaves to the command what to do with what was fetched: `judge` and `store` throw a `UserError` for what
 * cannot work here; the other side is told, and the code stays good.
 */
import {isIPv6} from 'node:net';
import {connect, type TLSSocket} from 'node:tls';
import {exitCodes, UserError} from '../exit-codes.ts';
import {keyOfCode} from './code.ts';
import {Exchange, joinPort, type Keys, type Offered, pskIdentity, tlsOptions} from './exchange.ts';
import {isOlder} from './versions.ts';

const connectLimitMs = 8000;

/** Nothing was said there: nobody listens, or the machine is not there. */
export class NobodyWaits extends UserError {}

export interface AcceptSetup {
	readonly address: string;
	readonly port: number;
	/** As `readCode` gives it. */
	readonly code: string;
	readonly version: string;
	/** Throws a `UserError` when this machine cannot be the other node. */
	readonly judge: (offered: Offered) => Promise<void>;
	/** Puts everything in its place. */
	readonly store: (offered: Offered, keys: Keys['keys']) => void;
}

export async function acceptOffer(setup: AcceptSetup): Promise<void> {
	const socket = await open(setup);
	const exchange = new Exchange(socket);
	try {
		exchange.send({type: 'hello', hapair: setup.version});
		const offered = await exchange.receive(['configuration']);
		if (isOlder(setup.version, offered.hapair)) {
			throw new UserError(`this is hapair ${setup.version}, and ${offered.node} runs ${offered.hapair}`, {
				hint: `install the package of ${offered.node} here, then join again with the same code`,
				exitCode: exitCodes.refused,
			});
		}
		await setup.judge(offered);
		exchange.send({type: 'accept'});
		const {keys} = await exchange.receive(['keys']);
		setup.store(offered, keys);
		exchange.send({type: 'done'});
	} catch (error) {
		if (error instanceof UserError) exchange.send({type: 'decline', reason: error.message});
		throw error;
	} finally {
		exchange.end();
	}
}

function open({address, port, code}: AcceptSetup): Promise<TLSSocket> {
	const {promise, resolve, reject} = Promise.withResolvers<TLSSocket>();
	const where = `${isIPv6(address) ? `[${address}]` : address}${port === joinPort ? '' : `:${port}`}`;
	const key = keyOfCode(code);
	const socket = connect({
		...tlsOptions,
		host: address,
		port,
		pskCallback: () => ({psk: key, identity: pskIdentity}),
		// Who knows the code is the node: there is no certificate.
		checkServerIdentity: () => undefined,
	});
	let connected = false;
	const limit = setTimeout(() => {
		socket.destroy();
		reject(unreachable(where, port));
	}, connectLimitMs);
	socket.once('connect', () => {
		connected = true;
	});
	socket.once('error', (error: NodeJS.ErrnoException) => {
		clearTimeout(limit);
		if (!connected) reject(unreachable(where, port, error));
		else
			reject(
				new UserError(`${where} does not accept this code`, {
					hint: 'type it again as it stands there; if it was used, is older than 15 minutes or was mistyped five times: hapair init on that node makes a new one',
					exitCode: exitCodes.refused,
				}),
			);
	});
	socket.once('secureConnect', () => {
		clearTimeout(limit);
		resolve(socket);
	});
	return promise;
}

/** A machine that refuses the connection is there; of any other it is not known. */
function unreachable(where: string, port: number, error?: NodeJS.ErrnoException): NobodyWaits {
	if (error?.code === 'ECONNREFUSED') {
		return new NobodyWaits(`${where} waits for no node`, {
			hint: `a code is good once, and for 15 minutes, while hapair init waits there: run it again for a new one; TCP port ${port} must be open from here`,
		});
	}
	const isPlain = error?.code === 'EHOSTUNREACH' || error?.code === 'ENETUNREACH';
	const what = error === undefined ? 'does not answer' : `cannot be reached${isPlain ? '' : ` (${error.message})`}`;
	return new NobodyWaits(`${where} ${what}`, {
		hint: `is this the address in the line that hapair init has printed, and the machine up? TCP port ${port} there must be open from here; the code stays good`,
	});
}
