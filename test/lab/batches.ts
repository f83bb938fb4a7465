/**
 * Has a machine of a lab receive its packets as one with a network card does: in batches, from the card's queue. A veth hands over each
 * packet by itself, and the kernel treats those of a batch differently.
 *
 * Decides by which settings: the sender segments by itself, the receiver gathers (GRO) and is polled by a thread. `ethtool` is not
 * needed: its calls are made by Perl.
 */
import {runIn} from './namespaces.ts';
import {findTool} from './tools.ts';

// linux/ethtool.h, linux/sockios.h
const ETHTOOL_STSO = 0x1f;
const ETHTOOL_SGRO = 0x2c;
const program = `
my ($device, $command, $value) = @ARGV;
socket(my $socket, 2, 2, 0) or die "socket: $!";
my $order = pack("LL", $command, $value);
my $request = pack("a16Px16", $device, $order);
ioctl($socket, 0x8946, $request) or die "$device: $!";
`;

/** @param port the end of the machine's cable at `hub`, the switch. */
export function receiveInBatches(machine: string, hub: string, port: string): void {
	const perl = findTool('perl');
	runIn(hub, [perl, '-e', program, port, String(ETHTOOL_STSO), '0']);
	runIn(machine, [perl, '-e', program, 'eth0', String(ETHTOOL_SGRO), '1']);
	runIn(machine, ['/bin/sh', '-c', 'echo 1 > /sys/class/net/eth0/threaded']);
}
