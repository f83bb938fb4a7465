/**
 * What the page knows, from the messages of the feed. Pure.
 *
 * Decides how much is kept, and that a record that comes twice (in the greeting and by itself) is shown once.
 */
import type {FeedMessage, PairRecord, Sample, Status} from './messages.ts';

export interface ViewState {
	/** Absent before the first message. */
	readonly status: Status | undefined;
	/** Oldest first. */
	readonly samples: readonly Sample[];
	/** Newest first. */
	readonly records: readonly PairRecord[];
}

export const emptyView: ViewState = {status: undefined, samples: [], records: []};

/** Ten minutes. */
export const MOST_SAMPLES = 600;
export const MOST_RECORDS = 100;

export function applyMessage(view: ViewState, message: FeedMessage): ViewState {
	switch (message.type) {
		case 'hello':
			return {...view, samples: message.samples.slice(-MOST_SAMPLES), records: addRecords([], message.history)};
		case 'status': {
			const {status, sample} = message;
			const samples = sample === undefined ? view.samples : [...view.samples, sample].slice(-MOST_SAMPLES);
			return {...view, status, samples};
		}
		case 'record':
			return {...view, records: addRecords(view.records, [message.record])};
		default:
			return view;
	}
}

function addRecords(known: readonly PairRecord[], added: readonly PairRecord[]): readonly PairRecord[] {
	const ids = new Set(known.map(({id}) => id));
	const fresh = added.filter(({id}) => !ids.has(id)).toReversed();
	return [...fresh, ...known].slice(0, MOST_RECORDS);
}
