/**
 * Where the proxy process begins, for whoever starts it, and what another process may import first.
 */
import {fileURLToPath} from 'node:url';

/** Path of `process-main.ts`, for `fork`. */
export const processEntry = fileURLToPath(
	new URL(import.meta.url.endsWith('.ts') ? './process-main.ts' : './proxy-process.js', import.meta.url),
);

/** Path of `system/lean-start.ts`, for `node --import`. */
export const leanStart = fileURLToPath(
	new URL(import.meta.url.endsWith('.ts') ? './system/lean-start.ts' : './lean-start.js', import.meta.url),
);
