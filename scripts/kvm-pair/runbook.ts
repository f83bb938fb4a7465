/**
 * `npm run kvm-pair -- --runbook`: docs/runbook.md, carried out on two virtual machines.
 *
 * Decides what the page's machines are: guests with its addresses, a desk with ssh to both beside them, and the two packages under the names that the
 * page gives them. Leaves the page to `runbook/`.
 */
import type {ChildProcess} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {carryOut, type Node, type Report, type Site, type Typed} from '../runbook/carry-out.ts';
import {readRunbook} from '../runbook/read-page.ts';
import {stages} from '../runbook/stages.ts';
import {startClient} from '../try-package/load.ts';
import {listPackageNames, makeDesk, typeAt} from '../try-package/runbook.ts';
import type {Guest} from './guest.ts';
import type {Stage} from './stage.ts';

const page = fileURLToPath(new URL('../../docs/runbook.md', import.meta.url));
/** Beside those of the pair: the desk comes by ssh. */
export const runbookPackages = ['openssh-server'];
/** A processor in software, and what a client may ask of it. */
const slow = {slowness: 8, pauseMs: 500};
const quick = {slowness: 1, pauseMs: 50};

/** Of the package that the page upgrades to. */
export function newerVersion(): string {
	return /_([0-9.]+)_/.exec(listPackageNames(readFileSync(page, 'utf8'))[1] ?? '')?.[1] ?? '';
}

/** @param stage whose guests have `hapair.deb` and `newer.deb` in the archive that is their first further disk. */
export async function tryRunbook(stage: Stage, report: Report): Promise<void> {
	const text = readFileSync(page, 'utf8');
	const [older, newer] = listPackageNames(text);
	const desk = makeDesk(stage.folder);
	const {slowness, pauseMs} = stage.accelerator.name === 'kvm' ? quick : slow;
	const children: ChildProcess[] = [];
	const furnish = `cd && tar -xf /dev/vdb && mv hapair.deb ${older} && mv newer.deb ${newer}
mkdir -p -m 0700 .ssh && echo '${desk.publicKey.trim()}' >.ssh/authorized_keys`;
	const renew = async (name: Node): Promise<void> => {
		await stage.startGuest(name);
		await stage.guests[name].mustRun(furnish, {limitMs: 120_000});
	};
	const site: Site = {
		slowness,
		type: (where, script, limitMs) =>
			where === 'desk'
				? typeAt([...stage.beside('client'), ...desk.shell, script], limitMs)
				: typeInside(stage.guests[where], script, limitMs),
		lose: node => stage.guests[node].wipe(),
		renew,
		startClient: async address => {
			const {child, stop} = await startClient(stage.beside('client'), `http://${address}/`, pauseMs);
			children.push(child);
			return stop;
		},
	};
	try {
		await stage.startWebs();
		await Promise.all([renew('lb1'), renew('lb2')]);
		await carryOut(readRunbook(text), stages, site, report);
	} finally {
		for (const child of children) child.kill('SIGKILL');
	}
}

let typedSoFar = 0;

/** What it prints is read off a file in the guest, so that a shell which still runs can be looked at. */
function typeInside(guest: Guest, script: string, limitMs: number): Typed {
	const file = `/run/typed.${++typedSoFar}`;
	const head = 'set -e; export DEBIAN_FRONTEND=noninteractive LC_ALL=C; cd';
	const whole = `exec >${file} 2>&1; echo $$ >${file}.pid; ${head}\n${script}`;
	const ended = guest.run(whole, {limitMs}).then(
		({status}) => status,
		() => null,
	);
	return {
		output: async () => (await guest.run(`cat ${file}`).catch(() => undefined))?.stdout ?? '',
		ended,
		kill: () => {
			void guest.run(`kill -KILL -- $(cat ${file}.pid)`).catch(() => {});
		},
	};
}
