/**
 * The kernel's filter that leaves CAP_SETUID and CAP_SETGID with one use: to become the proxy's user (seccomp(2), bpf(4)).
 *
 * Pure. Decides by the arguments of the calls that change identities: the daemon's own ids, the proxy's, "no change", and no supplementary
 * group; anything else fails with EPERM, in this process and in all that it starts, for ever. Calls by another processor's numbers fail as a
 * whole. Leaves putting it in place to `identity-lock.ts`.
 */
export type FilterArchitecture = 'x64' | 'arm64';

export interface PermittedIds {
	readonly uids: readonly number[];
	readonly gids: readonly number[];
}

/** `AUDIT_ARCH_*` of linux/audit.h. */
const audits = {x64: 0xc000_003e, arm64: 0xc000_00b7} as const;
/** Numbers of asm/unistd_64.h (x64) and asm-generic/unistd.h (arm64), and how many arguments are ids. */
const calls = {
	x64: {
		setuid: 105,
		setreuid: 113,
		setresuid: 117,
		setfsuid: 122,
		setgid: 106,
		setregid: 114,
		setresgid: 119,
		setfsgid: 123,
	},
	arm64: {
		setuid: 146,
		setreuid: 145,
		setresuid: 147,
		setfsuid: 151,
		setgid: 144,
		setregid: 143,
		setresgid: 149,
		setfsgid: 152,
	},
} as const;
const idArguments = {
	setuid: 1,
	setreuid: 2,
	setresuid: 3,
	setfsuid: 1,
	setgid: 1,
	setregid: 2,
	setresgid: 3,
	setfsgid: 1,
} as const;
const setgroups = {x64: 116, arm64: 159} as const;
/** From here on the numbers of x64 belong to programs with 32-bit pointers. */
const firstOfX32 = 0x4000_0000;
/** As an id: change nothing. */
const unchanged = 0xffff_ffff;

/** Offsets in `struct seccomp_data`; of an argument only the low half is an id, and the kernel looks at no more. */
const numberAt = 0;
const auditAt = 4;
const argumentAt = (index: number): number => 16 + 8 * index;

/** linux/bpf_common.h, linux/seccomp.h, errno.h. */
const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const end = 0x06;
const allow = 0x7fff_0000;
const refuse = 0x0005_0000 | 1;

interface Instruction {
	readonly code: number;
	readonly value: number;
	readonly ifTrue?: number;
	readonly ifFalse?: number;
}

/** `struct sock_filter` after `struct sock_filter`. */
export function buildIdentityFilter(architecture: FilterArchitecture, {uids, gids}: PermittedIds): Buffer {
	const numbers = calls[architecture];
	const names = Object.keys(idArguments) as (keyof typeof idArguments)[];
	const program: Instruction[] = [
		{code: load, value: auditAt},
		{code: jumpIfEqual, value: audits[architecture], ifTrue: 1},
		{code: end, value: refuse},
		{code: load, value: numberAt},
	];
	if (architecture === 'x64') {
		program.push({code: jumpIfAtLeast, value: firstOfX32, ifFalse: 1}, {code: end, value: refuse});
	}
	program.push(...guard(setgroups[architecture], [{at: argumentAt(0), permitted: [0]}]));
	for (const name of names) {
		const permitted = [unchanged, ...(name.endsWith('uid') ? uids : gids)];
		const checks = Array.from({length: idArguments[name]}, (_, index) => ({at: argumentAt(index), permitted}));
		program.push(...guard(numbers[name], checks));
	}
	program.push({code: end, value: allow});
	return encode(program);
}

interface ArgumentCheck {
	readonly at: number;
	readonly permitted: readonly number[];
}

/** With the call's number loaded: past it for another call, else an end. */
function guard(call: number, checks: readonly ArgumentCheck[]): Instruction[] {
	const body: Instruction[] = [];
	for (const {at, permitted} of checks) {
		body.push({code: load, value: at});
		permitted.forEach((value, index) => {
			// Past the other values and the refusal behind them.
			body.push({code: jumpIfEqual, value, ifTrue: permitted.length - index});
		});
		body.push({code: end, value: refuse});
	}
	body.push({code: end, value: allow});
	return [{code: jumpIfEqual, value: call, ifFalse: body.length}, ...body];
}

function encode(program: readonly Instruction[]): Buffer {
	const bytes = Buffer.alloc(program.length * 8);
	program.forEach(({code, value, ifTrue = 0, ifFalse = 0}, index) => {
		bytes.writeUInt16LE(code, index * 8);
		bytes.writeUInt8(ifTrue, index * 8 + 2);
		bytes.writeUInt8(ifFalse, index * 8 + 3);
		bytes.writeUInt32LE(value, index * 8 + 4);
	});
	return bytes;
}
