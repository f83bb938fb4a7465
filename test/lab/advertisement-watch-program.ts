/**
 * Listens on an interface for the advertisements of one address; started by `advertisement-watch.ts` in a node's namespace.
 *
 * Arguments: the interface, the sender's IPv4 address. Says `ready` when it listens, and at SIGTERM, as one line of JSON, what it has heard.
 */
import {setImmediate as nextTurn} from 'node:timers/promises';
import type {AdvertisementReport} from './advertisement-watch.ts';
import {frameOffset, PacketSocket, waitForFrames} from './packet-socket.ts';
import {monotonicMs} from './wait.ts';

const advertisementPort = 3694;
const longestWaitMs = 100;
const [device = '', sender = ''] = process.argv.slice(2);
const source = Buffer.from(sender.split('.').map(Number));

/** To one machine, over UDP; what goes to groups renews the lease and is for nobody. */
function isAdvertisement(frame: Buffer): boolean {
	if (frame.length < 14 + 28 || (frame[0]! & 1) !== 0 || frame.readUInt16BE(12) !== 0x0800) return false;
	const udp = 14 + (frame[14]! & 15) * 4;
	return (
		frame[14 + 9] === 17 && frame.subarray(26, 30).equals(source) && frame.readUInt16BE(udp + 2) === advertisementPort
	);
}

let stopped = false;
process.on('SIGTERM', () => {
	stopped = true;
});
const socket = new PacketSocket(device);
process.stdout.write('ready\n');
const report = {count: 0, longestGapMs: 0};
let lastMs: number | undefined;
while (!stopped) {
	waitForFrames([socket], longestWaitMs);
	for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) {
		if (!isAdvertisement(frame.subarray(frameOffset))) continue;
		const nowMs = monotonicMs();
		report.count += 1;
		report.longestGapMs = Math.max(report.longestGapMs, nowMs - (lastMs ?? nowMs));
		lastMs = nowMs;
	}
	await nextTurn();
}
process.stdout.write(`${JSON.stringify(report satisfies AdvertisementReport)}\n`);
