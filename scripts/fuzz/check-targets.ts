/** Fuzz targets of health checks: what servers answer to each kind. Pure. */
import assert from 'node:assert/strict';
import {ANSWER_LIMIT_BYTES, type Conversation} from '../../packages/proxy/src/health/conversation.ts';
import {talkHttp} from '../../packages/proxy/src/health/kinds/http.ts';
import {talkLdap} from '../../packages/proxy/src/health/kinds/ldap.ts';
import {talkMysql} from '../../packages/proxy/src/health/kinds/mysql.ts';
import {talkPgsql} from '../../packages/proxy/src/health/kinds/pgsql.ts';
import {talkRedis} from '../../packages/proxy/src/health/kinds/redis.ts';
import {talkSmtp} from '../../packages/proxy/src/health/kinds/smtp.ts';
import {talkSslHello} from '../../packages/proxy/src/health/kinds/ssl-hello.ts';
import {agree, cuttings, type FuzzTarget} from './target.ts';

const httpCheck = {method: 'GET', uri: '/', version: 'HTTP/1.0'} as Parameters<typeof talkHttp>[0];

const kinds: Readonly<Record<string, () => Conversation>> = {
	http: () => talkHttp(httpCheck, {disableOn404: true}),
	'http body': () =>
		talkHttp(httpCheck, {disableOn404: false, expect: {match: 'string', text: 'ready', negate: false} as never}),
	ldap: () => talkLdap(),
	mysql: () => talkMysql(undefined, 'post-41'),
	'mysql login': () => talkMysql('user', 'post-41'),
	pgsql: () => talkPgsql('user'),
	redis: () => talkRedis(),
	smtp: () => talkSmtp('HELO a'),
	'ssl-hello': () => talkSslHello(new Uint8Array(32)),
};

/** How a check ends when the answer arrives in these pieces. After a reply of ours the answer begins anew. */
function converse(conversation: Conversation, pieces: readonly string[]): string {
	let answer = Buffer.alloc(0);
	let said = 0;
	for (const piece of [...pieces, undefined]) {
		if (piece !== undefined) answer = Buffer.concat([answer, Buffer.from(piece, 'latin1')]);
		const verdict = conversation.judge(answer, piece === undefined);
		if (verdict === undefined) continue;
		if (!('say' in verdict)) return said > 0 ? 'after a reply' : verdict.outcome;
		said++;
		answer = Buffer.alloc(0);
	}
	assert.ok(said > 0, 'a check always ends');
	return 'after a reply';
}

function check(input: string): void {
	for (const [kind, talk] of Object.entries(kinds)) {
		const ends = cuttings(input).map(pieces => converse(talk(), pieces));
		agree(`the end of a ${kind} check`, ends);
	}
}

export const checkTargets: readonly FuzzTarget[] = [
	{
		name: 'check-reply',
		corpus: [
			...['HTTP/1.1 200 OK\r\n\r\n', 'HTTP/1.0 404\r\nContent-Length: 5\r\n\r\nready', 'SSH-2.0\r\n', ''],
			...['220 a ready\r\n', '250 ok\r\n', '+PONG\r\n', '-ERR\r\n', 'R\0\0\0\x08\0\0\0\0', 'E\0\0\0\x05x'],
			...['\x0a\0\0\0\x0a5.5\0', '\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0', '\x16\x03\x01\0\x02\x02\0'],
		],
		words: [
			...[
				'HTTP/1.',
				'1 200 ',
				'\r\n',
				'\n',
				'\r',
				' ',
				'Transfer-Encoding: chunked\r\n',
				'5\r\nready\r\n0\r\n\r\n',
				'220 ',
				'250-',
			],
			...['\0\0\0', '\xff', '\x30\x84', '\x16\x03', '+PONG\r\n', 'Content-Length: 3\r\n'],
		],
		maxBytes: Math.min(1500, ANSWER_LIMIT_BYTES),
		check,
	},
];
