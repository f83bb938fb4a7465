/**
 * Does a machine that is neither node use the virtual address?
 *
 * Decides from who answered the rehearsal's ARP probe for it. The peer's own answer is no stranger's. Asked only while this node does not
 * hold the address; a node that holds it would hear itself.
 */
import {type Finding, finding} from '../finding.ts';
import type {AnnouncementFacts} from './announcement.ts';

export function judgeStranger({device, peer, virtualAddress, rehearsal}: AnnouncementFacts): Finding[] {
	if (rehearsal?.peerMac === undefined) return [];
	const answered = rehearsal.used.get(virtualAddress);
	if (answered === undefined)
		return [finding('address', 'ok', `no stranger answers for ${virtualAddress} on ${device}`)];
	if (answered === rehearsal.peerMac)
		return [finding('address', 'ok', `${peer} answers for ${virtualAddress} on ${device}`)];
	// Everything is answered there: no news about this address.
	if (rehearsal.address === undefined) return [];
	const message = `${virtualAddress} is in use by ${answered} on ${device}, which is neither node: no node will claim it`;
	return [finding('address', 'fail', message, 'remove the address there, or choose another virtual-ip')];
}
