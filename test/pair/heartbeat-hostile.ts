/**
 * Sends hostile datagrams to a heartbeat; run inside the peer's namespace, so that they come from the peer's address.
 *
 * Arguments: own address, target address, port. Prints the number of datagrams of each kind when done.
 */
import {createSocket} from 'node:dgram';
import {setTimeout as sleep} from 'node:timers/promises';
import {type Advertisement, addressIdOf, clusterIdOf, encode, nodeIdOf, sign} from '@hapair/heartbeat';
import {sampleAdvertisement} from '../../packages/heartbeat/test/helpers/samples.ts';

const [own = '', target = '', portText = ''] = process.argv.slice(2);
const port = Number(portText);
const key = {id: 7, secret: Buffer.alloc(32, 7)};

function makeDatagram(changes: Partial<Advertisement>, clusterId = clusterIdOf('lab'), keyed = key): Uint8Array {
	const bytes = encode({
		keyId: keyed.id,
		clusterId,
		nodeId: nodeIdOf('lb2'),
		advertisement: {
			...sampleAdvertisement,
			bootId: '00000000000000aa',
			term: 99,
			state: 'master',
			holdsAddress: true,
			yields: false,
			address: addressIdOf(own),
			configDigest: 'ab'.repeat(16),
			...changes,
		},
	});
	sign(bytes, keyed);
	return bytes;
}

const recorded = makeDatagram({});
const altered = Uint8Array.from(recorded);
altered[62] = 0x7f;
const hostile: Uint8Array[] = [
	recorded,
	recorded,
	altered,
	makeDatagram({}, clusterIdOf('another')),
	makeDatagram({}, undefined, {id: 8, secret: Buffer.alloc(32, 8)}),
	recorded.subarray(0, 40),
	Buffer.alloc(300, 0xff),
	Buffer.alloc(1400, 1),
	Buffer.alloc(0),
];

const peer = createSocket('udp4');
await new Promise<void>(resolve => peer.bind(port, own, resolve));
// One that came through a router, then as a neighbour would send.
peer.setTTL(64);
await new Promise<void>(resolve => peer.send(recorded, port, target, () => resolve()));
peer.setTTL(255);
for (const bytes of hostile) peer.send(bytes, port, target);
const stranger = createSocket('udp4');
await new Promise<void>(resolve => stranger.bind(0, own, resolve));
stranger.send(recorded, port, target);
for (let index = 0; index < 2000; index += 1) {
	peer.send(Buffer.alloc(1 + (index % 511), index), port, target);
	// Few at a time: what a busy receiver's buffer has no room for is not counted by anybody.
	if (index % 10 === 0) await sleep(1);
}
await sleep(200);
peer.close();
stranger.close();
