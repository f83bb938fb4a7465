import {spawnSync} from 'node:child_process';
import test from 'ava';
import {listenerProgram, readOverheard} from '../../src/doctor/eavesdrop.ts';

const isRoot = process.getuid?.() === 0;
/** A network of its own, in which only this program speaks. */
const unshare = isRoot ? ['unshare', '-n'] : ['unshare', '-rn'];
const can = spawnSync(unshare[0] ?? '', [...unshare.slice(1), 'true']).status === 0;
const run = can || isRoot ? test : test.skip;

/** Says something to another port before the filter is there, and to the pair's once the socket is bound. */
const speaker = `
BEGIN {
	use Socket;
	my $tell = sub { my ($port, $word) = @_;
		socket(my $u, PF_INET, SOCK_DGRAM, 0); send($u, $word x 8, 0, sockaddr_in($port, inet_aton('127.0.0.1')));
		select(undef, undef, undef, 0.1);
	};
	*CORE::GLOBAL::setsockopt = sub (*$$$) { $tell->(9, 'early'); CORE::setsockopt($_[0], $_[1], $_[2], $_[3]) };
	*CORE::GLOBAL::bind = sub (*$) { my $bound = CORE::bind($_[0], $_[1]); $tell->(3694, 'heard'); $bound };
}`;

run('What arrives while the listener is still being made is not taken for a word of the peer', t => {
	const [program = '', ...argv] = unshare;
	const perl = `exec perl -e "$1" lo 3694 1`;
	const script = `ip link set lo up && ${perl}`;
	const {stdout, stderr} = spawnSync(program, [...argv, 'sh', '-c', script, 'sh', speaker + listenerProgram], {
		encoding: 'utf8',
		timeout: 20_000,
	});
	t.true(stdout.startsWith('listening\n'), stderr);
	const words = new Set(readOverheard(stdout).map(({bytes}) => Buffer.from(bytes).toString()));
	t.deepEqual([...words], ['heard'.repeat(8)]);
});
