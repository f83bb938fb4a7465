/**
 * Timeouts of proxies, in today's spelling and in the one of 1.4.
 *
 * Decides which word sets which timeout. 0 means "wait for ever", which is the same as not saying it. HAProxy manual, `timeout`.
 */
import type {ProxyDraft} from '../drafts.ts';
import {DFL, DFLB, DLB, type ProxyKeyword, type SectionKind, type Statement} from '../keyword.ts';
import type {Timeouts} from '../model.ts';
import {readDurationMs} from '../readers.ts';

type TimeoutName = keyof Timeouts;

function readTimeout(field: TimeoutName, {draft, cursor}: Statement<ProxyDraft>): void {
	const {settings} = draft;
	settings.spokenTimeouts.add(field);
	const ms = readDurationMs(cursor, 'the timeout');
	if (ms === undefined) return;
	cursor.finish('one time, such as 5s');
	if (ms > 0) settings.timeouts[field] = ms;
	else {
		delete settings.timeouts[field];
		settings.spokenTimeouts.delete(field);
	}
}

function timeout(
	name: string,
	sections: readonly SectionKind[],
	field: TimeoutName,
	summary: string,
	only14 = false,
): ProxyKeyword {
	const row = {scope: 'proxy', name, sections, syntax: `${name} TIME`, summary} as const;
	const read = (statement: Statement<ProxyDraft>) => readTimeout(field, statement);
	return only14 ? {...row, only14, read} : {...row, read};
}

export const timeoutKeywords: readonly ProxyKeyword[] = [
	timeout('timeout client', DFL, 'clientMs', 'How long a client may be silent.'),
	timeout('timeout server', DLB, 'serverMs', 'How long a server may be silent; before its head this is a 504.'),
	timeout('timeout connect', DLB, 'connectMs', 'How long a connection to a server may take.'),
	timeout('timeout queue', DLB, 'queueMs', 'How long a request waits for a server; `timeout connect` unless given.'),
	timeout('timeout http-request', DFLB, 'httpRequestMs', 'How long a whole request head may take.'),
	timeout('timeout http-keep-alive', DFLB, 'httpKeepAliveMs', 'How long a connection may be idle between requests.'),
	timeout('timeout check', DLB, 'checkMs', 'How long the answer to a check may take once connected.'),
	timeout('timeout tunnel', DLB, 'tunnelMs', 'How long an upgraded or TCP connection may be silent.'),
	timeout('timeout client-fin', DFL, 'clientFinMs', 'How long a client may be silent when half closed.'),
	timeout('timeout server-fin', DLB, 'serverFinMs', 'How long a server may be silent when half closed.'),
	timeout('timeout tarpit', DFLB, 'tarpitMs', 'How long a tarpitted client is held.'),
	timeout('contimeout', DLB, 'connectMs', 'Spelling of `timeout connect` in 1.4.', true),
	timeout('clitimeout', DFL, 'clientMs', 'Spelling of `timeout client` in 1.4.', true),
	timeout('srvtimeout', DLB, 'serverMs', 'Spelling of `timeout server` in 1.4.', true),
	timeout('timeout contimeout', DLB, 'connectMs', 'Alias of `timeout connect` in 1.4.', true),
	timeout('timeout clitimeout', DFL, 'clientMs', 'Alias of `timeout client` in 1.4.', true),
	timeout('timeout srvtimeout', DLB, 'serverMs', 'Alias of `timeout server` in 1.4.', true),
];
