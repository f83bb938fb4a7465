import {fstatSync, openSync} from 'node:fs';
import test from 'ava';
import {RawLoop} from '../../src/engine/raw-loop.ts';
import {loadSocketCalls} from '../../src/system/socket-calls.ts';
import {closeNoted, createJournal} from '../../src/workers/descriptor-journal.ts';

const calls = loadSocketCalls();

(calls ? test : test.skip)('what a loop owned and did not close is closed from its journal, and nothing else', t => {
	const loop = new RawLoop(calls!);
	const journal = createJournal();
	loop.journal = new Int32Array(journal);
	const left = loop.own(openSync('/dev/null', 'r'));
	loop.close(loop.own(openSync('/dev/null', 'r')));
	// Takes the number that was closed.
	const stranger = openSync('/dev/null', 'r');
	closeNoted(journal);
	t.throws(() => fstatSync(left), {code: 'EBADF'});
	t.notThrows(() => fstatSync(stranger));
});
