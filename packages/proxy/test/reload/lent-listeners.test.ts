import test from 'ava';
import {assignListeners, keysOfBinds} from '../../src/reload/lent-listeners.ts';
import {readConfiguration} from '../helpers/proxy.ts';

function configure(binds: readonly string[], more = '') {
	return readConfiguration(
		`defaults\n timeout connect 1s\n timeout client 1s\n timeout server 1s\nfrontend a\n${binds
			.map(bind => ` bind ${bind}\n`)
			.join('')}${more}`,
	);
}

const lend = (key: string, ...fds: number[]) => fds.map(fd => ({key, fd}));

test('a socket is known by its address and options, not by its frontend', t => {
	const before = keysOfBinds(configure([':80', '10.0.0.1:80', ':::443 v6only']));
	const after = keysOfBinds(configure([':8080'], 'frontend b\n bind :80\n bind :::443\n'));
	t.is(after.find(({frontend}) => frontend === 1)?.key, before[0]?.key);
	t.not(before[0]?.key, before[1]?.key);
	t.false(
		after.some(({key}) => key === before[2]?.key),
		'v6only is another socket',
	);
});

test('a frontend that is off has no sockets to give or to take', t => {
	const keys = keysOfBinds(configure([':80'], 'frontend c\n bind :81\n disabled\n'));
	t.deepEqual(
		keys.map(({frontend}) => frontend),
		[0],
	);
});

test('as many workers as before: a socket each', t => {
	const configuration = configure([':80']);
	const key = keysOfBinds(configuration)[0]!.key;
	const {assigned, unused} = assignListeners(lend(key, 7, 8), configuration, 2);
	t.deepEqual(
		assigned.map(({worker, fd, isShared}) => [worker, fd, isShared]),
		[
			[0, 7, false],
			[1, 8, false],
		],
	);
	t.deepEqual(unused, []);
});

test('fewer workers than before: no socket is left without one who accepts', t => {
	const configuration = configure([':80']);
	const key = keysOfBinds(configuration)[0]!.key;
	const {assigned} = assignListeners(lend(key, 7, 8, 9), configuration, 2);
	t.deepEqual(
		assigned.map(({worker, fd}) => [worker, fd]),
		[
			[0, 7],
			[1, 8],
			[0, 9],
		],
	);
});

test('more workers than before: the new ones share', t => {
	const configuration = configure([':80']);
	const key = keysOfBinds(configuration)[0]!.key;
	const {assigned} = assignListeners(lend(key, 7), configuration, 3);
	t.deepEqual(
		assigned.map(({worker, fd, isShared}) => [worker, fd, isShared]),
		[
			[0, 7, false],
			[1, 7, true],
			[2, 7, true],
		],
	);
});

test('a socket file stays with the first worker; an address that is gone is not used', t => {
	const configuration = configure(['/run/a.sock']);
	const key = keysOfBinds(configuration)[0]!.key;
	const {assigned, unused} = assignListeners([...lend(key, 7), ...lend('gone', 9)], configuration, 2);
	t.deepEqual(
		assigned.map(({worker, fd}) => [worker, fd]),
		[[0, 7]],
	);
	t.deepEqual(unused, lend('gone', 9));
});
