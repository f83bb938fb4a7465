import test from 'ava';
import {Announcer, announcementDueMs} from '../src/announce.ts';
import {waitFor} from './helpers/wait-for.ts';

test('§5.6: five announcements within 400 ms, four more 1.1 s apart, then one each 30 s', t => {
	const due = Array.from({length: 12}, (_, count) => announcementDueMs(count));
	t.deepEqual(due, [0, 50, 100, 200, 400, 1500, 2600, 3700, 4800, 34_800, 64_800, 94_800]);
});

test('§5.6: it goes on for ever', t => {
	t.is(announcementDueMs(10_000) - announcementDueMs(9999), 30_000);
});

test('A series goes on where a former process left it', async t => {
	const announcer = new Announcer(undefined, [], () => {});
	t.teardown(() => announcer.close());
	t.is(announcer.soFar, undefined);
	announcer.goOn({count: 9, elapsedMs: 20_000});
	t.is(announcer.soFar?.count, 9, 'the tenth is due half a minute after the ninth');
	t.true((announcer.soFar?.elapsedMs ?? 0) >= 20_000);
	announcer.goOn({count: 2, elapsedMs: 100});
	await waitFor('the packet that is due', () => (announcer.soFar?.count ?? 0) >= 3);
	announcer.stop();
	t.is(announcer.soFar, undefined);
});
