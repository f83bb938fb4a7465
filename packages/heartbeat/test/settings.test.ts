import test from 'ava';
import {addressIdOf} from '../src/index.ts';
import {electionSettings, findNodes, listPaths} from '../src/settings.ts';
import {digest, ownBoot, sampleAdvertisement, samplePair} from './helpers/samples.ts';

const setup = {pair: samplePair, nodeName: 'lb2', keys: [], configDigest: digest, tools: {}, version: '0.1.0'};

test('A node finds itself and its peer by name', t => {
	t.is(findNodes(samplePair, 'lb2').peer.name, 'lb1');
	t.is(findNodes(samplePair, 'lb1').own.address, '10.0.0.11');
	t.throws(() => findNodes(samplePair, 'lb3'), {message: 'pair oslo has no node lb3: its nodes are lb1 and lb2'});
});

test('Paths are seen from this node: the nodes’ own addresses first, further ones turned where it is the second', t => {
	const pair = {...samplePair, paths: [['192.168.7.11', '192.168.7.12']] as const};
	t.deepEqual(listPaths(pair, findNodes(pair, 'lb1')), [
		['10.0.0.11', '10.0.0.12'],
		['192.168.7.11', '192.168.7.12'],
	]);
	t.deepEqual(listPaths(pair, findNodes(pair, 'lb2')), [
		['10.0.0.12', '10.0.0.11'],
		['192.168.7.12', '192.168.7.11'],
	]);
});

test('The two nodes’ settings mirror each other', t => {
	const one = electionSettings(setup, findNodes(samplePair, 'lb1'), ownBoot);
	const two = electionSettings(setup, findNodes(samplePair, 'lb2'), sampleAdvertisement.bootId);
	t.like(one, {nodeName: two.peerName, address: two.peerAddress, priority: two.peerPriority, bootId: ownBoot});
	t.is(one.address, addressIdOf('10.0.0.11'));
});

test('§5.2: terms go on where the daemon saw them last', t => {
	const nodes = findNodes(samplePair, 'lb1');
	t.is(electionSettings(setup, nodes, ownBoot).firstTerm, 0);
	t.is(electionSettings({...setup, firstTerm: 41}, nodes, ownBoot).firstTerm, 41);
});

test('What the shell does may take a few seconds, and eight intervals where they are long', t => {
	const deadlines = (advertIntervalMs: number) => {
		const nodes = findNodes(samplePair, 'lb1');
		const settings = electionSettings({...setup, pair: {...samplePair, advertIntervalMs}}, nodes, ownBoot);
		return [settings.claimDeadlineMs, settings.releaseDeadlineMs, settings.handoverDeadlineMs];
	};
	t.deepEqual(deadlines(200), [3000, 3000, 5000]);
	t.deepEqual(deadlines(1000), [8000, 8000, 10_000]);
});
