/**
 * Tells systemd that the daemon is ready or stopping, and which process it is by now (sd_notify(3)).
 *
 * Decides by `NOTIFY_SOCKET`: only a unit of `Type=notify` has it. The daemon speaks for itself, so that no other process of the service
 * may (`NotifyAccess=main`); so it is the former one that names its successor. Node has no datagram to a unix socket; where `node:ffi` is missing,
 * `systemd-notify` does it, and needs `NotifyAccess=all`. There the states go as assignments: the option `--stopping` came with systemd 253, and an older
 * one would report the unknown option as an error of this service.
 */
import {spawn} from 'node:child_process';
import {systemCalls} from '@hapair/proxy';
import {findTool} from '../processes/find-tool.ts';

export function notifyServiceManager(state: 'READY=1' | 'STOPPING=1' | `MAINPID=${number}`): void {
	const path = process.env.NOTIFY_SOCKET;
	if (path === undefined || sendState(path, state)) return;
	const tool = findTool('systemd-notify');
	if (tool === undefined) return;
	const named = state.startsWith('MAINPID=') ? [] : [`--pid=${process.pid}`];
	const child = spawn(tool, [...named, state], {stdio: 'ignore'});
	// Nothing hangs on it: the service manager has its own timeout.
	child.on('error', () => {});
	child.unref();
}

/**
 * Why nobody would know a process that takes the place of this one; empty when somebody would.
 *
 * @param writesPidFile The operator has asked for a pid file, and follows it.
 */
export function whyNoReplacement(writesPidFile: boolean): string {
	if (process.pid === 1)
		return 'hapair is the first process here, and its end is the end of all: start the new one instead';
	if (process.env.NOTIFY_SOCKET !== undefined) {
		return systemCalls() === undefined && findTool('systemd-notify') === undefined
			? 'systemd cannot be told of another main process here: restart the service'
			: '';
	}
	return writesPidFile
		? ''
		: 'nobody would know the new process: there is neither a service manager that is told (NOTIFY_SOCKET) nor a --pid-file; restart instead';
}

/** False where this Node cannot, for a socket that is no file, and when nobody listens. */
function sendState(path: string, state: string): boolean {
	const calls = path.startsWith('/') ? systemCalls() : undefined;
	const fd = calls?.connectDatagram(path);
	if (calls === undefined || fd === undefined) return false;
	const sent = calls.sendDatagram(fd, Buffer.from(state));
	calls.close(fd);
	return sent;
}
