/**
 * `show errors`: the last request and response of each proxy that could not be accepted, with their bytes.
 *
 * Pure. Decides which of the threads' messages are the last ones and how bytes are written. Times are formatted by the caller's clock.
 */
import type {Configuration} from '@hapair/config';
import {formatAcceptDate} from '../log/log-date.ts';
import type {BadMessage} from '../worker-messages.ts';

/** Characters of a message on one line of the dump. */
const LINE_CHARACTERS = 70;

export interface ErrorFilter {
	/** Number of a proxy, -1 for all. */
	readonly iid: number;
	readonly kind?: BadMessage['kind'];
}

export function formatErrors(
	configuration: Configuration,
	messages: readonly BadMessage[],
	total: number,
	wallMs: number,
	filter: ErrorFilter,
): string {
	const header = `Total events captured on [${formatAcceptDate(wallMs)}] : ${total}\n`;
	const shown = lastOfEach(messages).filter(message => isWanted(configuration, message, filter));
	return header + shown.map(message => ` \n${formatMessage(configuration, message)}`).join('');
}

/** The newest of each proxy and kind, oldest first. */
function lastOfEach(messages: readonly BadMessage[]): readonly BadMessage[] {
	const newest = new Map<string, BadMessage>();
	for (const message of messages) {
		const key = `${message.kind} ${message.kind === 'request' ? message.frontend : message.backend}`;
		const known = newest.get(key);
		if (known === undefined || known.event < message.event) newest.set(key, message);
	}
	return [...newest.values()].sort((a, b) => a.event - b.event);
}

function isWanted(configuration: Configuration, message: BadMessage, {iid, kind}: ErrorFilter): boolean {
	if (kind !== undefined && message.kind !== kind) return false;
	return (
		iid === -1 ||
		configuration.frontends[message.frontend]?.id === iid ||
		configuration.backends[message.backend]?.id === iid
	);
}

function formatMessage(configuration: Configuration, message: BadMessage): string {
	const frontend = configuration.frontends[message.frontend];
	const backend = configuration.backends[message.backend];
	const server = backend?.servers.find(({name}) => name === message.server);
	const isRequest = message.kind === 'request';
	const owner = isRequest
		? `frontend ${frontend?.name} (#${frontend?.id})`
		: `backend ${backend?.name} (#${backend?.id})`;
	const other = isRequest
		? `backend ${backend?.name ?? '<NONE>'} (#${backend?.id ?? -1})`
		: `frontend ${frontend?.name} (#${frontend?.id})`;
	return (
		`[${formatAcceptDate(message.wallMs)}] ${owner}: invalid ${message.kind}\n` +
		`  ${other}, server ${server?.name ?? '<NONE>'} (#${server?.id ?? -1}), event #${message.event}, src ${message.source}\n` +
		`  ${message.kind} length ${message.text.length} bytes, error at position ${message.faultAt}:\n` +
		`  \n${formatDump(message.text)}`
	);
}

/** Lines end where the message's do; `+` marks the rest of a long one. */
export function formatDump(text: string): string {
	let dump = '';
	for (let at = 0; at < text.length; ) {
		const lineEnd = text.indexOf('\n', at) + 1 || text.length;
		let isRest = false;
		while (at < lineEnd) {
			let shown = '';
			const from = at;
			while (at < lineEnd && shown.length < LINE_CHARACTERS) shown += escapeCharacter(text[at++]!);
			dump += `  ${String(from).padStart(5, '0')}${isRest ? '+' : ' '} ${shown}\n`;
			isRest = true;
		}
	}
	return dump;
}

const NAMED: Readonly<Record<string, string>> = {'\r': '\\r', '\n': '\\n', '\t': '\\t', '\\': '\\\\', '\u001b': '\\e'};

function escapeCharacter(character: string): string {
	const named = NAMED[character];
	if (named !== undefined) return named;
	const code = character.charCodeAt(0);
	return code >= 32 && code < 127 ? character : `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`;
}
