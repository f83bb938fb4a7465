/**
 * How orders go on, for whoever asks in a dialog.
 *
 * Decides that a dialog shows what was said of its kind of order since it was given.
 */
import {createContext} from 'preact';
import {useContext} from 'preact/hooks';
import type {Progress} from '../view-state.ts';

export const ProgressContext = createContext<readonly Progress[]>([]);

/** The sentences, and the number that the next one will exceed. */
export function useProgress(
	command: string | undefined,
	since: number,
): {readonly lines: string[]; readonly newest: number} {
	const all = useContext(ProgressContext);
	const lines = all.filter(entry => entry.command === command && entry.number > since).map(({message}) => message);
	return {lines, newest: all.at(-1)?.number ?? 0};
}
