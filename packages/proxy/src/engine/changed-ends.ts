/**
 * Whom a session counts as, once `set-src` and its kin have spoken.
 *
 * Decides that the log, forwarded headers and `balance source` follow the rules, for one transaction. Leaves the rules to `rules/`.
 */
import type {RequestSample} from '../rules/request-sample.ts';
import type {Session} from './session.ts';

/** Behind the rules. */
export function applyChangedEnds(session: Session, sample: RequestSample): void {
	if (!sample.hasChangedSource) return;
	session.source = sample.src;
	session.record.clientAddress = sample.src?.text ?? '';
	session.record.clientPort = sample.srcPort;
}

/** The next request of the connection: everything is as it came. */
export function forgetChangedEnds(session: Session, sample: RequestSample): void {
	if (!sample.hasChangedSource) return;
	sample.forgetChangedEnds();
	session.source = sample.src;
	session.record.clientAddress = sample.src?.text ?? '';
	session.record.clientPort = sample.srcPort;
}
