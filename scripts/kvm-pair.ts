/**
 * `npm run kvm-pair`: hapair on two virtual machines with Debian, from nothing to a pair, and then everything that can happen to it.
 *
 * Decides the order: image, guests, the first minutes, memory, events, and keepalived in the same guests last. It reports and never judges by its
 * exit code, but for a pair that does not come about. The parts are in `kvm-pair/`.
 */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {cpus, release, tmpdir} from 'node:os';
import {basename, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {maybeFindTool} from '../test/lab/tools.ts';
import {letPassMs} from '../test/lab/wait.ts';
import {type Accelerator, emulation, findAccelerator} from './kvm-pair/accelerator.ts';
import {cloudPackages, makeSeeds, tryCloudInit} from './kvm-pair/cloud-init.ts';
import {cutPower, events} from './kvm-pair/events.ts';
import {HapairPair, measureMemory} from './kvm-pair/hapair.ts';
import {buildImage, type Image} from './kvm-pair/image.ts';
import {KeepalivedPair, keepalivedPackages} from './kvm-pair/keepalived.ts';
import {type Measured, measure} from './kvm-pair/measure.ts';
import {formatTable} from './kvm-pair/report.ts';
import {Results} from './kvm-pair/results.ts';
import {joinRounds} from './kvm-pair/rounds.ts';
import {newerVersion, runbookPackages, tryRunbook} from './kvm-pair/runbook.ts';
import {Stage} from './kvm-pair/stage.ts';
import {MeasuringCommand} from './measuring-command.ts';
import type {Report} from './runbook/carry-out.ts';

const command = new MeasuringCommand('kvm-pair');

const root = fileURLToPath(new URL('../', import.meta.url));
const shelf = {figures: join(root, 'docs/acceptance.json'), page: join(root, 'docs/acceptance.md')};
const help = `Usage: npm run kvm-pair -- [--base FOLDER] [--deb FILE --newer FILE] [--only WORD,…] [--rounds N]
                              [--emulate] [--alone] [--mirror URL] [--suite NAME] [--write] [--logs FOLDER] [--json] [--list]
       npm run kvm-pair -- --runbook | --cloud-init [--base FOLDER] [--deb FILE --newer FILE] [--emulate] [--logs FOLDER]

Builds a Debian (debootstrap), starts two virtual machines of it on a switch of their own, installs the package, makes the pair with
hapair init and hapair join, and then takes power, processor, cable, disk and clock away from the master while clients ask.
Prints how long clients were without service, which requests were lost, and for how long both nodes answered; then the same power cut
for Debian's keepalived and haproxy in the same guests. Root, with qemu-system-x86, qemu-utils, debootstrap and e2fsprogs. 1.5 GiB of
memory, 2 GiB of disk. Where no stock kernel runs under KVM, the processors are software: about half an hour. Ctrl-C ends and removes
everything, and prints what there is so far.

  --runbook       instead: docs/runbook.md, carried out on the two machines block by block (with ssh on the host)
  --cloud-init    instead: the machines' only instruction is the user-data of deploy/cloud-init (with xorriso on the host)
  --base FOLDER   keeps the image and the downloaded packages (out/kvm)
  --deb FILE      the package (built when it is not given)
  --newer FILE    the one that the pair is upgraded to (built when it is not given)
  --only WORD,…   only the events whose name contains one of the words
  --rounds N      how often the power is cut, of both programs (3)
  --emulate       processors in software, without trying KVM
  --alone         hapair alone, without keepalived
  --mirror URL    for debootstrap (its own)
  --suite NAME    of Debian (bookworm)
  --write         each figure, as soon as it is measured, into docs/acceptance.md; what was measured before on the same ground stays
  --logs FOLDER   keeps what the guests' consoles and journals say
  --json          every figure as JSON
  --list          print the events and end

Example: npm run kvm-pair -- --only power,planned
`;

const {values} = parseArgs({
	options: {
		runbook: {type: 'boolean', default: false},
		'cloud-init': {type: 'boolean', default: false},
		base: {type: 'string', default: join(root, 'out/kvm')},
		deb: {type: 'string'},
		newer: {type: 'string'},
		only: {type: 'string'},
		rounds: {type: 'string', default: '3'},
		emulate: {type: 'boolean', default: false},
		alone: {type: 'boolean', default: false},
		mirror: {type: 'string'},
		suite: {type: 'string', default: 'bookworm'},
		write: {type: 'boolean', default: false},
		logs: {type: 'string'},
		json: {type: 'boolean', default: false},
		list: {type: 'boolean', default: false},
		help: {type: 'boolean', short: 'h', default: false},
	},
});
const rounds = Number(values.rounds);
let results: Results | undefined;

async function main(): Promise<number> {
	if (values.help) return command.say(help);
	const words = values.only?.split(',');
	const chosen = events.filter(({name}) => words?.some(word => name.includes(word)) ?? true);
	if (values.list) return command.say(`${chosen.map(({name}) => name).join('\n')}\n`);
	if (chosen.length === 0) return command.complain('no event has such a name; see --list');
	if (!(rounds >= 1 && rounds <= 20)) return command.complain(`--rounds takes 1 to 20, not "${values.rounds}"`);
	if (process.getuid?.() !== 0)
		return command.complain('only root may make namespaces and images: sudo npm run kvm-pair');
	const tools = ['qemu-system-x86_64', 'qemu-img', 'debootstrap', 'mke2fs'];
	if (values['cloud-init']) tools.push('xorriso');
	if (values.runbook) tools.push('ssh');
	const missing = tools.filter(tool => !maybeFindTool(tool));
	if (missing.length > 0) {
		const packages = 'qemu-system-x86 qemu-utils debootstrap e2fsprogs xorriso openssh-client';
		return command.complain(`missing: ${missing.join(', ')}; as root: apt-get install -y ${packages}`);
	}
	const scratch = mkdtempSync(join(tmpdir(), 'hapair-kvm-packages-'));
	process.once('exit', () => rmSync(scratch, {recursive: true, force: true}));
	const packages = makePackages(scratch);
	const drive = packDrive(scratch, packages);
	const image = findImage();
	const accelerator = values.emulate ? emulation('--emulate') : await findAccelerator(image.kernel);
	const ground = describeGround(accelerator);
	command.note(ground);
	if (values.runbook || values['cloud-init']) return playTrial({image, accelerator, drive, deb: packages[0], scratch});
	results = new Results(ground, accelerator.name === 'kvm' ? 200 : 1000, values.write ? shelf : undefined);
	await play({image, accelerator, drive, chosen, results});
	return command.say(values.json ? `${JSON.stringify(results.report, undefined, 2)}\n` : formatTable(results.report));
}

/** What is on the guests depends on what they are for. */
function findImage(): Image {
	const {base, suite, mirror} = values;
	const [name, packages] = values.runbook
		? ['runbook', runbookPackages]
		: values['cloud-init']
			? ['cloud', cloudPackages]
			: ['pair', keepalivedPackages];
	const say = (line: string) => command.note(line);
	const options = {base, suite, name: `${name}-${suite}`, packages, say};
	return buildImage(mirror === undefined ? options : {...options, mirror});
}

interface Trial extends Pick<Play, 'image' | 'accelerator' | 'drive'> {
	readonly deb: string;
	readonly scratch: string;
}

/** Says each step as it is done; 1 when one has failed. */
async function playTrial({image, accelerator, drive, deb, scratch}: Trial): Promise<number> {
	let failures = 0;
	const report: Report = (title, ok, output) => {
		if (!ok) failures++;
		command.say(`${ok ? 'ok  ' : 'FAIL'}  ${title}\n${ok ? '' : `${output.trimEnd().replace(/^/gm, '      ')}\n`}`);
	};
	const seeds = values['cloud-init'] ? makeSeeds(join(scratch, 'seeds'), deb).seeds : undefined;
	const drives = seeds === undefined ? [drive] : [];
	const stage = new Stage({image, accelerator, drives, ...(seeds === undefined ? {} : {ownDrives: seeds})});
	const startedMs = performance.now();
	try {
		await (seeds === undefined ? tryRunbook(stage, report) : tryCloudInit(stage, deb, report));
	} finally {
		if (values.logs !== undefined) await stage.keepLogs(values.logs);
		stage.dispose();
	}
	command.say(`${failures} failed, after ${Math.round((performance.now() - startedMs) / 1000)} s\n`);
	return failures === 0 ? 0 : 1;
}

/** The older one and the newer one; without `--deb` and `--newer` they are built. */
function makePackages(scratch: string): readonly [older: string, newer: string] {
	const build = (version?: string): string => {
		command.note(`building a package${version === undefined ? '' : ` called ${version}`} …`);
		const output = join(scratch, version ?? 'own');
		const argv = ['--arch', 'amd64', '--no-archive', '--level', '0', '--output', output];
		if (version !== undefined) argv.push('--version', version);
		execFileSync(process.execPath, [join(root, 'scripts/package.ts'), ...argv], {
			stdio: ['ignore', 'ignore', 'inherit'],
		});
		return join(output, readdirSync(output).find(name => name.endsWith('.deb')) ?? '');
	};
	const {version} = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'));
	const older = values.deb === undefined ? build() : resolve(values.deb);
	// The runbook's own, which it shows.
	const next = values.runbook ? newerVersion() : `${version}+next`;
	const newer = values.newer === undefined ? build(next) : resolve(values.newer);
	return [older, newer];
}

/** Both packages in an archive that guests read as a disk. */
function packDrive(scratch: string, [older, newer]: readonly [string, string]): string {
	const drive = join(scratch, 'packages.tar');
	const rename = [`--transform=s,^${basename(older)}$,hapair.deb,`, `--transform=s,^${basename(newer)}$,newer.deb,`];
	const files = [older, newer].flatMap(file => ['-C', join(file, '..'), basename(file)]);
	execFileSync('tar', ['-cf', drive, ...rename, ...files]);
	return drive;
}

interface Play {
	readonly image: Image;
	readonly accelerator: Accelerator;
	readonly drive: string;
	readonly chosen: typeof events;
	readonly results: Results;
}

async function play({image, accelerator, drive, chosen, results}: Play): Promise<void> {
	const stage = new Stage({image, accelerator, drives: [drive]});
	try {
		command.note('two guests boot …');
		await stage.start();
		const guests = Object.values(stage.guests);
		await Promise.all(guests.map(guest => guest.mustRun('tar -xf /dev/vdb -C /opt', {limitMs: 120_000})));
		const pair = new HapairPair(stage);
		command.note('the first minutes …');
		const firstMinutes = await pair.make('/opt/hapair.deb');
		results.setFirstMinutes(firstMinutes);
		command.note(`a pair after ${Math.round(firstMinutes.tookMs / 1000)} s`);
		if (accelerator.name === 'tcg') await pair.setInterval('calm');
		await pair.awaitPair();
		await letPassMs(20_000);
		results.setMemory(
			await Promise.all(guests.map(async guest => ({node: guest.name, ...(await measureMemory(guest))}))),
		);
		const asked = {intervalMs: results.report.intervalMs, newer: '/opt/newer.deb'};
		for (const {name, happen, beside} of chosen) {
			command.note(`${name} …`);
			const play = () => measure(pair, name, (own, roles) => happen(own, roles, asked), asked);
			record(results, await playRounds(beside ? rounds : 1, play));
		}
		if (!values.alone && chosen.some(({beside}) => beside)) await playBeside(stage, results);
	} finally {
		if (values.logs !== undefined) await stage.keepLogs(values.logs);
		stage.dispose();
	}
}

async function playBeside(stage: Stage, results: Results): Promise<void> {
	const pair = new KeepalivedPair(stage);
	const {intervalMs} = results.report;
	command.note('keepalived takes the place of hapair …');
	await pair.make(intervalMs / 1000);
	const name = events.find(({beside}) => beside)?.name ?? '';
	record(results, await playRounds(rounds, () => measure(pair, name, cutPower, {intervalMs})));
}

async function playRounds(count: number, play: () => Promise<Measured>): Promise<Measured> {
	const played: Measured[] = [];
	for (let round = 0; round < count; round += 1) played.push(await play());
	return joinRounds(played);
}

function describeGround({name, because}: Accelerator): string {
	const [processor] = cpus();
	const host = `${cpus().length} × ${processor?.model.trim()}, Linux ${release()}`;
	const how = name === 'kvm' ? 'under KVM' : `with processors in software (${because}), so with \`advertise calm\``;
	return `two guests of Debian ${values.suite}, one processor and 512 MiB each, ${how}, on ${host}.`;
}

function record(results: Results, result: Measured): void {
	results.add(result);
	const {event, program, seen, failure, note = ''} = result;
	command.note(
		`${program}: ${event}: ${seen === undefined ? failure : `${seen.gapMs} ms, ${seen.failed} lost`} ${note}`,
	);
}

// The stage cleans up when the process exits.
await command.run(main, {
	soFar: () => (results === undefined || results.report.measured.length === 0 ? '' : formatTable(results.report)),
});
