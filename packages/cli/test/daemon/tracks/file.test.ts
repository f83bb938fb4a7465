import {rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {createFileTrack} from '../../../src/daemon/tracks/file.ts';
import {makeTempDirectory} from '../../helpers/temp-directory.ts';
import {waitFor} from '../../helpers/wait-for.ts';

const timing = {everyMs: 10, timeoutMs: 1000, rise: 1, fall: 1, position: {file: 'x', line: 1, column: 1}};

for (const present of [true, false]) {
	test(`fit while the file is ${present ? 'there' : 'not there'}`, async t => {
		const path = join(makeTempDirectory(t), 'flag');
		const track = createFileTrack({kind: 'file', path, present, ...timing});
		t.teardown(() => track.stop());
		track.start(() => {});
		await waitFor('the track to turn', () => track.result().state === (present ? 'failed' : 'ok'));
		writeFileSync(path, '');
		await waitFor('the track to turn', () => track.result().state === (present ? 'ok' : 'failed'));
		t.is(track.result().reason, present ? '' : `file ${path} is there`);
		rmSync(path);
		await waitFor('the track to turn', () => track.result().state === (present ? 'failed' : 'ok'));
		t.is(track.result().reason, present ? `file ${path} is not there` : '');
	});
}
