/**
 * Imported by a small process before its own program: what only its start needed goes back to the kernel.
 *
 * Decides that it happens once, when the start is long over. The heartbeat is what it is for, which reads no file itself, and starts nothing
 * later on: RSS 64 → 44 MiB. Tried and without effect there, 0.3 MiB at most: --max-semi-space-size=1, --single-threaded-gc, --single-threaded,
 * --v8-pool-size=0, --lite-mode, --jitless, --no-opt, --optimize-for-size, MALLOC_ARENA_MAX=1; worse: --no-node-snapshot.
 */
import {returnSpareMemory} from './spare-memory.ts';

const afterMs = 10_000;

setTimeout(returnSpareMemory, afterMs).unref();
