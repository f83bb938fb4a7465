import test from 'ava';
import {findOwnNode, findPeer, listLocalAddresses} from '../../src/configuration/own-node.ts';
import {UserError} from '../../src/exit-codes.ts';
import {samplePair} from '../helpers/samples.ts';

test('a node knows itself by its address, however an IPv6 address is spelled', t => {
	t.is(findOwnNode(samplePair, ['127.0.0.1', '10.0.0.12'], undefined).name, 'lb2');
	const [first, second] = samplePair.nodes;
	const pair = {...samplePair, nodes: [{...first, address: '2001:DB8::0001'}, second]} as const;
	t.is(findOwnNode(pair, ['2001:db8::1'], undefined).name, 'lb1');
});

test('--node overrides the addresses', t => {
	t.is(findOwnNode(samplePair, ['10.0.0.12'], 'lb1').name, 'lb1');
});

test('an unknown --node is a usage error that lists the nodes', t => {
	const error = t.throws(() => findOwnNode(samplePair, [], 'lb3'), {instanceOf: UserError});
	t.is(error.message, '--node lb3: the pair "oslo" has the nodes lb1 (10.0.0.11) and lb2 (10.0.0.12)');
	t.is(error.exitCode, 2);
});

test('a stranger is told both lists', t => {
	const error = t.throws(() => findOwnNode(samplePair, ['127.0.0.1', '10.9.9.9'], undefined), {instanceOf: UserError});
	t.is(
		error.message,
		'this machine is neither node of the pair "oslo": the nodes are lb1 (10.0.0.11) and lb2 (10.0.0.12), this machine has 127.0.0.1, 10.9.9.9',
	);
	t.regex(error.hint ?? '', /--node lb1/);
});

test('a machine with both addresses must be told which node it is', t => {
	const error = t.throws(() => findOwnNode(samplePair, ['10.0.0.11', '10.0.0.12'], undefined), {instanceOf: UserError});
	t.regex(error.message, /has the addresses of both nodes/);
});

test('the peer is the other node', t => {
	t.is(findPeer(samplePair, samplePair.nodes[0]).name, 'lb2');
	t.is(findPeer(samplePair, samplePair.nodes[1]).name, 'lb1');
});

test('the addresses of this machine include loopback', t => {
	t.true(listLocalAddresses().includes('127.0.0.1'));
});
