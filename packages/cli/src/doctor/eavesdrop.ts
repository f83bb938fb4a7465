/**
 * Listens to the pair's port on the wire: the peer's advertisements to this node, and the renewing copies of every pair's master.
 *
 * Decides what is kept: of each sender and pair the newest datagram. Takes no port and joins the group at the interface only, so that
 * it changes nothing for a daemon that runs, or that starts meanwhile. Leaves what a datagram means to `checks/`.
 */
import {perlClock} from './perl-clock.ts';
import {runTool} from './run-tool.ts';
import type {Subject} from './subject.ts';

export interface Overheard {
	readonly source: string;
	readonly destination: string;
	readonly bytes: Uint8Array;
}

/**
 * Source, destination and payload of UDP over IPv4 to a port, one a line; of each source and pair at most one in 50 ms.
 *
 * The socket takes nothing before it is bound: what arrived before the filter stands would be taken for the peer's (packet(7)).
 */
export const listenerProgram = `
use strict; use Socket; $| = 1;
${perlClock}
my ($dev, $port, $seconds) = @ARGV;
open(my $f, '<', "/sys/class/net/$dev/ifindex") or die "no $dev\\n"; my $index = <$f>; chomp $index;
socket(my $s, 17, SOCK_RAW, 0) or die "socket: $!\\n";
my @filter = ([0x30, 0, 0, 23], [0x15, 0, 5, 17], [0x28, 0, 0, 20], [0x45, 3, 0, 0x1fff], [0xb1, 0, 0, 14], [0x48, 0, 0, 16],
	[0x15, 1, 0, $port], [0x06, 0, 0, 0], [0x06, 0, 0, 65535]);
my $code = join '', map { pack('SCCL', @$_) } @filter;
setsockopt($s, 1, 26, pack('S x![P] P', scalar @filter, $code)) or die "filter: $!\\n";
bind($s, pack('S n i S C C a8', 17, 0x0800, $index, 0, 0, 0, '')) or die "bind: $!\\n";
setsockopt($s, 263, 1, pack('i S S a8', $index, 0, 6, pack('H12', '01005e000012')));
my ($end, %last) = (now() + $seconds);
print "listening\\n";
while ((my $left = $end - now()) > 0) {
	my $ready = ''; vec($ready, fileno($s), 1) = 1;
	next unless select($ready, undef, undef, $left) > 0 && defined recv($s, my $frame, 2048, 0);
	my $head = (ord(substr($frame, 14, 1)) & 15) * 4;
	next if length $frame < 14 + $head + 8 + 24;
	my $length = unpack('n', substr($frame, 14 + $head + 4, 2)) - 8;
	my $data = substr($frame, 14 + $head + 8, $length);
	my $key = substr($frame, 26, 8) . substr($data, 8, 16);
	next if $last{$key} && now() - $last{$key} < 0.05;
	$last{$key} = now();
	print join(' ', inet_ntoa(substr($frame, 26, 4)), inet_ntoa(substr($frame, 30, 4)), unpack('H*', $data)), "\\n";
}
`;

/** How long to listen: a silent master-down interval and a bit, 1–5 s. */
export function listeningMs(advertIntervalMs: number): number {
	return Math.min(5000, Math.max(1000, 4 * advertIntervalMs));
}

/** What was heard on these interfaces; undefined where nobody could listen. */
export async function eavesdrop(devices: readonly string[], subject: Subject): Promise<Overheard[] | undefined> {
	const {tools, mayListen, pair} = subject;
	const {perl} = tools;
	if (perl === undefined || !mayListen || devices.length === 0) return undefined;
	const seconds = listeningMs(pair.advertIntervalMs) / 1000;
	const outputs = await Promise.all(
		devices.map(device =>
			runTool([perl, '-e', listenerProgram, device, String(pair.port), String(seconds)], seconds * 1000 + 3000),
		),
	);
	const heard = outputs.filter(({output}) => output.startsWith('listening'));
	return heard.length === 0 ? undefined : heard.flatMap(({output}) => readOverheard(output));
}

export function readOverheard(output: string): Overheard[] {
	return [...output.matchAll(/^([\d.]+) ([\d.]+) ([0-9a-f]+)$/gm)].map(
		([, source = '', destination = '', hex = '']) => ({
			source,
			destination,
			bytes: Uint8Array.from(Buffer.from(hex, 'hex')),
		}),
	);
}
