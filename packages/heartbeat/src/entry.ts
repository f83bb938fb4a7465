/**
 * Where the heartbeat process begins, for whoever forks it.
 */
import {fileURLToPath} from 'node:url';

/** Absolute path of the module to fork with `serialization: 'advanced'`. */
export const heartbeatProcessPath: string = fileURLToPath(
	new URL(import.meta.url.endsWith('.ts') ? './process-main.ts' : './heartbeat-process.js', import.meta.url),
);
