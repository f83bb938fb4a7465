/**
 * The programs that a takeover needs.
 *
 * Decides what each one's absence costs. Leaves nft to `lease.ts`, which tries what it can do.
 */
import type {Pair} from '@hapair/config';
import {type Finding, finding} from '../finding.ts';
import type {Subject} from '../subject.ts';

const check = 'programs';

export function judgePrograms(pair: Pick<Pair, 'virtualAddresses' | 'tracks'>, tools: Subject['tools']): Finding[] {
	const families = new Set(pair.virtualAddresses.map(({family}) => family));
	const found: Finding[] = [];
	if (tools.ip === undefined) {
		const message = 'ip is not installed: the virtual address cannot be set';
		found.push(finding(check, 'fail', message, 'apt-get install iproute2'));
	}
	if (families.has(4) && tools.arping === undefined) {
		const message = 'arping is not installed: nobody is told of a takeover, and neighbours notice it late';
		found.push(finding(check, 'warn', message, 'apt-get install iputils-arping'));
	}
	if (families.has(6) && tools.perl === undefined) {
		const message = 'perl is not installed: IPv6 addresses are not announced, and neighbours notice a takeover late';
		found.push(finding(check, 'warn', message, 'apt-get install perl-base'));
	}
	if (pair.tracks.some(({kind}) => kind === 'gateway') && tools.ping === undefined) {
		const message = 'ping is not installed: track gateway asks by ARP only';
		found.push(finding(check, 'warn', message, 'apt-get install iputils-ping'));
	}
	const needed = ['ip', ...(families.has(4) ? ['arping'] : []), ...(families.has(6) ? ['perl'] : [])];
	const verb = needed.length === 1 ? 'is' : 'are';
	return found.length > 0 ? found : [finding(check, 'ok', `${needed.join(' and ')} ${verb} installed`)];
}
