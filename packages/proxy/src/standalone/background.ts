/**
 * `-D` and `daemon`: a detached child serves, the process that was started reports how its start went and ends.
 *
 * The child is told apart by an environment variable and reports over its IPC channel; the parent, which is still root, writes the pid file.
 */
import {spawn} from 'node:child_process';
import {childStdio} from './inherited-descriptors.ts';

/** Set in the environment of the child. */
export const backgroundVariable = 'HAPAIR_PROXY_BACKGROUND';

export type BackgroundReport =
	| {readonly type: 'listening'}
	| {readonly type: 'failed'}
	/** For the terminal of the parent. */
	| {readonly type: 'message'; readonly text: string};

export interface BackgroundOptions {
	/** Put before the program: setpriv. */
	readonly argvPrefix: readonly string[];
	readonly descriptors: readonly number[];
	readonly onText: (text: string) => void;
	/** Called once it listens, before the parent lets go. */
	readonly onListening: (pid: number) => void;
}

const startDeadlineMs = 30_000;

/** Starts this program again in the background; resolves with the exit code of the parent: 0 once the child listens, else 1. */
export function startInBackground(options: BackgroundOptions): Promise<number> {
	const argv = [...options.argvPrefix, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
	const [command = process.execPath, ...rest] = argv;
	const child = spawn(command, rest, {
		detached: true,
		stdio: childStdio(options.descriptors),
		env: {...process.env, [backgroundVariable]: '1'},
		serialization: 'json',
	});
	return new Promise(resolve => {
		const finish = (code: number) => {
			clearTimeout(deadline);
			child.removeAllListeners();
			child.stderr?.destroy();
			if (child.connected) child.disconnect();
			child.unref();
			resolve(code);
		};
		const deadline = setTimeout(() => {
			options.onText(`The background process did not listen within ${startDeadlineMs / 1000} s and was ended.\n`);
			child.kill('SIGKILL');
			finish(1);
		}, startDeadlineMs);
		child.stderr?.on('data', (chunk: Buffer) => options.onText(chunk.toString()));
		child.on('message', (report: BackgroundReport) => {
			if (report.type === 'message') {
				options.onText(report.text);
			} else if (report.type === 'listening') {
				options.onListening(child.pid ?? 0);
				finish(0);
			} else {
				finish(1);
			}
		});
		child.on('error', error => {
			options.onText(`The background process could not be started: ${error.message}\n`);
			finish(1);
		});
		child.on('exit', (code, signal) => {
			options.onText(`The background process ended before it listened (${signal ?? `exit code ${code}`}).\n`);
			finish(1);
		});
	});
}

/** In the child: tells the parent, when there is one. */
export function reportToParent(report: BackgroundReport): void {
	if (process.connected) process.send?.(report);
}
