/**
 * What a daemon is made from: what the files say, and what the command line adds.
 *
 * Decides nothing. `configuration/run-plan.ts` makes the plan, at the start and again at each reload.
 */
import type {Configuration} from '@hapair/config';
import type {ProxyOptions} from '@hapair/proxy';
import type {DaemonLog} from '../logging.ts';
import type {PairSetup} from './pair-parts.ts';
import type {ReadOutcome} from './reload.ts';
import type {Predecessor} from './upgrade/predecessor.ts';

/** What comes of the files, at the start and at each reload. */
export interface DaemonPlan {
	readonly configuration: Configuration;
	readonly configDigest: string;
	/** What was read: the files of the command line, and the maps and patterns that they name. By path. */
	readonly texts: ReadonlyMap<string, string>;
	readonly proxyArgv: readonly string[];
	/** Who the proxy is, where that is another user, and this process is not root: it can be no third one. */
	readonly proxyIdentity?: ProxyIdentity;
	readonly proxyOptions: Omit<ProxyOptions, 'logPid'>;
	/** Absent without a pair section. */
	readonly pair?: PairSetup;
}

export interface ProxyIdentity {
	readonly uid: number;
	readonly gid: number;
	/** Begins a command that runs as this user. */
	readonly command: readonly string[];
}

export interface DaemonSetup extends DaemonPlan {
	readonly version: string;
	readonly socketPath: string;
	/** What is started at an upgrade: `program` with its command and options. */
	readonly programArgv?: readonly string[];
	/** Why no other process may take this one's place; empty when one may. */
	readonly whyNoReplacement?: string;
	/** The daemon whose place this one takes. */
	readonly predecessor?: Predecessor;
	/** For a reload, or only to see what one would do. Never throws. */
	readonly readAgain?: (purpose: 'reload' | 'preview') => ReadOutcome;
	/** The argv of this program up to its commands: what the admin address examines with. */
	readonly program?: readonly string[];
	readonly log: DaemonLog;
}
