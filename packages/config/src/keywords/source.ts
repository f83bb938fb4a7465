/**
 * `source`: from which address, port and interface connections to servers come.
 *
 * Decides what the words say, on a line of their own and on server lines. HAProxy manual, `source`.
 */
import {addressFamily, isInterfaceName} from '../addresses.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {ServerSource} from '../model.ts';
import {splitHostPort} from '../socket-addresses.ts';
import {isHeaderName} from './headers.ts';

export const SOURCE_SYNTAX =
	'ADDRESS[:PORT[-PORT]] [usesrc ADDRESS[:PORT]|client|clientip|hdr_ip(NAME[,N])] [interface IF]';

/** `0.0.0.0`, `::` and `*` leave the choice to the kernel. Undefined after an error. */
export function readSource(cursor: LineCursor): ServerSource | undefined {
	const word = cursor.require('the source address', 'such as source 10.0.0.10');
	if (word === undefined) return undefined;
	const address = readAddress(cursor, word, true);
	if (address === undefined) return undefined;
	const source: {-readonly [Key in keyof ServerSource]: ServerSource[Key]} = {...address};
	for (let next = cursor.peek()?.text; next === 'usesrc' || next === 'interface'; next = cursor.peek()?.text) {
		cursor.next();
		if (next === 'interface') {
			const name = cursor.require('the interface', 'such as interface eth0');
			if (name === undefined) return undefined;
			if (!isInterfaceName(name.text)) {
				cursor.error(name, `'${name.text}' is not an interface name`, 'such as eth0; at most 15 characters');
				return undefined;
			}
			source.interface = name.text;
			continue;
		}
		const shown = readShown(cursor);
		if (shown === undefined) return undefined;
		source.shown = shown;
	}
	return source;
}

type Address = Pick<ServerSource, 'address' | 'ports'>;

function readAddress(
	cursor: LineCursor,
	word: NonNullable<ReturnType<LineCursor['next']>>,
	mayRange: boolean,
): Address | undefined {
	const isAlone = addressFamily(word.text) !== undefined;
	const {host, port} = isAlone ? {host: word.text, port: undefined} : splitHostPort(word.text);
	if (host !== '*' && host !== '' && addressFamily(host) === undefined) {
		cursor.error(word, `'${word.text}' is not an address`, 'a literal address, such as source 10.0.0.10');
		return undefined;
	}
	const isAny = ['*', '', '0.0.0.0', '::'].includes(host);
	const address = isAny ? {} : {address: host};
	if (port === undefined || port === '' || port === '0') return address;
	const found = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(port);
	const from = Number(found?.[1]);
	const to = Number(found?.[2] ?? found?.[1]);
	if (found === null || from < 1 || to > 65_535 || to < from || (!mayRange && to !== from)) {
		const hint = mayRange ? 'a number from 1 to 65535, or a range such as 20000-29999' : 'a number from 1 to 65535';
		cursor.error(word, `'${port}' is not a source port`, hint);
		return undefined;
	}
	return {...address, ports: {from, to}};
}

function readShown(cursor: LineCursor): ServerSource['shown'] | undefined {
	const word = cursor.require('the address to show', 'usesrc ADDRESS, client, clientip or hdr_ip(NAME)');
	if (word === undefined) return undefined;
	const {text} = word;
	if (text === 'client' || text === 'clientip') return {kind: text};
	const [, name = '', number = '-1'] = /^hdr_ip\(([^(),]+)(?:,(-?\d{1,3}))?\)$/.exec(text) ?? [];
	if (isHeaderName(name)) return {kind: 'header', name: name.toLowerCase(), occurrence: Number(number)};
	if (text.startsWith('hdr_ip')) {
		cursor.error(word, `'${text}' names no header`, 'such as hdr_ip(x-forwarded-for,-1)');
		return undefined;
	}
	const said = readAddress(cursor, word, false);
	if (said === undefined) return undefined;
	if (said.address !== undefined) return {kind: 'address', address: said.address, port: said.ports?.from ?? 0};
	cursor.error(word, `'${text}' is no address to show`, 'usesrc ADDRESS, client, clientip or hdr_ip(NAME)');
	return undefined;
}
