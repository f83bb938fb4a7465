/**
 * Where the proxy process begins, for whoever starts it.
 */
import {fileURLToPath} from 'node:url';

/** Path of `process-main.ts`, for `fork`. */
export const processEntry = fileURLToPath(new URL('./process-main.ts', import.meta.url));
