/**
 * Do connections outlive a planned failover?
 *
 * Decides from the running daemon's word alone: the heartbeat tries the kernel's rules at its start, and asks the peer.
 */
import type {StatusReport} from '../../daemon/status-report.ts';
import {type Finding, finding} from '../finding.ts';

const check = 'second chance';

export function judgeSecondChance(daemon: StatusReport | undefined): Finding {
	const known = daemon?.pair?.secondChance;
	if (known === undefined) {
		return finding(
			check,
			'unknown',
			'whether connections outlive a planned failover',
			'start the daemon on both nodes',
		);
	}
	if (known.why === '')
		return finding(check, 'ok', 'connections outlive a planned failover: the new master passes them on');
	// Chosen so, or a matter of the network: no fault of this machine.
	if (known.why.includes('second-chance off') || known.why.includes('a driver delivers'))
		return finding(check, 'ok', `connections are drained before a planned failover: ${known.why}`);
	const message = `connections end with a planned failover, which drains before it: ${known.why}`;
	return finding(check, 'warn', message, 'docs/operating.md, "Move the address", says what it needs');
}
