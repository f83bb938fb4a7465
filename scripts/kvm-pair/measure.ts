/**
 * One event, measured: a whole pair, clients and eyes, the event, and the pair made whole again.
 *
 * Decides the random moment at which the event falls between two advertisements, and that an event which came to nothing is a line of the
 * table too.
 */
import {letPassMs, monotonicMs} from '../../test/lab/wait.ts';
import type {Facts, Happened} from './events.ts';
import type {Pair, Roles} from './pair.ts';
import {type Seen, summarize} from './seen.ts';
import {looks} from './stage.ts';

export interface Measured {
	readonly program: string;
	readonly event: string;
	readonly seen?: Seen;
	readonly note?: string;
	/** Why there are no figures. */
	readonly failure?: string;
}

/** A SYN that nobody heard is repeated after 1, 3 and 7 s: what follows an event is watched for longer. */
const afterMs = 4000;
const leadMs = 2000;

export async function measure<Kind extends Pair>(
	pair: Kind,
	event: string,
	happen: (pair: Kind, roles: Roles) => Promise<Happened>,
	{intervalMs}: Pick<Facts, 'intervalMs'>,
): Promise<Measured> {
	const {title: program, stage} = pair;
	try {
		const roles = await pair.awaitPair();
		const watch = await stage.watch();
		// The first answers are slow. What follows is the event's, and begins with who served before it.
		await letPassMs(3000);
		const fromMs = monotonicMs();
		await letPassMs(leadMs + intervalMs * Math.random());
		let happened: Happened | Error;
		try {
			happened = await happen(pair, roles);
		} catch (error) {
			happened = error instanceof Error ? error : new Error(String(error));
		}
		await letPassMs(afterMs);
		const {clients, eyes} = await watch.stop();
		if (happened instanceof Error) throw happened;
		const seen = summarize(clients, eyes, {
			fromMs,
			lookEveryMs: looks[stage.accelerator.name].everyMs,
			markMs: happened.markMs,
		});
		await pair.awaitPair();
		return {program, event, seen, ...(happened.note === undefined ? {} : {note: happened.note})};
	} catch (error) {
		return {program, event, failure: error instanceof Error ? error.message : String(error)};
	}
}
