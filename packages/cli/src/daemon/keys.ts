/**
 * Secret files: the keys that sign advertisements and webhooks.
 *
 * Decides which files are fit to hold a secret: a regular file of root's, of the running user or, for root, of the service; closed to everybody
 * else, in directories that nobody else can change, with at least 16 bytes in it. White space around the secret is
 * not part of it. Leaves what the keys sign to the heartbeat and the hooks.
 */
import {createHash} from 'node:crypto';
import {closeSync, constants, fstatSync, openSync, readSync, realpathSync, type Stats} from 'node:fs';
import {UserError} from '../exit-codes.ts';
import {findUnsafeElement} from '../processes/path-safety.ts';
import {findServiceAccount} from '../processes/service-account.ts';

/** Shorter secrets can be guessed. */
const minimumSecretBytes = 16;
const maximumFileBytes = 4096;

export interface Key {
	/** First byte of the SHA-256 of the secret: how an advertisement names its key. */
	readonly id: number;
	readonly secret: Uint8Array;
}

/** Reads the pair's keys in order; the first signs. Throws a `UserError` that names the file and the command that helps. */
export function readKeys(paths: readonly string[], uid: number): Key[] {
	const keys: (Key & {readonly path: string})[] = [];
	for (const path of paths) {
		const secret = readSecretFile(path, uid);
		const id = createHash('sha256').update(secret).digest()[0] ?? 0;
		const twin = keys.find(key => key.id === id);
		if (twin !== undefined) {
			throw new UserError(`${path}: its key cannot be told from the one in ${twin.path}`, {
				hint: 'remove one of them or make a new one with: hapair keygen',
			});
		}
		keys.push({id, secret, path});
	}
	return keys.map(({id, secret}) => ({id, secret}));
}

/** The secret in the file, without white space around it. Throws a `UserError`. @param leastBytes a token that others made may be short. */
export function readSecretFile(path: string, uid: number, leastBytes = minimumSecretBytes): Uint8Array {
	const trusted = uid === 0 ? (findServiceAccount()?.uid ?? 0) : uid;
	const target = resolveSecret(path, trusted);
	const descriptor = openSecret(path, target);
	try {
		const stats = fstatSync(descriptor);
		if (!stats.isFile()) throw new UserError(`${path}: is not a regular file`, {hint: keygenHint(path)});
		if (stats.uid !== 0 && stats.uid !== trusted) {
			throw new UserError(
				`${path}: belongs to user id ${stats.uid}, must belong to ${uid === 0 ? 'root' : 'root or you'}`,
				{
					hint: `chown ${uid} ${path}`,
				},
			);
		}
		if ((stats.mode & 0o077) !== 0 && !isCredential(target, stats)) {
			const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
			throw new UserError(`${path}: is open to others (mode ${mode}); a key that others can read protects nothing`, {
				hint: `chmod 600 ${path}`,
			});
		}
		return trimSecret(path, readBounded(path, descriptor), leastBytes);
	} finally {
		closeSync(descriptor);
	}
}

/**
 * What `LoadCredential=` of systemd gives to one service. On Debian 13 (systemd 257) it is root's and opened to the service by an access list, and the mask of such a
 * list stands where the mode has the group's rights. Only root makes anything below that directory.
 */
function isCredential(target: string, {uid, gid, mode}: Stats): boolean {
	return target.startsWith('/run/credentials/') && uid === 0 && gid === 0 && (mode & 0o7777) === 0o440;
}

function resolveSecret(path: string, uid: number): string {
	try {
		const target = realpathSync(path);
		const directory = findUnsafeElement(target, uid);
		// What is wrong with the file itself is said in terms of a secret below.
		if (directory !== undefined && directory.element !== target) {
			throw new UserError(`${path}: ${directory.element} ${directory.problem}, so the key could be replaced`, {
				hint: directory.remedy,
			});
		}
		return target;
	} catch (error) {
		throw error instanceof UserError ? error : unreadable(path, error);
	}
}

function openSecret(path: string, target: string): number {
	try {
		// Non-blocking, or a FIFO in the file's place would hold the daemon for ever.
		return openSync(target, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch (error) {
		throw unreadable(path, error);
	}
}

function unreadable(path: string, error: unknown): UserError {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	if (code === 'ENOENT') return new UserError(`${path}: there is no such file`, {hint: keygenHint(path)});
	if (code === 'EACCES') {
		const service = findServiceAccount()?.uid;
		const mine = service === process.getuid?.() ? `chown hapair: ${path}` : 'run this with sudo';
		const hint = service === undefined ? `run as root, or: chown $(id -u) ${path}` : mine;
		return new UserError(`${path}: not readable by this user`, {hint});
	}
	return new UserError(`${path}: cannot be read (${error instanceof Error ? error.message : String(error)})`);
}

function keygenHint(path: string): string {
	return `make one with: hapair keygen ${path}, and copy the same file to the other node`;
}

function readBounded(path: string, descriptor: number): Buffer {
	const buffer = Buffer.alloc(maximumFileBytes + 1);
	const length = readSync(descriptor, buffer, 0, buffer.length, 0);
	if (length > maximumFileBytes) {
		throw new UserError(`${path}: is larger than ${maximumFileBytes} bytes; this is not a key file`, {
			hint: keygenHint(path),
		});
	}
	return buffer.subarray(0, length);
}

function trimSecret(path: string, bytes: Buffer, leastBytes: number): Uint8Array {
	const text = bytes.toString('latin1');
	const secret = Uint8Array.from(Buffer.from(text.trim(), 'latin1'));
	if (secret.length < leastBytes) {
		throw new UserError(`${path}: holds ${secret.length} bytes, it needs at least ${leastBytes}`, {
			hint: keygenHint(path),
		});
	}
	return secret;
}
