import test from 'ava';
import {drillRuns, readNote, remarkBackends, writeNews} from '../../src/drill/remarks.ts';
import {sampleSnapshot} from '../helpers/samples.ts';

const [backend] = sampleSnapshot.backends;
const withServers = (up: number, ...servers: {status: string; lastCheck?: string}[]) => ({
	...sampleSnapshot,
	backends: [{...backend!, up, servers: servers.map(server => ({...backend!.servers[0]!, lastCheck: '', ...server}))}],
});

test('a backend without a server up is remarked, and one that was not looked at yet', t => {
	t.deepEqual(remarkBackends(sampleSnapshot), []);
	t.deepEqual(remarkBackends(undefined), []);
	t.deepEqual(remarkBackends(withServers(0, {status: 'DOWN'})), ['backend web_servers has no server up']);
	t.deepEqual(remarkBackends(withServers(1, {status: 'no check'})), []);
	const unseen = {...backend!, servers: backend!.servers.map(({lastCheck: _, ...server}) => server)};
	t.deepEqual(remarkBackends({...sampleSnapshot, backends: [unseen]}), [
		'no server of backend web_servers has been checked yet',
	]);
	t.deepEqual(remarkBackends({...sampleSnapshot, backends: [{...backend!, up: 0, servers: []}]}), []);
});

test('news of a drill travel in a note, among other clauses', t => {
	const news = {result: 'passed', giver: 'lb1', taker: 'lb2', gapMs: 34, time: '2026-11-28T04:00:03.120Z'} as const;
	t.deepEqual(readNote(`${writeNews(news)}; backend app has no server up`), {
		news,
		isOfDrill: true,
		others: ['backend app has no server up'],
	});
	const {gapMs: _, ...unmeasured} = {...news, result: 'failed' as const};
	t.deepEqual(readNote(writeNews(unmeasured)).news, unmeasured);
	t.deepEqual(readNote(drillRuns), {isOfDrill: true, others: []});
	t.deepEqual(readNote(''), {isOfDrill: false, others: []});
	t.is(readNote('drill passed lb1 lb2 34 yesterday').news, undefined);
});
