/**
 * What `init` and `join` do alike before a node starts: examine it, and refuse what could not work.
 *
 * Decides what keeps a node from starting: whatever `doctor` calls a failure, and another pair of this name on the segment. `--force`
 * starts all the same.
 */
import type {Pair, PairNode} from '@hapair/config';
import {findOwnNode, listLocalAddresses} from '../configuration/own-node.ts';
import {conclude} from '../doctor/conclude.ts';
import {formatExamination} from '../doctor/findings-text.ts';
import {exitCodes, UserError} from '../exit-codes.ts';
import type {CommandIo} from './command-io.ts';
import {examineNode} from './doctor.ts';

/** A node hears its peer within a second or two of the start; a start of a slow machine included. */
export const meetingLimitMs = 60_000;

export interface StartCheck {
	readonly file: string;
	readonly socketPath: string;
	readonly force: boolean;
	/** What this command can do about a finding, by the name of its check. */
	readonly advice: Readonly<Record<string, string>>;
}

/** Which node this machine is. Throws a `UserError` in the words of these two commands. */
export function findSelf(pair: Pair): PairNode {
	try {
		return findOwnNode(pair, listLocalAddresses(), undefined);
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		throw new UserError(error.message, {
			hint: 'run it on a machine that has one of the two addresses, or begin again on the first node with the right ones: hapair init --node …',
			exitCode: exitCodes.refused,
		});
	}
}

/** Throws a `UserError`, after it has said everything that was found. */
export async function examineBeforeStart(
	{file, socketPath, force, advice}: StartCheck,
	io: CommandIo,
	say: (text: string) => void,
): Promise<void> {
	const {subject, findings} = await examineNode(
		{files: [file], syntax: undefined, nodeName: undefined, socketPath, json: false},
		io,
	);
	const {pair, own, peer, daemon} = subject;
	// A daemon that runs here and hears nobody is what init and join are there for.
	const hopeless = findings.filter(
		({check, grade}) =>
			(grade === 'fail' && !(check === 'unicast' && daemon !== undefined)) || (grade === 'warn' && check === 'pair-id'),
	);
	const side = {pair: pair.name, node: own.name, peer: peer.name, daemonRuns: daemon !== undefined};
	if (hopeless.length > 0) {
		io.error(`${formatExamination(findings, conclude(pair, findings), side, io.paintError).join('\n')}\n`);
	} else {
		const open = findings.filter(({grade}) => grade !== 'ok').length;
		say(
			`hapair doctor: nothing that would keep the pair from working (${open} of ${findings.length} could be better or are not known yet)`,
		);
	}
	const [first] = hopeless;
	if (first === undefined || force) return;
	const advised = advice[first.check] === undefined ? '' : ` (${advice[first.check]})`;
	throw new UserError(`${first.message}; the service was not started`, {
		hint: `${first.hint === undefined ? '' : `${first.hint}${advised}. `}Then run this command again, or start all the same with --force`,
		exitCode: exitCodes.refused,
	});
}
