/**
 * A change of state in a paragraph for somebody who was woken by it: what happened, whether anything is broken, where to look. Pure.
 *
 * Decides by the cause, by what both nodes' recordings say (`merge-rings.ts`), and by what this node saw. The facts themselves stand below it, said by
 * `commands/history.ts`.
 */
import {clean} from '../terminal.ts';
import type {Cause} from './cause.ts';
import type {HistoryRecord} from './record.ts';

/** Nothing is broken: what was seen on the wire meanwhile is of no interest. */
const calm: readonly Cause[] = ['start', 'stop', 'planned move', 'preference', 'fit again'];

export function isCalm({cause = 'unknown'}: HistoryRecord): boolean {
	return calm.includes(cause);
}

/** The last change that somebody would ask about; a node that only became fit again, or starts, is one when there is no other. */
export function findTelling(records: readonly HistoryRecord[]): HistoryRecord | undefined {
	const changes = records.filter(({kind, from}) => kind === 'transition' && from !== 'initialize');
	return changes.findLast(({cause}) => cause !== 'fit again' && cause !== 'start') ?? changes.at(-1) ?? records.at(-1);
}

/** @param findings Of both nodes' recordings; absent while the peer is being asked, or was not. */
export function explainChange(record: HistoryRecord, findings?: readonly string[]): string {
	const {node, cause = 'unknown'} = record;
	const reason = clean(record.reason);
	const peer = /^(?:handing over to |neither )?(\S+?):? /.exec(reason)?.[1] ?? 'the peer';
	const detail = reason.replace(/^handing over to \S+: /, '').replace(/^.*?: it cannot serve(?: \((.*)\))?$/, '$1');
	switch (cause) {
		case 'peer silent':
			return `${reason.replace(/ for \d+ ms/, '$& on every path')}, so ${node} took the address. ${explainSilence(peer, record, findings)}`;
		case 'peer stopped':
			return `hapair on ${peer} was stopped (systemctl stop, a restart, a shutdown) and said so, and ${node} took over at once. Nothing is broken, unless nobody stopped it: then the journal of ${peer} says who did.`;
		case 'peer cannot serve':
			return `${peer} could not serve${detail === '' || detail === reason ? '' : `: ${detail}`}, and gave the address to ${node}. What is to be mended is on ${peer}; \`hapair status\` says when it is fit again.`;
		case 'planned move':
			if (reason === `${peer} hands the address over`) {
				return `${peer} gave the address to ${node} in good order: somebody had ordered it, or \`priority\` and \`preempt\` prefer ${node}; \`hapair why\` on ${peer} says which. Nothing is broken.`;
			}
			return `Somebody ordered it: \`hapair failover\`, \`hapair maintenance\`, the dashboard, a drill or a window (${reason}). Nothing is broken.`;
		case 'preference':
			return reason.includes('health')
				? `The node in better health got the address (${reason}): of the servers that this pair tracks it reached more. \`hapair status\` on both nodes shows which are down.`
				: `The address went to the node that \`priority\` and \`preempt\` in the pair section prefer (${reason}). Nothing is broken; with \`preempt off\` it would have stayed.`;
		case 'peer claimed':
			return `${reason}. Both nodes were master, since they had not heard each other, and ${node} gave way as soon as they did. Look at the link between the nodes, and let \`hapair why\` on ${peer} say why it claimed; a witness or a second \`path\` would prevent it.`;
		case 'this node stalled':
			return `${node} itself stood still: ${reason.replace(/^this node/, 'its heartbeat')}. That is longer than its lease, so it gave the address up before it spoke again; ${peer === 'this' ? 'the other node' : peer} may have taken it. Look for a paused or migrated machine, stolen processor time or a stopped process (\`hapair doctor\`); if it comes again, say \`advertise calm\`.`;
		case 'this node cannot serve':
			return `${node} found itself unfit: ${detail}. ${reason.startsWith('handing over') ? `It gave the address to ${peer}, which serves. Mend that on ${node}; with \`preempt off\` the address then stays where it is, until \`hapair failover\`.` : `It takes no address until that is over. Mend that on ${node}.`}`;
		case 'takeover failed':
			return `${node} was to take the address and could not (${reason}); it tries again. Until it can, only the other node can serve.`;
		case 'nobody confirms':
			return `${reason.replace(/^n/, 'N')}. A node that nobody confirms may be cut off, so ${node} gave the address up. Look at the network of ${node} first, then at the witness.`;
		case 'fit again':
			return `What had kept ${node} from serving is over (${reason}). The address has not moved.`;
		case 'start':
			return `hapair was starting here or there (${reason}). Nothing is broken.`;
		case 'stop':
			return `hapair was stopped on ${node} (systemctl stop, a restart, a shutdown). Nothing is broken.`;
		default:
			return `${reason}.`;
	}
}

function explainSilence(peer: string, {evidence = []}: HistoryRecord, findings: readonly string[] = []): string {
	const found = findings.join('; ');
	const carrier = evidence.find(fact => fact.includes('has no carrier here'));
	if (carrier !== undefined) return `${carrier}: cable or switch port on this side.`;
	const isPartlyLost = findings.some(
		each => each.includes(` advertisements from ${peer} to `) && each.includes(' were lost'),
	);
	if (isPartlyLost || found.includes('were lost between the two')) {
		return `${peer} was alive and sent all the while; what it sent was lost between the two. Look at cable, switch and firewall of the link; a second \`path\` or a witness would have helped.`;
	}
	if (found.includes(`${peer} sent nothing`)) {
		return `${peer} was there and sent nothing: its machine or its heartbeat stood still. Look there for a stopped process, a paused machine or stolen processor time.`;
	}
	if (found.includes('it was restarted')) {
		return `${peer} has been started anew since: it lost power, crashed or was rebooted. Its own journal tells more.`;
	}
	const asked = found.includes('could not be asked') ? `${peer} could not be asked in the two minutes after it. ` : '';
	return `${asked}Either ${peer} is off, has crashed or is frozen, or the link between the nodes is cut: look at its console first, then at the link.`;
}
