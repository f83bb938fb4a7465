/** The command line as a user meets it: a process of its own, its output and its exit code. */
import {type ChildProcessByStdio, spawn} from 'node:child_process';
import {join} from 'node:path';
import type {Readable} from 'node:stream';
import type {ExecutionContext} from 'ava';

export interface Ended {
	/** The exit code, or the name of the signal that ended it. */
	readonly code: number | string;
	readonly out: string;
	readonly err: string;
}

export interface RunningHapair {
	readonly child: ChildProcessByStdio<null, Readable, Readable>;
	/** What it has written so far. */
	out(): string;
	err(): string;
	readonly ended: Promise<Ended>;
}

/** What is built, unless a source is newer: many start at once here. */
const main = join(import.meta.dirname, '..', '..', 'bin', 'hapair.mjs');

/**
 * Starts it with a socket path at which nobody is, unless `environment` names one. Killed when the test ends.
 * `prefix` is a program that starts it, such as setpriv; `entry` what Node is to run.
 */
export function startHapair(
	t: ExecutionContext,
	argv: readonly string[],
	environment: NodeJS.ProcessEnv = {},
	prefix: readonly string[] = [],
	entry = main,
): RunningHapair {
	const [program = process.execPath, ...parameters] = [...prefix, process.execPath, entry, ...argv];
	const child = spawn(program, parameters, {
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {PATH: process.env.PATH, HOME: '/nonexistent', HAPAIR_SOCKET: '/nonexistent/hapair.sock', ...environment},
	});
	t.teardown(() => void child.kill('SIGKILL'));
	let out = '';
	let err = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		out += text;
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		err += text;
	});
	const {promise, resolve} = Promise.withResolvers<Ended>();
	child.once('close', (code, signal) => resolve({code: code ?? signal ?? 'unknown', out, err}));
	return {child, out: () => out, err: () => err, ended: promise};
}

/** Runs it to its end. */
export function runHapair(
	t: ExecutionContext,
	argv: readonly string[],
	environment: NodeJS.ProcessEnv = {},
	prefix: readonly string[] = [],
): Promise<Ended> {
	return startHapair(t, argv, environment, prefix).ended;
}
