/**
 * Which processor the guests get: the machine's own by KVM, or one in software.
 *
 * Decides by trying: a `/dev/kvm` that opens does not yet run a stock kernel. The kernel is booted without a disk; when it gets as far
 * as missing it, KVM is taken. Everything else, silence within the limit too, means emulation.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {accessSync, constants} from 'node:fs';

export interface Accelerator {
	readonly name: 'kvm' | 'tcg';
	/** Arguments of qemu. */
	readonly argv: readonly string[];
	/** Why not KVM; empty with it. */
	readonly because: string;
}

const probeLimitMs = 20_000;
const kvm = ['-accel', 'kvm', '-cpu', 'host'];
export const emulation = (because: string): Accelerator => ({
	name: 'tcg',
	argv: ['-accel', 'tcg', '-cpu', 'qemu64,-svm'],
	because,
});

/** @param kernel An uncompressed one. Takes 20 seconds at most. */
export async function findAccelerator(kernel: string): Promise<Accelerator> {
	try {
		accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
	} catch {
		return emulation('there is no /dev/kvm that may be opened');
	}
	const probe = spawn(
		'qemu-system-x86_64',
		[
			'-nodefaults',
			'-no-user-config',
			'-display',
			'none',
			'-no-reboot',
			'-m',
			'256',
			'-serial',
			'stdio',
			...kvm,
		].concat(['-kernel', kernel, '-append', 'console=ttyS0 panic=-1']),
		{stdio: ['ignore', 'pipe', 'pipe']},
	);
	const said = await listen(probe);
	if (/Unable to mount root|No working init/.test(said)) return {name: 'kvm', argv: kvm, because: ''};
	return emulation(`a stock kernel does not start under KVM here (${describeWhy(said)})`);
}

/** What qemu calls an error; else the last line. */
function describeWhy(said: string): string {
	const lines = said.trim().split('\n');
	const error = /error: (.*)/.exec(lines.find(line => line.includes('error: ')) ?? '')?.[1];
	return error ?? (lines.at(-1)?.slice(0, 160) || 'silence for 20 s');
}

/** What it prints, until it ends, says the word, or time is over. */
function listen(probe: ChildProcess): Promise<string> {
	return new Promise(resolve => {
		let said = '';
		const end = () => {
			clearTimeout(timer);
			probe.kill('SIGKILL');
			resolve(said);
		};
		const timer = setTimeout(end, probeLimitMs);
		const take = (chunk: Buffer) => {
			said += chunk.toString();
			if (/Unable to mount root|No working init/.test(said)) end();
		};
		probe.stdout?.on('data', take);
		probe.stderr?.on('data', take);
		probe.once('error', error => {
			said += error.message;
			end();
		});
		probe.once('close', end);
	});
}
