/**
 * A daemon that starts a heartbeat and then hangs: it never reads the channel again.
 *
 * Argument: the setup as JSON with the key as hex. Ends by SIGKILL only.
 */
import {fork} from 'node:child_process';
import {heartbeatProcessPath} from '@hapair/heartbeat';

const {secretHex, ...setup} = JSON.parse(process.argv[2] ?? '{}');
const child = fork(heartbeatProcessPath, [], {serialization: 'advanced'});
const start = {type: 'start', setup: {...setup, keys: [{id: 7, secret: Buffer.from(secretHex, 'hex')}]}};
child.send(start, () => {
	child.send({type: 'fitness', fitness: {eligible: true, health: 255, reasons: []}}, () => {
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
	});
});
