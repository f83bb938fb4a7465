/**
 * Reads the command line of `hapair proxy`: haproxy's own flags (HAProxy management guide, "Starting HAProxy").
 *
 * Pure. Decides what was asked; the meaning is carried out elsewhere. Flags that tune haproxy's insides (pollers, splicing,
 * memory) are accepted and have no effect. As in haproxy, flags are whole words: `-dM` is one flag, not two.
 */

export interface StandaloneArguments {
	/** Files and directories in order. */
	readonly files: readonly string[];
	/** `-c`: check only. */
	readonly check: boolean;
	/** `-C`: change to this directory first. */
	readonly directory?: string;
	/** `-d` or `-db`: stay in the foreground whatever the configuration says. */
	readonly foreground: boolean;
	/** `-D`, or `daemon` in the configuration unless `foreground`. */
	readonly daemon: boolean;
	readonly debug: boolean;
	readonly quiet: boolean;
	readonly verbose: boolean;
	/** `-v`, `-vv`. */
	readonly version?: 'short' | 'long';
	readonly pidFile?: string;
	/** `-n`: global maxconn. */
	readonly maxconn?: number;
	/** `-N`: maxconn of proxies that name none. */
	readonly proxyMaxconn?: number;
	/** `-sf`, `-st`: processes to relieve once this one listens. */
	readonly relieve?: {readonly mode: 'finish' | 'terminate'; readonly pids: readonly number[]};
	/** `-W`, `-Ws`. */
	readonly masterWorker: boolean;
	readonly notifySystemd: boolean;
	/** `-cc`: say whether this condition is true. */
	readonly condition?: string;
}

export type ParsedArguments =
	| {readonly ok: true; readonly arguments: StandaloneArguments}
	| {readonly ok: false; readonly message: string};

type Draft = {-readonly [Key in keyof StandaloneArguments]: StandaloneArguments[Key]};

/** Flags without a value that change nothing here. */
const ignoredFlags = new Set([
	'-de',
	'-dk',
	'-dp',
	'-ds',
	'-dS',
	'-dG',
	'-dR',
	'-dr',
	'-dV',
	'-dW',
	'-dZ',
	'-dL',
	'-dC',
	'-dI',
	'-dK',
]);
/** Flags with a value that change nothing here: peer name, master socket, old process's socket, memory in MB. */
const ignoredWithValue = new Set(['-L', '-S', '-x', '-m']);

const switches: Readonly<Record<string, (draft: Draft) => void>> = {
	'-c': draft => {
		draft.check = true;
	},
	'-d': draft => {
		draft.debug = true;
		draft.foreground = true;
	},
	'-db': draft => {
		draft.foreground = true;
	},
	'-D': draft => {
		draft.daemon = true;
	},
	'-q': draft => {
		draft.quiet = true;
	},
	'-V': draft => {
		draft.verbose = true;
	},
	'-v': draft => {
		draft.version = 'short';
	},
	'-vv': draft => {
		draft.version = 'long';
	},
	'-W': draft => {
		draft.masterWorker = true;
	},
	'-Ws': draft => {
		draft.masterWorker = true;
		draft.notifySystemd = true;
	},
};

/** `argv` without the program's name. */
export function parseArguments(argv: readonly string[]): ParsedArguments {
	const files: string[] = [];
	const draft: Draft = {
		files,
		check: false,
		foreground: false,
		daemon: false,
		debug: false,
		quiet: false,
		verbose: false,
		masterWorker: false,
		notifySystemd: false,
	};
	const words = [...argv];
	for (let word = words.shift(); word !== undefined; word = words.shift()) {
		if (word === '--') {
			files.push(...words.splice(0));
		} else if (switches[word]) {
			switches[word]?.(draft);
		} else if (word === '-sf' || word === '-st') {
			const pids = takePids(words);
			if (pids === undefined) return refuse(`${word} takes process ids, "${words[0]}" is none.`);
			draft.relieve = {mode: word === '-sf' ? 'finish' : 'terminate', pids};
		} else if (!(ignoredFlags.has(word) || word.startsWith('-dM') || word.startsWith('-dD'))) {
			const value = words.shift();
			const problem = takeValue(draft, files, word, value);
			if (problem !== undefined) return refuse(problem);
		}
	}
	if (files.length === 0 && draft.version === undefined && draft.condition === undefined)
		return refuse('No configuration: give one with -f FILE.');
	return {ok: true, arguments: draft};
}

/** A flag with a value; returns what is wrong with it. */
function takeValue(draft: Draft, files: string[], flag: string, value: string | undefined): string | undefined {
	const known = ['-f', '-C', '-p', '-n', '-N', '-cc'].includes(flag) || ignoredWithValue.has(flag);
	if (!known) return `Unknown option "${flag}".`;
	if (value === undefined) return `${flag} needs a value.`;
	if (flag === '-f') files.push(value);
	else if (flag === '-C') draft.directory = value;
	else if (flag === '-cc') draft.condition = value;
	else if (flag === '-p') draft.pidFile = value;
	else if (flag === '-n' || flag === '-N') {
		const count = /^\d{1,9}$/.test(value) ? Number(value) : 0;
		if (count < 1) return `${flag} takes a number of connections from 1 on, "${value}" is none.`;
		if (flag === '-n') draft.maxconn = count;
		else draft.proxyMaxconn = count;
	}
	return undefined;
}

/** Everything after `-sf` and `-st` up to the next flag; init scripts pass an empty list when nothing ran before. */
function takePids(words: string[]): readonly number[] | undefined {
	const pids: number[] = [];
	while (words[0] !== undefined && !words[0].startsWith('-')) {
		for (const text of words[0].split(/\s+/).filter(part => part !== '')) {
			if (!/^\d{1,10}$/.test(text) || Number(text) < 1) return undefined;
			pids.push(Number(text));
		}
		words.shift();
	}
	return pids;
}

function refuse(message: string): ParsedArguments {
	return {ok: false, message};
}

/** What `hapair proxy` prints beside a wrong command line. */
export const usage = `Usage: hapair proxy -f FILE [-f FILE…] [options] [-sf PID… | -st PID…]
  -f FILE   configuration file or directory of *.cfg files; repeat for several
  -c        check the configuration and exit: 0 valid, 1 not
  -cc COND  evaluate a condition of .if and exit: 0 true, 1 false, 2 unreadable
  -C DIR    change to DIR first
  -D        run in the background        -d, -db  stay in the foreground
  -p FILE   write the process id to FILE
  -n N      connections of the process   -N N     of each proxy that names no maxconn
  -q        no messages                  -V       more messages
  -v, -vv   version
  -sf PID…  once listening, tell these processes to finish their connections and end
  -st PID…  once listening, tell these processes to end now
  -W, -Ws, -S, -L, -x, -m and -d? are accepted
Example: hapair proxy -f /etc/haproxy/haproxy.cfg -D -p /run/haproxy.pid -sf $(cat /run/haproxy.pid)
`;
