/**
 * What a transaction reads its two messages with: heads and bodies of request and response.
 *
 * Decides that they belong to a session from the first byte of a request until it waits for the next one, then to whoever comes first: an
 * idle connection holds none, which is 1.1 of the 3.1 KiB that it took.
 */
import {RequestHead} from '../http1/request-head.ts';
import {ResponseHead} from '../http1/response-head.ts';
import {BodyRelay} from './body-relay.ts';

/** Beyond, they are left to the garbage collector: more do not work at once for long. */
const MOST_SPARE = 256;

export class Messages {
	readonly request: RequestHead = new RequestHead();
	readonly response: ResponseHead = new ResponseHead();
	readonly requestBody: BodyRelay = new BodyRelay();
	readonly responseBody: BodyRelay = new BodyRelay();
}

/** Of a session that waits for a request: may be asked, and is never read into. */
export const NO_MESSAGES: Messages = new Messages();

/** Of this thread. */
const spare: Messages[] = [];

export function takeMessages(): Messages {
	return spare.pop() ?? new Messages();
}

/** The caller forgets them. */
export function giveMessages(messages: Messages): void {
	if (messages !== NO_MESSAGES && spare.length < MOST_SPARE) spare.push(messages);
}
