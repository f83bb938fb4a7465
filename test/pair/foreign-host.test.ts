import test from 'ava';
import {runIn} from '../lab/namespaces.ts';
import {virtualAddress} from '../lab/network.ts';
import {findTool} from '../lab/tools.ts';
import {waitFor} from '../lab/wait.ts';
import {waitForPair, withPair} from './with-pair.ts';

test.serial(
	'A stranger has the address: no node claims it, its hardware address is named, and when it is gone the pair serves',
	async t => {
		await withPair(t, {}, async lab => {
			const client = lab.network.namespaceOf('client');
			const ip = (...words: string[]) => runIn(client, [findTool('ip'), ...words]);
			// Both nodes leave; the stranger comes while nobody looks.
			await lab.daemon('lb2').stop();
			await lab.daemon('lb1').stop();
			ip('address', 'add', `${virtualAddress}/32`, 'dev', 'eth0');
			lab.startDaemon('lb1');
			lab.startDaemon('lb2');
			const reasonOf = async (node: 'lb1' | 'lb2') => (await lab.readStatus(node)).self.reasons?.join(' ') ?? '';
			for (const node of ['lb1', 'lb2'] as const)
				await waitFor(`${node} to see the stranger`, async () =>
					/10\.0\.0\.100 is in use by (?:[0-9a-f]{2}:){5}[0-9a-f]{2} on eth0/.test(await reasonOf(node)),
				);
			for (const node of ['lb1', 'lb2'] as const) t.false((await lab.readStatus(node)).self.holdsAddress);
			ip('address', 'del', `${virtualAddress}/32`, 'dev', 'eth0');
			await waitForPair(lab);
			t.pass();
		});
	},
);
