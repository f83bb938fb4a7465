/** The outside of a command that remembers what was written. */
import type {CommandIo} from '../../src/commands/command-io.ts';

export interface RecordedIo {
	readonly io: CommandIo;
	out(): string;
	err(): string;
}

export function recordIo(changes: Partial<CommandIo> = {}): RecordedIo {
	let out = '';
	let err = '';
	const io: CommandIo = {
		out: text => {
			out += text;
		},
		error: text => {
			err += text;
		},
		environment: {},
		paint: (_, text) => text,
		paintError: (_, text) => text,
		terminal: false,
		redraws: false,
		size: () => undefined,
		watchSize: () => () => {},
		interactive: false,
		readKeys: () => () => {},
		interrupted: new AbortController().signal,
		...changes,
	};
	return {io, out: () => out, err: () => err};
}
