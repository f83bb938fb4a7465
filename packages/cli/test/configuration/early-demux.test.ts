import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {findNoEarlyDemux} from '../../src/configuration/early-demux.ts';

test('Both settings must be on', t => {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-demux-'));
	t.teardown(() => rmSync(directory, {recursive: true}));
	const set = (name: string, value: string): void => writeFileSync(join(directory, name), `${value}\n`);
	t.is(findNoEarlyDemux(directory), 'net.ipv4.ip_early_demux cannot be read');
	set('ip_early_demux', '1');
	set('tcp_early_demux', '0');
	t.is(findNoEarlyDemux(directory), 'net.ipv4.tcp_early_demux is 0');
	set('tcp_early_demux', '1');
	t.is(findNoEarlyDemux(directory), undefined);
});
