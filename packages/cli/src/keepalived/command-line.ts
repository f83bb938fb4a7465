/**
 * Commands of keepalived.conf as hapair runs them: a program by its full path and words, no shell. Pure.
 *
 * Decides which commands can be carried over, and recognises the ways in which people ask whether a process runs.
 */

/** Its words; or why there are none. */
export function splitCommand(command: string): readonly string[] | {readonly problem: string} {
	const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|[^\s'"]+/g)].map(
		([all, single, double]) => single ?? double ?? all,
	);
	const [program] = words;
	if (program === undefined) return {problem: 'it is empty'};
	const bare = command.replace(/'[^']*'/g, '');
	if (/[|&;<>`$()*?]/.test(bare)) return {problem: 'it needs a shell; put it into a program of its own'};
	if (!program.startsWith('/')) return {problem: `name ${program} by its full path`};
	if (words.some(word => /["'$\\]/.test(word)))
		return {problem: 'it has quotes, $ or \\; put it into a program of its own'};
	return words;
}

/** The process whose life `killall -0 NAME`, `pidof NAME`, `pgrep NAME` and `systemctl is-active NAME` ask for. */
export function findAskedProcess(command: string): string | undefined {
	const found =
		/^(?:\S*\/)?(?:killall\s+(?:-0|-s\s*0|-SIG0)|pidof(?:\s+-\w+)*|pgrep(?:\s+-\w+)*|pkill\s+-0|systemctl\s+(?:-q\s+|--quiet\s+)?is-active(?:\s+-q|\s+--quiet)?)\s+([\w.@+-]+)\s*(?:>\s*\/dev\/null.*)?$/.exec(
			command.trim(),
		);
	return found?.[1]?.replace(/\.service$/, '');
}

/** Words for a configuration line, spaces escaped so that both quoting rules, 1.4's and today's, read them back. */
export function writeWords(words: readonly string[]): string {
	return words.map(escapeWord).join(' ');
}

export function escapeWord(word: string): string {
	return word.replace(/[\\ #]/g, '\\$&').replace(/\t/g, '\\t');
}

/** Seconds as a time of the configuration. */
export function writeTime(seconds: number): string {
	const ms = Math.round(seconds * 1000);
	return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
