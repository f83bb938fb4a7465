/**
 * The Perl program that sends unsolicited neighbour advertisements (RFC 4861 §4.4, §7.2.6).
 *
 * Perl because every Debian and Ubuntu has it (package perl-base is essential) and Node opens no raw socket. The kernel
 * sends none for an address added with `nodad`, and without `nodad` only after a second of detection.
 * Reads lines "DEVICE ADDRESS", ends with its input. Override flag set, solicited clear, target link-layer option, hop limit 255, to
 * all nodes of the link; the checksum is the kernel's work. A packet that cannot be sent is skipped: the next one follows.
 */
export const neighbourAdvertisementProgram = `
use strict; use Socket qw(:all);
$SIG{$_} = 'IGNORE' for qw(TERM INT HUP PIPE);
sub content { open(my $f, '<', $_[0]) or return ''; my $text = <$f>; close $f; chomp $text; $text }
while (my $line = <STDIN>) {
	my ($dev, $ip) = $line =~ /^([\\w.@:+-]+) ([0-9a-fA-F:.]+)$/ or next;
	my $index = content("/sys/class/net/$dev/ifindex") or next;
	my $mac = content("/sys/class/net/$dev/address");
	$mac =~ /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/ or next;
	my $target = inet_pton(AF_INET6, $ip) or next;
	socket(my $s, AF_INET6, SOCK_RAW, 58) or next;
	setsockopt($s, 41, 18, pack('i', 255)) or next;
	setsockopt($s, 41, 17, pack('i', $index)) or next;
	bind($s, pack_sockaddr_in6(0, $target, 0, 0)) or next;
	my $na = pack('CCnN', 136, 0, 0, 0x20000000) . $target . pack('CC', 2, 1) . pack('H12', $mac =~ s/://gr);
	send($s, $na, 0, pack_sockaddr_in6(0, inet_pton(AF_INET6, 'ff02::1'), $index, 0));
	close $s;
}
`;
