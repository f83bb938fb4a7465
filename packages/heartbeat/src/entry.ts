/**
 * Where the heartbeat process begins, for whoever forks it.
 */
import {fileURLToPath} from 'node:url';

/** Absolute path of the module to fork with `serialization: 'advanced'`. */
export const heartbeatProcessPath: string = fileURLToPath(new URL('process-main.ts', import.meta.url));
