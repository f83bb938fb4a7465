import test from 'ava';
import {announcementDueMs} from '../src/announce.ts';

test('§5.6: five announcements within 400 ms, four more 1.1 s apart, then one each 30 s', t => {
	const due = Array.from({length: 12}, (_, count) => announcementDueMs(count));
	t.deepEqual(due, [0, 50, 100, 200, 400, 1500, 2600, 3700, 4800, 34_800, 64_800, 94_800]);
});

test('§5.6: it goes on for ever', t => {
	t.is(announcementDueMs(10_000) - announcementDueMs(9999), 30_000);
});
