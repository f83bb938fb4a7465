/**
 * Tells systemd that the daemon is ready or stopping.
 *
 * Decides by `NOTIFY_SOCKET`: only a unit of `Type=notify` has it. Node cannot send on a Unix datagram socket, so
 * `systemd-notify` does (`NotifyAccess=all`); without it use `Type=exec`. The states go as assignments (sd_notify(3)): the option
 * `--stopping` came with systemd 253, and an older one would report the unknown option as an error of this service.
 */
import {spawn} from 'node:child_process';
import {findTool} from '../processes/find-tool.ts';

export function notifyServiceManager(state: 'READY=1' | 'STOPPING=1'): void {
	if (process.env.NOTIFY_SOCKET === undefined) return;
	const tool = findTool('systemd-notify');
	if (tool === undefined) return;
	const child = spawn(tool, [`--pid=${process.pid}`, state], {stdio: 'ignore'});
	// Nothing hangs on it: the service manager has its own timeout.
	child.on('error', () => {});
	child.unref();
}
