/**
 * `normalize-uri`, `strict-mode`, `early-hint`, `set-tos` and `set-mark`: how rules rewrite, and what they say and do beside it.
 *
 * Decides what each line says. HAProxy manual, `http-request normalize-uri`, `http-request strict-mode`, `http-request set-tos`.
 */
import type {ProxyDraft} from '../drafts.ts';
import {FLB, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {Normalizer, RequestAction, SessionAction} from '../model.ts';
import {readChoice} from '../readers.ts';
import {readFormatText, readHeaderName} from './headers.ts';
import {addResponseRule} from './response-rules.ts';
import {addRequestRule} from './rules.ts';

const NORMALIZERS = [
	'fragment-encode',
	'fragment-strip',
	'path-merge-slashes',
	'path-strip-dot',
	'path-strip-dotdot',
	'percent-decode-unreserved',
	'percent-to-uppercase',
	'query-sort-by-name',
] as const;

function readNormalizer({cursor}: Statement<ProxyDraft>): RequestAction | undefined {
	const name = readChoice(cursor, 'the normalizer', NORMALIZERS);
	if (name === undefined) return undefined;
	const normalizer: Normalizer = {
		name,
		isFull: name === 'path-strip-dotdot' && cursor.accept('full'),
		isStrict: name.startsWith('percent-') && cursor.accept('strict'),
	};
	return {kind: 'normalize-uri', normalizer};
}

function readHint({cursor, syntax}: Statement<ProxyDraft>): RequestAction | undefined {
	const name = readHeaderName(cursor);
	const value = name === undefined ? undefined : readFormatText(cursor, 'the value', syntax);
	return value === undefined ? undefined : {kind: 'early-hint', name: name!, value};
}

/** As C reads it: `0x10`, `020` and `16` are the same. */
function readCNumber(cursor: LineCursor, what: string, max: number): number | undefined {
	const word = cursor.require(what, 'a number such as 16 or 0x10');
	if (word === undefined) return undefined;
	const {text} = word;
	const value = /^0x[0-9a-f]{1,8}$/i.test(text)
		? Number.parseInt(text, 16)
		: /^0[0-7]{0,11}$/.test(text)
			? Number.parseInt(text, 8)
			: /^[1-9]\d{0,9}$/.test(text)
				? Number(text)
				: Number.NaN;
	if (value <= max) return value;
	cursor.error(word, `'${text}' is not ${what.replace('the ', 'a ')}`, `a number from 0 to ${max}, also as 0x10`);
	return undefined;
}

export function readMarking({cursor}: Statement<ProxyDraft>, kind: 'set-tos' | 'set-mark'): PacketMark | undefined {
	const isTos = kind === 'set-tos';
	const number = readCNumber(cursor, isTos ? 'the TOS byte' : 'the mark', isTos ? 255 : 0xffff_ffff);
	return number === undefined ? undefined : {kind: 'set-packets', what: isTos ? 'tos' : 'mark', number};
}

type PacketMark = Extract<SessionAction, {kind: 'set-packets'}>;

const MARKINGS = [
	{kind: 'set-tos', argument: 'TOS', summary: 'Sets the TOS byte of packets to the client (DSCP, RFC 2474).'},
	{
		kind: 'set-mark',
		argument: 'MARK',
		summary: "Sets the kernel's mark on packets to the client; needs CAP_NET_ADMIN.",
	},
] as const;

function strictMode(stage: 'http-request' | 'http-response' | 'http-after-response'): ProxyKeyword {
	return {
		scope: 'proxy',
		name: `${stage} strict-mode`,
		sections: FLB,
		syntax: `${stage} strict-mode on|off [if|unless CONDITION]`,
		summary:
			'Off: a rewrite that fails is left out by the rules behind this one; on, as at the start, it ends the message.',
		read(statement) {
			const word = readChoice(statement.cursor, 'strict-mode', ['on', 'off']);
			const action = word === undefined ? undefined : ({kind: 'strict-mode', isOn: word === 'on'} as const);
			if (stage === 'http-request') addRequestRule(statement, stage, action);
			else addResponseRule(statement, stage, action);
		},
	};
}

export const rewritingKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'http-request normalize-uri',
		sections: FLB,
		syntax:
			'http-request normalize-uri fragment-encode|fragment-strip|path-merge-slashes|path-strip-dot|path-strip-dotdot [full]|percent-decode-unreserved [strict]|percent-to-uppercase [strict]|query-sort-by-name [if|unless CONDITION]',
		summary: 'One spelling for targets that mean the same.',
		read: statement => addRequestRule(statement, 'http-request', readNormalizer(statement)),
	},
	{
		scope: 'proxy',
		name: 'http-request early-hint',
		sections: FLB,
		syntax: 'http-request early-hint NAME FORMAT [if|unless CONDITION]',
		summary: 'Tells the client of a header before the response (103).',
		read: statement => addRequestRule(statement, 'http-request', readHint(statement)),
	},
	strictMode('http-request'),
	strictMode('http-response'),
	strictMode('http-after-response'),
	...MARKINGS.flatMap(({kind, argument, summary}) =>
		(['http-request', 'http-response'] as const).map(
			(stage): ProxyKeyword => ({
				scope: 'proxy',
				name: `${stage} ${kind}`,
				sections: FLB,
				syntax: `${stage} ${kind} ${argument} [if|unless CONDITION]`,
				summary,
				read(statement) {
					const action = readMarking(statement, kind);
					if (stage === 'http-request') addRequestRule(statement, stage, action);
					else addResponseRule(statement, stage, action);
				},
			}),
		),
	),
];
