import {execFile} from 'node:child_process';
import {chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {type Pair, parseConfiguration} from '@hapair/config';
import {createDrivers} from '@hapair/takeover';
import test from 'ava';
import {judgeAnnouncement, type Rehearsal} from '../../packages/cli/src/doctor/checks/announcement.ts';
import {judgeProvider} from '../../packages/cli/src/doctor/checks/provider.ts';
import {conclude} from '../../packages/cli/src/doctor/conclude.ts';
import type {Finding} from '../../packages/cli/src/doctor/finding.ts';
import {formatExamination} from '../../packages/cli/src/doctor/findings-text.ts';
import {findUnseen} from '../../scripts/runbook/read-page.ts';
import {listFiles, root} from '../architecture/sources.ts';

const run = promisify(execFile);
const mainProgram = join(root, 'packages/cli/bin/hapair.mjs');
const pages = listFiles('docs/providers/*.md').filter(({path}) => !path.endsWith('README.md'));
/** The proxy that the pages leave to the reader. */
const proxy = readFileSync(join(root, 'deploy/examples/article.cfg'), 'utf8');

function blocksOf(text: string): string[] {
	return [...text.matchAll(/^```text\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
}

function pairsOf(text: string): string[] {
	return blocksOf(text).filter(block => block.startsWith('pair '));
}

function parsePair(text: string): Pair {
	const {configuration, diagnostics} = parseConfiguration([{name: 'page', text: `${proxy}\n${text}`}], {
		environment: {},
	});
	if (configuration?.pair === undefined) throw new Error(JSON.stringify(diagnostics));
	return configuration.pair;
}

test('There is a page for each of the providers, and the list names it', t => {
	t.deepEqual(
		pages.map(({path}) => path.replace(/.*\//, '')),
		['aws.md', 'digitalocean.md', 'hetzner-cloud.md', 'kvm.md', 'openstack.md'],
	);
	const list = readFileSync(join(root, 'docs/providers/README.md'), 'utf8');
	for (const {path} of pages) t.true(list.includes(`(${path.replace(/.*\//, '')})`), path);
});

for (const {path, text} of pages) {
	for (const [index, pair] of pairsOf(text).entries()) {
		test(`hapair check accepts configuration ${index + 1} of ${path}`, async t => {
			const directory = mkdtempSync(join(tmpdir(), 'hapair-provider-'));
			t.teardown(() => rmSync(directory, {recursive: true, force: true}));
			const file = join(directory, 'hapair.cfg');
			const own = pair.replaceAll('/etc/hapair/', `${directory}/`).replace(/dev \w+$/m, 'dev lo');
			for (const [secret] of own.matchAll(new RegExp(`${directory}/\\S+`, 'g'))) {
				writeFileSync(secret, 'a secret of some length\n', {mode: 0o600});
				chownSync(secret, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
			}
			writeFileSync(file, `${proxy}\n${own}`);
			const {stdout, stderr} = await run(process.execPath, [mainProgram, 'check', '-f', file, '--node', 'lb1']).catch(
				(error: unknown) => error as {stdout: string; stderr: string},
			);
			t.regex(stdout, /configuration is valid/, stdout + stderr);
			t.notRegex(stderr, /takeover|driver/, 'nothing is said of the driver');
		});
	}

	test(`What ${path} says of hapair doctor is what it says`, t => {
		const said = pairsOf(text)
			.map(block => describe(parsePair(block)))
			.join('\n');
		const shown = blocksOf(text).filter(block => !block.startsWith('pair '));
		t.true(shown.length > 0);
		for (const block of shown) t.deepEqual(findUnseen(block.trimEnd().split('\n'), said), []);
	});
}

const heard: Rehearsal = {peerMac: '02:00:00:00:00:02', echo: true, used: new Map(), address: '10.0.0.242'};
const rehearsals: readonly Rehearsal[] = [
	{...heard, asked: 'yes', garp: true},
	{...heard, asked: 'no', sender: true, virtualEcho: true},
	{...heard, asked: 'no', sender: false},
];

/** The lines of doctor for a pair whose address is here, in the networks that the pages are about. */
function describe(pair: Pair): string {
	const [own, peer] = pair.nodes;
	const drivers = createDrivers({
		pair,
		nodeName: own.name,
		fetcher: () => Promise.reject(new Error('nothing is asked here')),
		readSecret: () => '',
		runProgram: () => Promise.reject(new Error('nothing is run here')),
	});
	const provided = drivers.map(driver =>
		judgeProvider({
			driver: driver.name,
			target: driver.target,
			at: 'here',
			...(driver.mayAssign === undefined ? {} : {mayWrite: true}),
		}),
	);
	const {address, interface: device} = pair.virtualAddresses[0]!;
	const facts = {device, peer: peer.address, virtualAddress: address, drivers: pair.drivers.map(({kind}) => kind)};
	return rehearsals.map(rehearsal => format(pair, [judgeAnnouncement({...facts, rehearsal}), ...provided])).join('\n');
}

function format(pair: Pair, findings: readonly Finding[]): string {
	const [{name: node}, {name: peer}] = pair.nodes;
	const side = {pair: pair.name, node, peer, daemonRuns: true};
	return formatExamination(findings, conclude(pair, findings), side, (_, text) => text).join('\n');
}
