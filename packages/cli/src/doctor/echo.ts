/**
 * Asks an address for an echo (RFC 792, RFC 4443 §4), with packets of given sizes that no router may fragment.
 *
 * Decides how often: three times, 300 ms each. By Perl's raw sockets, since `ping` is often not installed; the kernel finds the way.
 */
import {isIP} from 'node:net';
import {perlClock} from './perl-clock.ts';
import {runTool} from './run-tool.ts';
import type {PathRoute, Subject} from './subject.ts';

/** Arguments: family, own address, other address, sizes of whole packets. Each answered size is printed. */
const echoProgram = `
use strict; use Socket qw(:all); $| = 1;
${perlClock}
my ($family, $own, $peer, @sizes) = @ARGV;
my $six = $family == 6;
my ($domain, $protocol, $request, $reply, $heads) = $six ? (AF_INET6, 58, 128, 129, 48) : (AF_INET, 1, 8, 0, 28);
socket(my $s, $domain, SOCK_RAW, $protocol) or die "socket: $!\\n";
my $address = sub { my $raw = inet_pton($domain, $_[0]); $six ? pack_sockaddr_in6(0, $raw) : pack_sockaddr_in(0, $raw) };
bind($s, $address->($own)) or die "bind: $!\\n";
setsockopt($s, $six ? 41 : 0, $six ? 23 : 10, pack('i', 3)) or die "mtu: $!\\n";
sub sum { my ($n, $d) = (0, @_); $n += $_ for unpack('n*', $d); $n = ($n & 0xffff) + ($n >> 16) while $n >> 16; ~$n & 0xffff }
my ($id, $count) = ($$ & 0xffff, 0);
SIZE: for my $size (@sizes) {
	for (1 .. 3) {
		$count++;
		my $echo = pack('C2n3', $request, 0, 0, $id, $count) . "\\0\\1" x (($size - $heads) / 2);
		substr($echo, 2, 2) = pack('n', sum($echo)) unless $six;
		send($s, $echo, 0, $address->($peer)) or next;
		my $end = now() + 0.3;
		while ((my $left = $end - now()) > 0) {
			my $ready = ''; vec($ready, fileno($s), 1) = 1;
			next unless select($ready, undef, undef, $left) > 0 && defined recv($s, my $packet, 65535, 0);
			$packet = substr($packet, (ord($packet) & 15) * 4) unless $six;
			my ($type, $rid, $seen) = unpack('C x3 n2', $packet);
			if ($type == $reply && $rid == $id && $seen == $count) { print "$size\\n"; next SIZE; }
		}
	}
}
`;

/** Which of the sizes (bytes of whole packets) were answered; undefined when nothing could be sent. */
export async function askEcho(
	{local, remote}: PathRoute,
	sizesBytes: readonly number[],
	{tools: {perl}, mayListen}: Pick<Subject, 'tools' | 'mayListen'>,
): Promise<ReadonlySet<number> | undefined> {
	if (perl === undefined || !mayListen) return undefined;
	const words = [String(isIP(remote)), local, remote, ...sizesBytes.map(String)];
	const {output, exitCode} = await runTool([perl, '-e', echoProgram, ...words], 2000 + 1000 * sizesBytes.length);
	return exitCode === 0 ? new Set(output.split('\n').filter(Boolean).map(Number)) : undefined;
}
