import test from 'ava';
import {runIn} from '../lab/namespaces.ts';
import {virtualAddress} from '../lab/network.ts';
import {letPassMs, waitFor} from '../lab/wait.ts';
import {onStage} from './heartbeat-stage.ts';

test.serial(
	'One heartbeat process follows another: who has the port speaks, whatever the daemons say, and nobody else notices',
	async t => {
		await onStage(async ({network, startBoth, startFollower}) => {
			const [lb1, lb2] = await startBoth();
			const term = lb1.status?.term;
			const transitions = lb2.messages.filter(({type}) => type === 'transition').length;
			const hasAddress = (): boolean =>
				runIn(network.namespaceOf('lb1'), ['ip', '-o', 'addr', 'show', 'dev', 'eth0']).includes(` ${virtualAddress}/`);

			// Nobody takes what was left: the same process goes on by itself.
			lb1.send({type: 'bequeath', requestId: 1});
			const unwanted = await lb1.hear('bequest');
			await lb1.hear('resumed');
			t.true(hasAddress());

			// What was left then is nobody's any more, however good it looks.
			const next = startFollower('lb1');
			await next.hear('prepared');
			next.send({type: 'inherit', requestId: 2, bequest: unwanted.bequest});
			t.is((await next.hear('declined')).reason, 'the bequest came too late');
			const untilMs = unwanted.bequest.untilMs + 3_600_000;
			next.send({type: 'inherit', requestId: 3, bequest: {...unwanted.bequest, untilMs}});
			t.is((await next.hear('declined', 1)).reason, 'the former heartbeat has the port');
			next.send({type: 'inherit', requestId: 4, bequest: {...unwanted.bequest, version: 999}});
			t.regex((await next.hear('declined', 2)).reason, /do not understand/);

			// Taken: the former one hears of it by nothing but the port, and ends without touching anything.
			lb1.send({type: 'bequeath', requestId: 5});
			const {bequest} = await lb1.hear('bequest', 1);
			next.send({type: 'inherit', requestId: 6, bequest});
			await next.hear('begun');
			lb1.send({type: 'resume'});
			await next.waitFor('master');
			lb1.send({type: 'leave'});
			t.is(await lb1.waitForExit(), 0);
			t.is(lb1.messages.filter(({type}) => type === 'resumed').length, 1);
			await letPassMs(1500);
			t.true(hasAddress());
			t.is(next.status?.term, term);
			t.is(next.status?.lease, 'kernel');
			t.true((next.status?.leaseAgeMs ?? 1000) < 500);
			const sent = next.counter('sent');
			await waitFor(
				'lb2 to hear the new one',
				() => lb2.status?.peer.state === 'master' && next.counter('sent') > sent,
			);
			t.is(lb2.messages.filter(({type}) => type === 'transition').length, transitions, 'lb2 has not noticed');
			t.deepEqual(lb2.events('solo'), []);

			// A process that waits for its turn goes when its daemon does, and leaves the address alone.
			const third = startFollower('lb1');
			await third.hear('prepared');
			third.disconnect();
			await third.waitForExit();
			t.true(hasAddress());
			t.is(next.status?.state, 'master');

			// One that was frozen on its way speaks for nothing any more: the peer may have the address by then.
			const frozen = startFollower('lb1');
			await frozen.hear('prepared');
			next.send({type: 'bequeath', requestId: 7});
			const {bequest: last} = await next.hear('bequest');
			const advertisedMs = last.election.advertisedMs - 5000;
			frozen.send({type: 'inherit', requestId: 8, bequest: {...last, election: {...last.election, advertisedMs}}});
			await frozen.hear('begun');
			next.send({type: 'leave'});
			await frozen.waitFor('backup');
			t.is(frozen.events('stalled').length, 1);

			// The end of the one that followed is the end that it always was.
			frozen.send({type: 'stop'});
			t.is(await frozen.waitForExit(), 0);
			t.false(hasAddress());
			await lb2.waitFor('master');
		});
	},
);
