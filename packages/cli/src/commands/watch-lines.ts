/**
 * What happens to a pair, one line each. Pure.
 *
 * Decides what is worth a line of `hapair watch`, and that each happening is one line whatever a hook printed.
 */
import type {ControlReply} from '../daemon/control-protocol.ts';
import {clean} from '../terminal.ts';

/** Nothing for what is no happening. */
export function describeReply(reply: ControlReply): string | undefined {
	switch (reply.type) {
		case 'transition': {
			const {from, to, reason, term, takeoverMs} = reply.transition;
			const took = takeoverMs === undefined ? '' : ` (takeover ${Math.round(takeoverMs)} ms)`;
			return `${reply.time} ${reply.node} ${from} → ${to}, term ${term}: ${clean(reason)}${took}`;
		}
		case 'event':
			return `${reply.time} ${reply.node} ${reply.event.kind}: ${clean(reply.event.reason)}`;
		case 'hook':
			return `${reply.time} ${reply.node} hook ${reply.hook} on ${reply.event} (${clean(reply.reason)}) ${reply.outcome}: ${clean(reply.detail)}`;
		default:
			return undefined;
	}
}
