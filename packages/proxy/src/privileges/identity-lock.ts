/**
 * Puts the filter of `identity-filter.ts` in place, for every thread of this process and whatever it starts.
 *
 * Decides nothing else. There is no way back: who it is for is known from the first configuration, and another user takes a restart.
 */
import {loadFfi} from '../system/calls.ts';
import {buildIdentityFilter, type FilterArchitecture, type PermittedIds} from './identity-filter.ts';

/** linux/prctl.h, linux/seccomp.h. */
const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_SET_MODE_FILTER = 1n;
const SECCOMP_FILTER_FLAG_TSYNC = 1n;
/** seccomp(2) has no function in the C library. */
const callNumbers = {x64: 317n, arm64: 277n} as const;

/** False where the kernel, or this Node, cannot: then CAP_SETUID keeps its whole power. */
export function lockIdentities(permitted: PermittedIds): boolean {
	const ffi = loadFfi();
	const architecture = process.arch as FilterArchitecture;
	if (ffi === undefined) return false;
	const {functions} = ffi.dlopen(null, {
		prctl: {arguments: ['i32', 'u64', 'u64', 'u64', 'u64'], return: 'i32'},
		syscall: {arguments: ['i64', 'i64', 'i64', 'buffer'], return: 'i64'},
	});
	const filter = buildIdentityFilter(architecture, permitted);
	// `struct sock_fprog`: how many instructions, and where.
	const program = Buffer.alloc(16);
	program.writeUInt16LE(filter.length / 8, 0);
	program.writeBigUInt64LE(ffi.getRawPointer(filter), 8);
	if (functions.prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n) !== 0) return false;
	return (
		functions.syscall(callNumbers[architecture], SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, program) === 0n
	);
}
