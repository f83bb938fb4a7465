import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {readCode} from '../../packages/cli/src/joining/code.ts';
import {fillUserData} from '../../scripts/cloud-init-files.ts';
import {root} from '../architecture/sources.ts';
import {maybeFindTool} from '../lab/tools.ts';

const read = (path: string): string => readFileSync(join(root, 'deploy', path), 'utf8');
const userData = {lb1: read('cloud-init/lb1.yaml'), lb2: read('cloud-init/lb2.yaml')} as const;
const network = read('libvirt/network.xml');
const domains = {lb1: read('libvirt/lb1.xml'), lb2: read('libvirt/lb2.xml')} as const;
const nodes = ['lb1', 'lb2'] as const;
const addresses = {lb1: '10.0.0.11', lb2: '10.0.0.12'} as const;
const virtualAddress = '10.0.0.100';

test('User-data has no secret but the code, which is a word to be replaced', t => {
	for (const node of nodes) {
		const text = userData[node];
		t.true(text.startsWith('#cloud-config\n'));
		t.regex(text, new RegExp(`^hostname: ${node}$`, 'm'));
		t.regex(text, / - path: \/run\/hapair-code\n {4}permissions: "0600"\n {4}content: CODE\n/);
		t.is(text.match(/\bCODE$/gm)?.length, 1);
		t.notRegex(text, /secret|token|[0-9a-f]{32}/i);
	}
	const shared = (text: string): string[] =>
		text.split('\n').filter(line => /PACKAGE_|packages:|sha256sum|apt-get/.test(line));
	t.deepEqual(shared(userData.lb1), shared(userData.lb2));
});

test('The command in docs/cloud-init.md fills every gap of the user-data with what init and join take', t => {
	const folder = mkdtempSync(join(tmpdir(), 'hapair-user-data-'));
	t.teardown(() => rmSync(folder, {recursive: true, force: true}));
	const deb = join(folder, 'hapair.deb');
	writeFileSync(deb, 'a package');
	const filled = fillUserData(folder, deb, 'http://10.0.0.1:8000/hapair.deb');
	const digest = createHash('sha256').update('a package').digest('hex');
	for (const node of nodes) {
		const text = filled[node];
		t.notRegex(text.replace(/^ *#.*$/gm, ''), /CODE|PACKAGE/);
		t.true(text.includes(`    content: ${filled.code}\n`));
		t.true(text.includes(`      echo '${digest}  hapair.deb' | sha256sum -c\n`));
		t.true(text.includes(' -o hapair.deb http://10.0.0.1:8000/hapair.deb\n'));
	}
	t.is(readCode(filled.code), filled.code);
});

test('Commands of the user-data are those of the command line', t => {
	const manual = readFileSync(join(root, 'docs/cli.md'), 'utf8').split(/^## /m);
	for (const node of nodes) {
		const [line, command = '', rest = ''] = /^ +hapair ([a-z]+) (.*)$/m.exec(userData[node]) ?? [];
		const usage = manual.find(part => part.startsWith(`${command}\n`)) ?? '';
		for (const [option] of rest.matchAll(/--[a-z-]+/g)) t.true(usage.includes(option), `${line}: ${option}`);
	}
	t.true(userData.lb1.includes(`--node lb1=${addresses.lb1} --node lb2=${addresses.lb2} --vip ${virtualAddress}/24`));
	t.true(userData.lb2.includes(`hapair join ${addresses.lb1} `));
});

test('Network and machines of libvirt agree on addresses, and the filter lets the pair speak', t => {
	for (const node of nodes) {
		const mac = /<mac address='(.*?)'\/>/.exec(domains[node])?.[1];
		t.true(network.includes(`<host mac='${mac}' name='${node}' ip='${addresses[node]}'/>`));
		const permitted = [...domains[node].matchAll(/<parameter name='IP' value='(.*?)'\/>/g)].map(([, ip]) => ip);
		t.deepEqual(permitted, [addresses[node], virtualAddress]);
	}
	t.is(domains.lb2.replaceAll('lb2', 'lb1').replace(/(?<=:|\.)12'/g, "11'"), domains.lb1, 'and are otherwise the same');
	const [, first, last] = /<range start='10\.0\.0\.(\d+)' end='10\.0\.0\.(\d+)'\/>/.exec(network) ?? [];
	t.true(Number(first) > 100 && Number(last) < 255, 'no stranger gets the address of the pair');
});

const virsh = maybeFindTool('virsh') ?? '';
const testWithVirsh = virsh === '' ? test.skip : test;

for (const [order, path] of [
	['net-define', 'libvirt/network.xml'],
	['define', 'libvirt/lb1.xml'],
	['define', 'libvirt/lb2.xml'],
] as const) {
	testWithVirsh(`libvirt takes ${path}, by its schema`, t => {
		const argv = ['-c', 'test:///default', order, '--validate', join(root, 'deploy', path)];
		const {status, stderr} = spawnSync(virsh, argv, {encoding: 'utf8', timeout: 20_000});
		t.is(status, 0, stderr);
	});
}
