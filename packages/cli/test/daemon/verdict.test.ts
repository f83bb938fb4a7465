import test from 'ava';
import {judgePeer} from '../../src/daemon/verdict.ts';
import {samplePeer, sampleStatus} from '../helpers/samples.ts';

const facts = {carriers: [true], gatewaySilent: false};
const silent = {...sampleStatus, peer: {...samplePeer, alive: false, hearsUs: false}};

test('Each situation has its word', t => {
	t.is(judgePeer(sampleStatus, facts), 'healthy');
	t.is(judgePeer({...sampleStatus, peer: {...samplePeer, hearsUs: false}}, facts), 'one-way');
	t.is(judgePeer({...silent, peer: {...silent.peer, state: 'stopped'}}, facts), 'stopped');
	t.is(judgePeer(silent, facts), 'dead');
	t.is(judgePeer(silent, {...facts, carriers: [false]}), 'link down');
	t.is(judgePeer(silent, {...facts, carriers: [false, true]}), 'dead');
	t.is(judgePeer(silent, {...facts, gatewaySilent: true}), 'island');
	t.is(judgePeer({...silent, longestStallMs: 501}, facts), 'this node stalled');
	const {lastHeardMs: _, ...never} = silent.peer;
	t.is(judgePeer({...silent, peer: never}, facts), 'unknown');
});
