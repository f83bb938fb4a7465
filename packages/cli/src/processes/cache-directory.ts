/**
 * Where compiled code is kept.
 *
 * Decides for a directory that no other user could have prepared, since the daemon may run as root. A user without a home, as systemd makes
 * them for one service, has none.
 */
import {homedir} from 'node:os';

/** The directory for caches; `undefined` where there is none. */
export function findCacheDirectory(
	uid: number | undefined,
	environment: NodeJS.ProcessEnv,
	findHome: () => string = homedir,
): string | undefined {
	if (uid === 0) return '/var/cache';
	if (environment.XDG_CACHE_HOME) return environment.XDG_CACHE_HOME;
	try {
		return `${findHome()}/.cache`;
	} catch {
		return undefined;
	}
}
