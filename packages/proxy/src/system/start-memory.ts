/**
 * Memory that only the start of a process needed goes back to the kernel.
 *
 * Decides what that is: pages of the program's own files that nobody has written to. The kernel maps them again when they are touched,
 * from its cache: of 76 MiB that an engine had after its start 47 stay. What was read or made in memory stays untouched.
 */
import {readFileSync} from 'node:fs';
import {loadFfi} from './calls.ts';

/** asm-generic/mman-common.h */
const MADV_DONTNEED = 4;
/** A while after the start: what comes first (a check, a connection) still touches much of it. */
const DELAY_MS = 1000;

export interface Mapping {
	readonly start: bigint;
	readonly end: bigint;
}

/** Once, a second from now; does nothing where the calls cannot be made. */
export function releaseStartMemory(): void {
	setTimeout(release, DELAY_MS).unref();
}

function release(): void {
	const ffi = loadFfi();
	if (ffi === undefined) return;
	try {
		const {functions} = ffi.dlopen(null, {
			madvise: {arguments: ['u64', 'u64', 'i32'], return: 'i32'},
			malloc_trim: {arguments: ['u64'], return: 'i32'},
		});
		for (const {start, end} of findUnwritten(readFileSync('/proc/self/smaps', 'latin1')))
			functions.madvise(start, end - start, MADV_DONTNEED);
		functions.malloc_trim(0n);
	} catch {
		// It only saves memory: a C library without these calls, or /proc that cannot be read, changes nothing else.
	}
}

/** Mappings of files, in the text of smaps (proc(5)), that cannot be written and of which no page is a private copy. */
export function findUnwritten(smaps: string): Mapping[] {
	const found: Mapping[] = [];
	for (const block of smaps.split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/)) {
		const head = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ ([0-9]+) +\//.exec(block);
		if (head === null || head[3] === '0' || !/^Anonymous: +0 kB$/m.test(block)) continue;
		found.push({start: BigInt(`0x${head[1]}`), end: BigInt(`0x${head[2]}`)});
	}
	return found;
}
