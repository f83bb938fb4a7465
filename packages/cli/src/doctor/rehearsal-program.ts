/**
 * The Perl program that rehearses a takeover with an address that nobody uses, the peer's kernel being the neighbour that must learn it.
 *
 * Decides which frames are sent and what is reported, one "word value" a line. Leaves their meaning to `checks/announcement.ts`. Perl for
 * the reason that the heartbeat has: Debian and Ubuntu always have it, and Node opens no packet socket.
 *
 *   1. ask for the peer's hardware address, then for an echo from the own address: the peer is there and answers
 *   2. ask for the candidates and the virtual address by ARP probe (RFC 5227 §2.1.1): who answers uses it
 *   3. echo request from a free candidate: the peer does not know it and asks for it by ARP, which is left unanswered
 *   4. gratuitous ARP for it, in the form of the announcement: a peer that accepts it sends the reply that waits (RFC 5227 §3)
 *   5. where it did not: an ordinary answer, to tell "no gratuitous ARP" from "no ARP at all for this address"
 *   6. ARP request to the peer alone from the virtual address, where the caller permits it
 *
 * What is touched: entries of the peer's neighbour table, for addresses that nobody uses. The virtual address is never announced.
 * Arguments: device, own address, peer's address, virtual address, `hold`, `free` or `leave` for it, candidates.
 */
import {perlClock} from './perl-clock.ts';

export const rehearsalProgram = `
use strict; use Socket; $| = 1;
${perlClock}
my ($dev, $own, $peer, $vip, $may, @candidates) = @ARGV;
sub content { open(my $f, '<', $_[0]) or die "no $_[0]\\n"; my $text = <$f>; close $f; chomp $text; $text }
sub say { print "@_\\n" }
my $index = content("/sys/class/net/$dev/ifindex");
my $mac = pack('H12', content("/sys/class/net/$dev/address") =~ s/://gr);
my ($all, $none, $zero) = ("\\xff" x 6, "\\0" x 6, '0.0.0.0');
sub listener {
	my ($protocol, @filter) = @_;
	# Nothing arrives before it is bound (packet(7)): no frame of another kind or interface is read.
	socket(my $s, 17, SOCK_RAW, 0) or die "socket: $!\\n";
	my $code = join '', map { pack('SCCL', @$_) } @filter;
	if (@filter) { setsockopt($s, 1, 26, pack('S x![P] P', scalar @filter, $code)) or die "filter: $!\\n"; }
	bind($s, pack('S n i S C C a8', 17, $protocol, $index, 0, 0, 0, '')) or die "bind: $!\\n";
	$s;
}
my $arp = listener(0x0806);
my $icmp = listener(0x0800, [0x30, 0, 0, 23], [0x15, 0, 1, 1], [0x06, 0, 0, 65535], [0x06, 0, 0, 0]);
sub send_arp {
	my ($to, $op, $from, $target, $targetmac) = @_;
	send($arp, $to . $mac . pack('n5', 0x0806, 1, 0x0800, 0x0604, $op) . $mac . inet_aton($from) . $targetmac . inet_aton($target) . "\\0" x 18, 0);
}
sub sum { my ($n, $d) = (0, @_); $n += $_ for unpack('n*', $d); $n = ($n & 0xffff) + ($n >> 16) while $n >> 16; ~$n & 0xffff }
my ($id, $count) = ($$ & 0xffff, 0);
sub send_echo {
	my ($to, $from) = @_; $count++;
	my $echo = pack('C2n3', 8, 0, 0, $id, $count) . 'hapair doctor   '; substr($echo, 2, 2) = pack('n', sum($echo));
	my $head = pack('C2n3C2n', 0x45, 0, 20 + length $echo, $id, 0, 64, 1, 0) . inet_aton($from) . inet_aton($peer);
	substr($head, 10, 2) = pack('n', sum($head));
	send($icmp, $to . $mac . pack('n', 0x0800) . $head . $echo, 0);
}
# Reads until a frame is the one wanted or the time is over.
sub await {
	my ($seconds, $wanted) = @_; my $end = now() + $seconds;
	while ((my $left = $end - now()) > 0) {
		my $ready = ''; vec($ready, fileno($_), 1) = 1 for $arp, $icmp;
		next unless select($ready, undef, undef, $left) > 0;
		if (vec($ready, fileno($arp), 1) && defined recv($arp, my $frame, 2048, 0)) {
			next if length $frame < 42 || substr($frame, 6, 6) eq $mac;
			my ($op, $smac, $sip, undef, $tip) = unpack('x20 n a6 a4 a6 a4', $frame);
			my $found = $wanted->('arp', $op, inet_ntoa($sip), join(':', unpack('(H2)6', $smac)), inet_ntoa($tip));
			return $found if $found;
		}
		if (vec($ready, fileno($icmp), 1) && defined recv($icmp, my $frame, 2048, 0)) {
			next if length $frame < 42 || ord(substr($frame, 14, 1)) != 0x45;
			my ($sip, $tip, $type, $rid) = unpack('x26 a4 a4 C x3 n', $frame);
			next unless inet_ntoa($sip) eq $peer && $type == 0 && $rid == $id;
			my $found = $wanted->('echo', inet_ntoa($tip));
			return $found if $found;
		}
	}
	return undef;
}
my $peermac;
for (1 .. 3) {
	send_arp($all, 1, $own, $peer, $none);
	$peermac = await(0.4, sub { $_[0] eq 'arp' && $_[1] == 2 && $_[2] eq $peer && $_[3] }) and last;
}
if (!$peermac) { say('peer', 'silent'); exit 0; }
say('peer', $peermac);
my $to = pack('H12', $peermac =~ s/://gr);
sub echoes { my ($from, $tries) = @_;
	for (1 .. $tries) { send_echo($to, $from); return 'yes' if await(0.4, sub { $_[0] eq 'echo' && $_[1] eq $from }); }
	'no';
}
say('echo', echoes($own, 3));
my (%used, %asked); $asked{$_} = 1 for @candidates, $vip;
for (1 .. 2) {
	send_arp($all, 1, $zero, $_, $none) for grep { $_ ne $vip || $may ne 'hold' } sort keys %asked;
	await(0.35, sub { $used{$_[2]} = $_[3] if $_[0] eq 'arp' && $_[1] == 2 && $asked{$_[2]}; 0 });
}
say('used', $_, $used{$_}) for sort keys %used;
my ($free) = grep { !$used{$_} } @candidates;
say('address', $free || 'none');
if ($free) {
	my $seen;
	for (1 .. 3) {
		send_echo($to, $free);
		$seen = await(0.5, sub { ($_[0] eq 'arp' && $_[1] == 1 && $_[2] eq $peer && $_[4] eq $free) ? 'yes' : ($_[0] eq 'echo' && $_[1] eq $free) ? 'early' : '' }) and last;
	}
	say('asked', $seen || 'no');
	if (($seen || '') eq 'yes') {
		my $reply = sub { $_[0] eq 'echo' && $_[1] eq $free };
		my $told;
		for (1 .. 3) { send_arp($all, 1, $free, $free, $all); $told = await(0.3, $reply) and last; send_echo($to, $free); }
		say('garp', $told ? 'yes' : 'no');
		if (!$told) {
			for (1 .. 3) { send_arp($to, 2, $free, $peer, $to); $told = await(0.3, $reply) and last; send_echo($to, $free); }
			say('answer', $told ? 'yes' : 'no');
		}
	}
}
if ($may eq 'hold' || ($may eq 'free' && !$used{$vip})) {
	my $heard;
	for (1 .. 2) { send_arp($to, 1, $vip, $peer, $none); $heard = await(0.4, sub { $_[0] eq 'arp' && $_[1] == 2 && $_[2] eq $peer && $_[4] eq $vip }) and last; }
	say('sender', $heard ? 'yes' : 'no');
	say('vipecho', echoes($vip, 2)) if $may eq 'hold';
}
say('end', 'yes');
`;
