/**
 * A connection under `monitor-net`: answered without being read, as 1.4 does; neither a session nor a log line.
 *
 * What the client has sent is read and forgotten: unread bytes would reset the connection under the answer.
 */
import type {Core} from './core.ts';
import {Endpoint} from './endpoint.ts';
import type {Wire} from './wire.ts';

/** How long its end may take. */
const MONITOR_LINGER_MS = 1000;

export class MonitorAnswer extends Endpoint {
	constructor({wheel, nowMs}: Core, wire: Wire, text: string) {
		super(wheel);
		this.adopt(wire);
		this.setDeadline(nowMs(), MONITOR_LINGER_MS);
		this.writeText(text);
		this.end();
	}

	override onRead(): void {}
	override onEnd(): void {}
	override onClose(): void {}
	override onDeadline(): void {
		this.destroy();
	}
}
