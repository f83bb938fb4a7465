/**
 * Carries docs/runbook.md out on two machines, while a client asks.
 *
 * Decides when a block has done what it should: its shell ended with 0 and what must be seen was seen, within a limit. Leaves what machines are to the `Site`, so that
 * containers and guests are both good.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import type {Answers} from '../try-package/load.ts';
import {type Block, findUnseen, type Place, type Section} from './read-page.ts';
import type {Stage} from './stages.ts';

export type Node = 'lb1' | 'lb2';
export type Report = (title: string, ok: boolean, output: string) => void;

export type Where = Node | 'desk';

/** A shell that ran, or is still running. */
export interface Typed {
	/** What it has printed so far, errors among it. */
	readonly output: () => Promise<string>;
	/** Its exit code when all of its output is there; `null` when it had to be ended. */
	readonly ended: Promise<number | null>;
	/** Does nothing to one that has ended. */
	readonly kill: () => void;
}

export interface Site {
	/** Types it there. What takes longer than the limit is ended. */
	type(where: Where, script: string, limitMs: number): Typed;
	/** As after a power cut; the machine that comes back has nothing installed. */
	lose(node: Node): Promise<void>;
	renew(node: Node): Promise<void>;
	/** How many times longer than on a quick machine everything may take, 1 or more. */
	readonly slowness: number;
	/** Asks the address until it is told to stop. Resolves at the first good answer, or at a limit. */
	startClient(address: string): Promise<() => Promise<Answers>>;
}

const blockLimitMs = 300_000;
/** A node that starts on a slow machine, and pauses of the pair's own. */
const waitLimitMs = 60_000;
const pauseMs = 500;

export async function carryOut(
	sections: readonly Section[],
	stages: Readonly<Record<string, Stage>>,
	site: Site,
	report: Report,
): Promise<void> {
	for (const section of sections.filter(({blocks}) => blocks.length > 0)) {
		const stage = stages[section.title];
		if (stage === undefined) throw new Error(`nothing is known of the section '${section.title}'`);
		if (!(await carryOutSection(section, stage, site, report))) return;
	}
}

/** False: what follows makes no sense any more. */
async function carryOutSection({title, blocks}: Section, stage: Stage, site: Site, report: Report): Promise<boolean> {
	const startClient = () => (stage.asks === undefined ? undefined : site.startClient(stage.asks));
	// Who is without service from the misfortune on is asked from before it.
	const early = stage.loses === 'told' ? await startClient() : undefined;
	await befall(stage, site);
	const waiting: Typed[] = [];
	const stopClient = early ?? (await startClient());
	let stopped = false;
	const conclude = async (): Promise<void> => {
		if (stopped || stopClient === undefined) return;
		stopped = true;
		const {asked, wrong, longestGapMs} = await stopClient();
		const words = `${title}: ${asked} requests, ${wrong.length} lost, longest time without an answer ${longestGapMs} ms`;
		report(
			words,
			asked > wrong.length && (stage.loses === 'told' || wrong.length === 0),
			wrong.slice(0, 20).join('\n'),
		);
	};
	try {
		for (const block of blocks) {
			if (block.place === stage.until) await conclude();
			const place = await findPlaces(block.place, site);
			for (const each of place) {
				const failure = await type(block, each, site, waiting);
				const where = `${title}, line ${block.line}, ${block.place === each ? each : `${block.place} (${each})`}`;
				report(where, failure === undefined, failure ?? '');
				if (failure !== undefined) return false;
			}
		}
		for (const {ended, output} of waiting) {
			report(`${title}: what waited has ended well`, (await ended) === 0, await output());
		}
		await conclude();
		return true;
	} finally {
		for (const {kill} of waiting) kill();
		await conclude();
	}
}

async function befall({before}: Stage, site: Site): Promise<void> {
	if (before === 'nothing') return;
	if (before === 'lb2 dies as master' && (await findMaster(site)) === 'lb1') await run(site, 'lb1', 'hapair failover');
	const lost: readonly Node[] = before === 'both nodes are lost' ? ['lb1', 'lb2'] : ['lb2'];
	for (const node of lost) await site.lose(node);
	for (const node of lost) await site.renew(node);
}

/** Why it has failed; `undefined` when it has not. */
async function type(block: Block, where: Where, site: Site, waiting: Typed[]): Promise<string | undefined> {
	if (block.manner === 'waits') return begin(block, where, site, waiting);
	const said = (await waiting.at(-1)?.output()) ?? '';
	const code = /hapair join \S+ (\S+)/.exec(said)?.[1] ?? 'CODE';
	const script = block.script.replace(/\bCODE\b/, code);
	const deadlineMs = performance.now() + waitLimitMs * site.slowness;
	for (;;) {
		const {status, output} = await run(site, where, script);
		const unseen = findUnseen(block.shows, output);
		if (status === 0 && unseen.length === 0) return undefined;
		if (block.manner === 'once' || performance.now() > deadlineMs)
			return `${output}\nended with ${status}; not seen:\n${unseen.join('\n')}`;
		await sleep(pauseMs);
	}
}

async function begin(block: Block, where: Where, site: Site, waiting: Typed[]): Promise<string | undefined> {
	const typed = site.type(where, block.script, blockLimitMs * site.slowness);
	waiting.push(typed);
	const deadlineMs = performance.now() + waitLimitMs * site.slowness;
	for (;;) {
		const said = await typed.output();
		const unseen = findUnseen(block.shows, said);
		if (unseen.length === 0) return undefined;
		const over = await Promise.race([typed.ended.then(() => true), sleep(pauseMs, false)]);
		if (over || performance.now() > deadlineMs) return `${said}\nnot seen:\n${unseen.join('\n')}`;
	}
}

async function findPlaces(place: Place, site: Site): Promise<readonly Where[]> {
	if (place === 'both') return ['lb1', 'lb2'];
	if (place !== 'master' && place !== 'backup') return [place];
	const master = await findMaster(site);
	return [place === 'master' ? master : master === 'lb1' ? 'lb2' : 'lb1'];
}

async function findMaster(site: Site): Promise<Node> {
	const deadlineMs = performance.now() + waitLimitMs * site.slowness;
	while (performance.now() < deadlineMs) {
		for (const node of ['lb1', 'lb2'] as const) {
			const {status, output} = await run(site, node, 'hapair status --json');
			if (status === 0 && JSON.parse(output).pair?.nodes[0]?.holdsAddress === true) return node;
		}
		await sleep(pauseMs);
	}
	throw new Error('neither node is master');
}

async function run(site: Site, where: Where, script: string): Promise<{status: number | null; output: string}> {
	const typed = site.type(where, script, blockLimitMs * site.slowness);
	const status = await typed.ended;
	return {status, output: await typed.output()};
}
