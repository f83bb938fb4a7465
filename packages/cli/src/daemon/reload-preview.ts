/**
 * What a reload would do, without doing it: what a check of the files finds, whether a running node can take them, and what is new in them.
 *
 * Decides that the texts that were read when the running configuration came into force are what the files are compared with. Leaves the
 * reload to `reload.ts`, what may be shown of a file to `sync/compare.ts`.
 */
import {statSync} from 'node:fs';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import {compareFiles, type FileDifference} from '../sync/compare.ts';
import {findFixedChanges} from './pair-change.ts';
import type {Findings, ReadOutcome} from './reload.ts';
import type {DaemonPlan} from './setup.ts';

export interface ReloadPreview {
	/** As of the reload that would be. */
	readonly code: ExitCode;
	readonly message: string;
	readonly findings?: Findings;
	/** From what runs to what the files say. */
	readonly files: readonly FileDifference[];
}

/** Never throws. @param readAgain absent where nobody knows the files. */
export function previewReload(running: DaemonPlan, readAgain: (() => ReadOutcome) | undefined): ReloadPreview {
	const read = readAgain?.() ?? {message: 'this daemon does not know its files'};
	if (!('plan' in read)) {
		const found = read.findings === undefined ? {} : {findings: read.findings};
		return {code: exitCodes.failed, message: `nothing would be changed: ${read.message}`, files: [], ...found};
	}
	const {plan, findings} = read;
	const files = compareTexts(running.texts, plan.texts);
	const fixed = findFixedChanges(running.pair, plan.pair);
	if (fixed.length > 0) {
		const message = `nothing would be changed: ${fixed.join(', ')}: a heartbeat that runs cannot take that; restart this node, the backup first`;
		return {code: exitCodes.refused, message, findings, files};
	}
	const isSame = plan.configDigest === running.configDigest;
	const message = isSame
		? 'the files are what runs; a reload would start a new proxy process and change nothing else'
		: `configuration ${plan.configDigest.slice(0, 8)} would come into force`;
	return {code: exitCodes.ok, message, findings, files};
}

function compareTexts(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): FileDifference[] {
	const describe = (texts: ReadonlyMap<string, string>) =>
		[...texts].map(([path, text]) => ({key: path, path, bytes: Buffer.from(text), mode: modeOf(path)}));
	return compareFiles(describe(before), describe(after));
}

/** A file that is gone, or that nobody may look at, is closed to everybody. */
function modeOf(path: string): number {
	try {
		return statSync(path).mode & 0o777;
	} catch {
		return 0;
	}
}
