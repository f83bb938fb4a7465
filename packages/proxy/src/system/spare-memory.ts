/**
 * Memory that a process holds and does not need goes back to the kernel.
 *
 * Decides what that is. Pages of the program's own files that only its start needed, once: nobody has written to them, and the kernel maps
 * them again from its cache when they are touched. Of 76 MiB that an engine had after its start 47 stay. And what the C library keeps of
 * memory that was freed, above all by V8's compiler, whenever the process is not busy: 8 MiB after 9,900 clients came at once.
 */
import {readFileSync} from 'node:fs';
import {loadFfi} from './calls.ts';

/** asm-generic/mman-common.h */
const MADV_DONTNEED = 4;
/** A while after the start: what comes first (a check, a connection) still touches much of it. */
const START_MS = 1000;
/** The C library's takes about a millisecond, in which a thread that wants memory may wait. */
const EVERY_MS = 2000;
/** Share of one processor. */
const BUSY = 0.3;

export interface Mapping {
	readonly start: bigint;
	readonly end: bigint;
}

/** From now on; does nothing where the calls cannot be made. */
export function keepSpareMemoryLow(): void {
	const ffi = loadFfi();
	if (ffi === undefined) return;
	try {
		const {functions} = ffi.dlopen(null, {
			madvise: {arguments: ['u64', 'u64', 'i32'], return: 'i32'},
			malloc_trim: {arguments: ['u64'], return: 'i32'},
		});
		const releaseStart = () => {
			for (const {start, end} of findUnwritten(readMappings())) functions.madvise(start, end - start, MADV_DONTNEED);
		};
		setTimeout(releaseStart, START_MS).unref();
		let before = process.cpuUsage();
		const trim = () => {
			const {user, system} = process.cpuUsage(before);
			before = process.cpuUsage();
			if ((user + system) / 1000 < BUSY * EVERY_MS) functions.malloc_trim(0n);
		};
		setInterval(trim, EVERY_MS).unref();
	} catch {
		// It only saves memory: a C library without these calls changes nothing else.
	}
}

/** Empty where there is no /proc, as after chroot(2). */
function readMappings(): string {
	try {
		return readFileSync('/proc/self/smaps', 'latin1');
	} catch {
		return '';
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
