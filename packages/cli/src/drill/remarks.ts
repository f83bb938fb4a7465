/**
 * What a node that could serve says of itself to its peer beside that, as clauses of its advertisement's note. Pure.
 *
 * Decides two kinds: a backend that nobody answers for as seen from here, and news of a drill, so that both nodes know when the pair was last
 * proven. Notes are signed with the pair's key like the rest of an advertisement, and cut after 200 bytes.
 */
import type {ProxySnapshot, ServerSnapshot} from '@hapair/proxy';
import type {DrillResult} from './record.ts';

/** What makes a node a bad place for the address though no track fails; empty when nothing does. */
export function remarkBackends(snapshot: ProxySnapshot | undefined): string[] {
	return (snapshot?.backends ?? []).flatMap(({name, up, servers}) => {
		if (servers.length === 0) return [];
		if (up === 0) return [`backend ${name} has no server up`];
		return servers.some(isProven) ? [] : [`no server of backend ${name} has been checked yet`];
	});
}

/** A new process calls servers UP before it has looked. */
function isProven({status, lastCheck}: ServerSnapshot): boolean {
	return status === 'no check' || (status.startsWith('UP') && lastCheck !== undefined);
}

export interface DrillNews {
	readonly result: DrillResult;
	readonly giver: string;
	readonly taker: string;
	/** Absent: not measured. */
	readonly gapMs?: number;
	/** RFC 3339. */
	readonly time: string;
}

export const drillRuns = 'drill running';

export function writeNews({result, giver, taker, gapMs, time}: DrillNews): string {
	return `drill ${result} ${giver} ${taker} ${gapMs ?? '-'} ${time}`;
}

/** For the node that is told: the reason is longer than a note, and stands where the drill was held. */
export function describeNews({result}: DrillNews, holder: string): string {
	const told = `${holder} ${result === 'refused' ? 'refused it' : 'held it'} and told this node`;
	return result === 'passed' ? told : `${told}; hapair drill --history on ${holder} says why`;
}

/** Of a note: the news in it, whether there is any word of a drill, and the other clauses. */
export function readNote(note: string): {
	readonly news?: DrillNews;
	readonly isOfDrill: boolean;
	readonly others: readonly string[];
} {
	const clauses = note.split('; ').filter(clause => clause !== '');
	const news = clauses.map(readNews).find(found => found !== undefined);
	const others = clauses.filter(clause => !clause.startsWith('drill '));
	return {...(news === undefined ? {} : {news}), isOfDrill: others.length < clauses.length, others};
}

function readNews(clause: string): DrillNews | undefined {
	const form = /^drill (passed|failed|refused) (\S+) (\S+) (-|\d{1,6}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/;
	const [, result, giver = '', taker = '', gap, time = ''] = form.exec(clause) ?? [];
	if (result !== 'passed' && result !== 'failed' && result !== 'refused') return undefined;
	return {result, giver, taker, ...(gap === '-' ? {} : {gapMs: Number(gap)}), time};
}
