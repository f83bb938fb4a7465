import test from 'ava';
import {Contradictions, describeContradiction, isThirdSpeaker, readContradiction} from '../src/contradiction.ts';
import {type Datagram, encode, sign} from '../src/index.ts';
import {ownBoot, sampleDatagram} from './helpers/samples.ts';

const key = {id: 7, secret: Buffer.alloc(32, 1)};
const own = {nodeId: '0e'.repeat(8), bootId: ownBoot};

function read(changes: Partial<Datagram>, by = key) {
	const bytes = encode({...sampleDatagram, keyId: by.id, ...changes});
	sign(bytes, by);
	return readContradiction(bytes, sampleDatagram, own, [key])?.contradiction;
}

test('Each way in which two files differ has its name', t => {
	t.is(read({}, {id: 8, secret: Buffer.alloc(32, 2)}), 'foreignKey');
	t.is(read({clusterId: 'ff'.repeat(16)}), 'otherPair');
	t.is(read({nodeId: 'ff'.repeat(8)}), 'otherNode');
	t.is(read({nodeId: own.nodeId}), 'sameNode');
});

test('What agrees, is wrongly signed, or comes back from ourselves contradicts nothing', t => {
	t.is(read({}), undefined);
	t.is(read({clusterId: 'ff'.repeat(16)}, {id: 7, secret: Buffer.alloc(32, 2)}), undefined, 'our key id, another key');
	const advertisement = {...sampleDatagram.advertisement, bootId: ownBoot};
	t.is(read({nodeId: own.nodeId, advertisement}), undefined);
	t.is(readContradiction(new Uint8Array(700), sampleDatagram, own, [key]), undefined);
});

test('Whoever speaks for this pair with its key from a third address is named by it; the two nodes and other keys are not', t => {
	const isThird = (by: typeof key, boots: readonly string[], clusterId = sampleDatagram.clusterId): boolean => {
		const bytes = encode({...sampleDatagram, keyId: by.id, nodeId: 'ff'.repeat(8)});
		sign(bytes, by);
		return isThirdSpeaker(bytes, clusterId, boots, [key]);
	};
	t.true(isThird(key, [ownBoot]));
	t.false(isThird(key, [ownBoot, sampleDatagram.advertisement.bootId]), 'a second interface of the peer');
	t.false(isThird({id: 7, secret: Buffer.alloc(32, 2)}, [ownBoot]));
	t.false(isThird(key, [ownBoot], 'ee'.repeat(16)), 'another pair');
	t.regex(describeContradiction('thirdSpeaker 10.0.0.13'), /^10\.0\.0\.13 speaks for this pair/);
	const many = new Contradictions();
	for (let last = 0; last < 100; last += 1) many.record(`thirdSpeaker 10.0.0.${last}`, 0);
	t.is(many.current(0).length, 8);
	t.true(many.record('sameNode', 60_000), 'what is over makes room');
});

test('One that goes on is new once, and over ten seconds after it was heard last', t => {
	const contradictions = new Contradictions();
	t.true(contradictions.record('foreignKey', 1000));
	t.false(contradictions.record('foreignKey', 9000));
	t.true(contradictions.record('otherPair', 9000));
	t.deepEqual(contradictions.current(19_000), ['foreignKey', 'otherPair']);
	t.deepEqual(contradictions.current(19_001), []);
	t.true(contradictions.record('foreignKey', 30_000));
});
