import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {dropInFolder, keepsAddresses} from '../../src/doctor/checks/conflicts.ts';
import {keepConfiguration} from '../../src/joining/keep-configuration.ts';
import {samplePair} from '../helpers/samples.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const managed = (keeps: boolean) => [{device: 'eth0', file: '/run/systemd/network/10-netplan-eth0.network', keeps}];

test('an interface that systemd-networkd manages gets the drop-in, and one that keeps addresses already does not', t => {
	const folder = join(makeTempDirectory(t), 'eth0.network.d');
	const path = join(folder, '50-hapair.conf');
	const [said = ''] = keepConfiguration(samplePair, managed(false), () => folder);
	t.regex(said, /50-hapair\.conf: written, so that a restart of systemd-networkd keeps the virtual address on eth0$/);
	t.true(keepsAddresses([readFileSync(path, 'utf8')]));
	t.deepEqual(
		keepConfiguration(samplePair, managed(true), () => '/nonexistent'),
		[],
	);
	t.is(dropInFolder(managed(true)[0]?.file ?? ''), '/etc/systemd/network/10-netplan-eth0.network.d');
});

test('where it cannot be written, what that costs is said', t => {
	const [said = ''] = keepConfiguration(samplePair, managed(false), () => '/proc/hapair');
	t.regex(said, /could not be written \(.*\): a restart of systemd-networkd takes the virtual address until hapair/);
});
