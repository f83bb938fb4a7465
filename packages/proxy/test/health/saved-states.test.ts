/** Files of server states: what is believed of them (HAProxy manual, `load-server-state-from-file`). */
import test from 'ava';
import {readSavedStates} from '../../src/health/saved-states.ts';

test('rows are read by the names of their columns', t => {
	t.deepEqual(readSavedStates('1\n# be_name srv_name srv_uweight\npool s1 5\n\npool s2 6\n'), [
		{be_name: 'pool', srv_name: 's1', srv_uweight: '5'},
		{be_name: 'pool', srv_name: 's2', srv_uweight: '6'},
	]);
});

test('another version, an empty file and nonsense say nothing', t => {
	for (const text of ['', '2\n# be_name\npool\n', 'pool s1 5\n', '1\npool\n'])
		t.deepEqual(readSavedStates(text), [], text);
});
