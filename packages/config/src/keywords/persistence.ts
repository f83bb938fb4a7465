/**
 * Persistence besides `cookie`: `force-persist`, `ignore-persist`, and `dispatch`, which has none.
 *
 * Decides what each line says. HAProxy manual, `force-persist`, `ignore-persist`, `dispatch`.
 */
import {readCondition} from '../conditions.ts';
import type {ProxyDraft} from '../drafts.ts';
import {FLB, LB, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {PersistRule} from '../model.ts';
import {readServerAddress} from './server.ts';

function persist(kind: PersistRule['kind']): ProxyKeyword {
	const name = `${kind}-persist`;
	return {
		scope: 'proxy',
		name,
		sections: FLB.filter(section => section !== 'frontend'),
		ignoredIn: ['frontend'],
		syntax: `${name} if|unless CONDITION`,
		summary:
			kind === 'force'
				? 'Sends a client to the server of its cookie even when that is down.'
				: 'Ignores the persistence cookie of a request.',
		read({draft, cursor}) {
			const place = cursor.startPlace();
			draft.httpOnly.push({name, place});
			const condition = readCondition(cursor);
			if (condition !== undefined) draft.persistRules.push({kind, condition, place});
		},
	};
}

function readDispatch({draft, cursor}: Statement<ProxyDraft>): void {
	const word = cursor.require('the address', 'dispatch ADDRESS:PORT');
	if (word === undefined) return;
	const place = cursor.place(word);
	const address = readServerAddress(cursor, word);
	cursor.finish('dispatch ADDRESS:PORT');
	draft.servers.push({name: 'dispatch', place, options: {}, ...address});
	draft.dispatch = cursor.startPlace();
}

export const persistenceKeywords: readonly ProxyKeyword[] = [
	persist('force'),
	persist('ignore'),
	{
		scope: 'proxy',
		name: 'dispatch',
		sections: LB,
		syntax: 'dispatch ADDRESS:PORT',
		summary: 'The one target of a backend without servers.',
		read: readDispatch,
	},
];
