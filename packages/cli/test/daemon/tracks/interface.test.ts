import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {createInterfaceTrack} from '../../../src/daemon/tracks/interface.ts';
import {makeTempDirectory} from '../../helpers/temp-directory.ts';
import {waitFor} from '../../helpers/wait-for.ts';

test('an interface passes while it is up with a carrier', async t => {
	const sys = makeTempDirectory(t);
	const set = (operstate: string, carrier: string): void => {
		mkdirSync(join(sys, 'eth7'), {recursive: true});
		writeFileSync(join(sys, 'eth7', 'operstate'), `${operstate}\n`);
		writeFileSync(join(sys, 'eth7', 'carrier'), `${carrier}\n`);
	};
	set('up', '1');
	const track = createInterfaceTrack('eth7', sys);
	t.teardown(() => track.stop());
	let changes = 0;
	track.start(() => changes++);
	t.deepEqual(track.result(), {state: 'ok', reason: ''});
	set('down', '0');
	await waitFor('no carrier', () => track.result().reason === 'interface eth7 has no carrier');
	set('dormant', '1');
	await waitFor('dormant', () => track.result().reason === 'interface eth7 is dormant');
	set('unknown', '1');
	await waitFor('ok', () => track.result().state === 'ok');
	rmSync(join(sys, 'eth7'), {recursive: true});
	await waitFor('gone', () => track.result().reason === 'interface eth7 does not exist');
	t.true(changes >= 4);
});

test('loopback of this machine has a carrier', t => {
	t.is(createInterfaceTrack('lo').result().state, 'ok');
});
