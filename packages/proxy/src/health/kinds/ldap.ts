/**
 * `option ldap-check` (HAProxy manual): an anonymous simple bind of LDAPv3 (RFC 4511 §4.2), in BER (X.690). Pure.
 *
 * A server passes when it answers with result code success; any other result is a wrong status with its name.
 */
import {type Conversation, emptyAnswer, type Verdict} from '../conversation.ts';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const ENUMERATED = 0x0a;
const BIND_REQUEST = 0x60;
const BIND_RESPONSE = 0x61;
const UNBIND_REQUEST = 0x42;
const SIMPLE = 0x80;

/** RFC 4511 §4.1.9: those that a bind may meet. */
const RESULTS: Readonly<Record<number, string>> = {
	1: 'operationsError',
	2: 'protocolError',
	7: 'authMethodNotSupported',
	8: 'strongerAuthRequired',
	10: 'referral',
	13: 'confidentialityRequired',
	48: 'inappropriateAuthentication',
	49: 'invalidCredentials',
	50: 'insufficientAccessRights',
	51: 'busy',
	52: 'unavailable',
	53: 'unwillingToPerform',
	80: 'other',
};

const BIND = encode(SEQUENCE, [
	...encode(INTEGER, [1]),
	...encode(BIND_REQUEST, [...encode(INTEGER, [3]), ...encode(OCTET_STRING, []), ...encode(SIMPLE, [])]),
]);
const UNBIND = Buffer.from(encode(SEQUENCE, [...encode(INTEGER, [2]), ...encode(UNBIND_REQUEST, [])]));

export function talkLdap(): Conversation {
	return {
		opening: Buffer.from(BIND),
		timeoutStatus: 'L7TOUT',
		judge(answer, ended): Verdict | undefined {
			if (answer.length === 0) return ended ? emptyAnswer('L7RSP', 2) : undefined;
			const result = readBindResult(answer);
			if (result === 'short' && !ended) return undefined;
			if (typeof result === 'string') return {outcome: 'failed', status: 'L7RSP', info: 'Not LDAPv3 protocol'};
			if (result === 0) return {outcome: 'passed', status: 'L7OK', code: 0, info: 'Success', goodbye: UNBIND};
			const name = RESULTS[result] ?? 'unknown';
			return {outcome: 'failed', status: 'L7STS', code: result, info: `LDAP result ${name}`, goodbye: UNBIND};
		},
	};
}

/** Short lengths are enough for what is said here. */
function encode(tag: number, bytes: readonly number[]): number[] {
	return [tag, bytes.length, ...bytes];
}

/** The result code of a BindResponse; `short` when more bytes may follow, `invalid` when it is something else. */
function readBindResult(bytes: Uint8Array): number | 'short' | 'invalid' {
	const message = readElement(bytes, 0, SEQUENCE);
	if (typeof message === 'string') return message;
	const id = readElement(bytes, message.from, INTEGER);
	if (typeof id === 'string') return id;
	const response = readElement(bytes, id.to, BIND_RESPONSE);
	if (typeof response === 'string') return response;
	const code = readElement(bytes, response.from, ENUMERATED);
	if (typeof code === 'string') return code;
	return code.to - code.from === 1 && code.to <= bytes.length ? bytes[code.from]! : 'short';
}

interface Element {
	readonly from: number;
	readonly to: number;
}

/** Where the contents of the element at `at` are; the end may lie behind what has arrived. */
function readElement(bytes: Uint8Array, at: number, tag: number): Element | 'short' | 'invalid' {
	if (at >= bytes.length) return 'short';
	if (bytes[at] !== tag) return 'invalid';
	const first = bytes[at + 1];
	if (first === undefined) return 'short';
	if (first < 0x80) return {from: at + 2, to: at + 2 + first};
	const count = first & 0x7f;
	if (count === 0 || count > 4) return 'invalid';
	if (at + 2 + count > bytes.length) return 'short';
	let length = 0;
	for (let i = 0; i < count; i++) length = length * 256 + bytes[at + 2 + i]!;
	return {from: at + 2 + count, to: at + 2 + count + length};
}
