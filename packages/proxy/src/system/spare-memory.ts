/**
 * Memory that a process holds and does not need goes back to the kernel.
 *
 * Decides what that is, and when: while the process has next to nothing to do. Pages of the program's own files that nobody has written to:
 * the kernel maps them again from its cache when they are touched, and of 76 MiB that an engine had after its start 47 stay. And what the C
 * library keeps of freed memory, above all of V8's compiler: 8 MiB after 9,900 clients came at once.
 */
import {readFileSync} from 'node:fs';
import {loadFfi} from './calls.ts';

/** asm-generic/mman-common.h */
const MADV_DONTNEED = 4;
/** Both together take a millisecond or two, the page faults that follow another. */
const EVERY_MS = 400;
/** A processor slow enough to be busy with every few looks has no time for page faults: once in 20 s. */
const LOOKS_APART = 50;
/** Share of one processor. */
const BUSY = 0.1;

export interface Mapping {
	readonly start: bigint;
	readonly end: bigint;
}

/** From now on; does nothing where the calls cannot be made. */
export function keepSpareMemoryLow(): void {
	const release = prepareRelease();
	if (release === undefined) return;
	let before = process.cpuUsage();
	let isNew = true;
	let looks = LOOKS_APART;
	const judge = () => {
		const {user, system} = process.cpuUsage(before);
		before = process.cpuUsage();
		const isBusy = (user + system) / 1000 > BUSY * EVERY_MS;
		looks += 1;
		isNew ||= isBusy;
		// Once after each busy time.
		if (isBusy || !isNew || looks < LOOKS_APART) return;
		release();
		isNew = false;
		looks = 0;
	};
	setInterval(judge, EVERY_MS).unref();
}

/** Now, and once; does nothing where the calls cannot be made. */
export function returnSpareMemory(): void {
	prepareRelease()?.();
}

function prepareRelease(): (() => void) | undefined {
	const ffi = loadFfi();
	if (ffi === undefined) return undefined;
	try {
		const {functions} = ffi.dlopen(null, {
			madvise: {arguments: ['u64', 'u64', 'i32'], return: 'i32'},
			malloc_trim: {arguments: ['u64'], return: 'i32'},
		});
		const mappings = findUnwritten(readMappings());
		return () => {
			for (const {start, end} of mappings) functions.madvise(start, end - start, MADV_DONTNEED);
			functions.malloc_trim(0n);
		};
	} catch {
		// It only saves memory: a C library without these calls changes nothing else.
		return undefined;
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
