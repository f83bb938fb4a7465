/**
 * Tells systemd that the daemon is ready or stopping, and which process it is by now.
 *
 * Decides by `NOTIFY_SOCKET`: only a unit of `Type=notify` has it. Node cannot send on a Unix datagram socket, so
 * `systemd-notify` does (`NotifyAccess=all`), and resolves when systemd has taken it; without it use `Type=exec`. The states go as assignments (sd_notify(3)): the option
 * `--stopping` came with systemd 253, and an older one would report the unknown option as an error of this service.
 */
import {spawn} from 'node:child_process';
import {findTool} from '../processes/find-tool.ts';

export function notifyServiceManager(state: 'READY=1' | 'STOPPING=1'): Promise<void> {
	const {promise, resolve} = Promise.withResolvers<void>();
	if (process.env.NOTIFY_SOCKET === undefined) return Promise.resolve();
	const tool = findTool('systemd-notify');
	if (tool === undefined) return Promise.resolve();
	const child = spawn(tool, [`--pid=${process.pid}`, state], {stdio: 'ignore'});
	// Nothing hangs on it: the service manager has its own timeout.
	child.on('error', () => resolve());
	child.once('exit', () => resolve());
	child.unref();
	return promise;
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
		return findTool('systemd-notify') === undefined
			? 'systemd-notify is not installed, so systemd could not be told of another main process: restart the service'
			: '';
	}
	return writesPidFile
		? ''
		: 'nobody would know the new process: there is neither a service manager that is told (NOTIFY_SOCKET) nor a --pid-file; restart instead';
}
