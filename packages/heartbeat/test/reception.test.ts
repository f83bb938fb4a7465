import test from 'ava';
import {type Datagram, encode, sign} from '../src/index.ts';
import {counterOf, Reception} from '../src/reception.ts';
import {ownBoot, peerBoot, sampleAdvertisement, sampleDatagram} from './helpers/samples.ts';

const ownId = '0e'.repeat(8);
const key = {id: 7, secret: Buffer.alloc(32, 1)};

function makeReception(): Reception {
	const {clusterId, nodeId} = sampleDatagram;
	return new Reception({clusterId, nodeId}, [key], {nodeId: ownId, bootId: ownBoot});
}

function makeBytes(changes: Partial<Datagram['advertisement']> = {}, signingKey = key): Uint8Array {
	const echo = {bootId: ownBoot, sequence: 5, ageMs: 1};
	const advertisement = {...sampleAdvertisement, echo, ...changes};
	const bytes = encode({...sampleDatagram, keyId: signingKey.id, advertisement});
	sign(bytes, signingKey);
	return bytes;
}

test('What is well laid out, signed and new reaches the election and counts for its path', t => {
	const received = makeReception().receive(makeBytes(), 5);
	t.is(received.counter, 'received');
	t.deepEqual(received.arrival, {bootId: peerBoot, sequence: 1, echo: {bootId: ownBoot, sequence: 5, ageMs: 1}});
	t.is(received.event?.type, 'advertisement');
});

test('The copy of a second path counts for it and says nothing new', t => {
	const reception = makeReception();
	reception.receive(makeBytes(), 5);
	const {counter, arrival, event} = reception.receive(makeBytes(), 5);
	t.is(counter, 'duplicate');
	t.truthy(arrival);
	t.is(event, undefined);
});

test('An unproven boot is told as such and challenged', t => {
	const reception = makeReception();
	const {counter, event, arrival} = reception.receive(makeBytes({echo: undefined}), 5);
	t.is(counter, 'refusedUnproven');
	t.is(event?.type, 'unproven');
	t.is(arrival, undefined);
	t.deepEqual(reception.challenge, {bootId: peerBoot, sequence: 1});
});

test('A refusal is counted by its name, and nothing of it is believed', t => {
	const reception = makeReception();
	const wrongMac = makeBytes();
	wrongMac[60]! ^= 1;
	t.deepEqual(reception.receive(wrongMac, 5), {counter: 'refusedMac'});
	const foreign = reception.receive(makeBytes({}, {id: 8, secret: key.secret}), 5);
	t.like(foreign, {counter: 'refusedForeignKey', contradiction: 'foreignKey', event: {type: 'unbelieved'}});
	t.deepEqual(reception.receive(new Uint8Array(3), 5), {counter: 'refusedShort'});
	t.is(reception.challenge, undefined);
	t.is(reception.receive(makeBytes(), 5).counter, 'received', 'nothing forged has moved the replay guard');
});

test('An old recording is counted and forgotten', t => {
	const reception = makeReception();
	reception.receive(makeBytes({sequence: 90}), 5);
	t.deepEqual(reception.receive(makeBytes({sequence: 2}), 5), {counter: 'refusedOld'});
});

test('Counters are named after the refusal', t => {
	t.is(counterOf('foreignKey'), 'refusedForeignKey');
});
