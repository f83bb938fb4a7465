/**
 * What an order would do, asked of the daemon while its dialog is open.
 *
 * Decides that the newest question counts: an answer to an older one is dropped.
 */
import {useEffect, useState} from 'preact/hooks';
import {order} from '../api.ts';
import type {Outcome} from '../messages.ts';

/** Absent until the answer is there. Asked again when the body changes. */
export function usePreview(path: string, body: Readonly<Record<string, unknown>>): Outcome | undefined {
	const [answer, setAnswer] = useState<Outcome>();
	const text = JSON.stringify(body);
	useEffect(() => {
		let isWanted = true;
		setAnswer(undefined);
		void order(path, JSON.parse(text)).then(outcome => {
			if (isWanted) setAnswer(outcome);
		});
		return () => {
			isWanted = false;
		};
	}, [path, text]);
	return answer;
}
