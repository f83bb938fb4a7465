/**
 * What the page knows, from the messages of the feed. Pure.
 *
 * Decides how much is kept, and that a record that comes twice (in the greeting and by itself) is shown once. Drills are kept apart: they may
 * be older than all the rest.
 */
import type {FeedMessage, PairRecord, Sample, Status} from './messages.ts';

export interface ViewState {
	/** Absent before the first message. */
	readonly status: Status | undefined;
	/** Oldest first. */
	readonly samples: readonly Sample[];
	/** Newest first. */
	readonly records: readonly PairRecord[];
	/** Newest first. */
	readonly drills: readonly PairRecord[];
	/** How orders go on, the newest last. */
	readonly progress: readonly Progress[];
}

export interface Progress {
	/** Counts up from 1. */
	readonly number: number;
	readonly command: string;
	readonly message: string;
}

export const emptyView: ViewState = {status: undefined, samples: [], records: [], drills: [], progress: []};

/** Ten minutes. */
export const MOST_SAMPLES = 600;
export const MOST_RECORDS = 100;
export const MOST_DRILLS = 20;
export const MOST_PROGRESS = 100;

export function applyMessage(view: ViewState, message: FeedMessage): ViewState {
	switch (message.type) {
		case 'hello':
			return {
				...view,
				samples: message.samples.slice(-MOST_SAMPLES),
				records: addRecords([], message.history, MOST_RECORDS),
				drills: addRecords([], message.drills ?? message.history.filter(isDrill), MOST_DRILLS),
			};
		case 'status': {
			const {status, sample} = message;
			const samples = sample === undefined ? view.samples : [...view.samples, sample].slice(-MOST_SAMPLES);
			return {...view, status, samples};
		}
		case 'record':
			return {
				...view,
				records: addRecords(view.records, [message.record], MOST_RECORDS),
				drills: isDrill(message.record) ? addRecords(view.drills, [message.record], MOST_DRILLS) : view.drills,
			};
		case 'progress': {
			const {command, message: text} = message;
			const number = (view.progress.at(-1)?.number ?? 0) + 1;
			return {...view, progress: [...view.progress, {number, command, message: text}].slice(-MOST_PROGRESS)};
		}
		default:
			return view;
	}
}

function isDrill({kind}: PairRecord): boolean {
	return kind === 'drill';
}

function addRecords(known: readonly PairRecord[], added: readonly PairRecord[], most: number): readonly PairRecord[] {
	const ids = new Set(known.map(({id}) => id));
	const fresh = added.filter(({id}) => !ids.has(id)).toReversed();
	return [...fresh, ...known].slice(0, most);
}
