/**
 * Where the proxy process begins, for whoever starts it.
 */
import {fileURLToPath} from 'node:url';

/** Path of `process-main.ts`, for `fork`. */
export const processEntry = fileURLToPath(
	new URL(import.meta.url.endsWith('.ts') ? './process-main.ts' : './proxy-process.js', import.meta.url),
);
