import test from 'ava';
import type {Conversation} from '../../../src/health/conversation.ts';
import {talkLdap} from '../../../src/health/kinds/ldap.ts';
import {talkMysql} from '../../../src/health/kinds/mysql.ts';
import {talkPgsql} from '../../../src/health/kinds/pgsql.ts';
import {talkRedis} from '../../../src/health/kinds/redis.ts';
import {talkSmtp} from '../../../src/health/kinds/smtp.ts';
import {formatClientHello, talkSslHello} from '../../../src/health/kinds/ssl-hello.ts';
import {converse, drops} from '../../helpers/converse.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex').toString('latin1');
const packet = (payload: string, sequence: number) => String.fromCharCode(payload.length, 0, 0, sequence) + payload;
const greeting = packet(
	`\x0a8.0.36\0\x01\0\0\0abcdefgh\0\xff\xff\xff\x02\0\xff\xdf\x15${'\0'.repeat(10)}ijklmnopqrst\0`,
	0,
);
const mysqlError = `\xff\x15\x04#28000Access denied`;

interface Case {
	readonly title: string;
	readonly start: () => Conversation;
	readonly answers: readonly string[];
	readonly closes?: true;
	readonly said?: readonly string[];
	readonly verdict: unknown;
}

const passed = (info?: string, code = 0) => ({outcome: 'passed', status: 'L7OK', code, ...(info ? {info} : {})});
const failed = (status: string, info?: string, code?: number) => ({
	outcome: 'failed',
	status,
	...(code === undefined ? {} : {code}),
	...(info === undefined ? {} : {info}),
});
const smtp = () => talkSmtp('EHLO my.host');
const mysql = () => talkMysql(undefined, 'post-41');
const mysqlUser = () => talkMysql('ha', 'post-41');
const pgsql = () => talkPgsql('ha');
const bindRequest = hex('30 0c 02 01 01 60 07 02 01 03 04 00 80 00');

const cases: readonly Case[] = [
	{
		title: 'SMTP: greeting, EHLO with several lines, QUIT',
		start: smtp,
		answers: ['220-hello\r\n220 mail ready\r\n', '250-mail\r\n250 HELP\r\n', '221 bye\r\n'],
		said: ['EHLO my.host\r\n', 'QUIT\r\n'],
		verdict: passed('bye', 221),
	},
	{
		title: 'SMTP: QUIT is not answered',
		start: smtp,
		answers: ['220 hi\r\n', '250 HELP\r\n'],
		closes: true,
		verdict: failed('L7STS', 'TCPCHK got an empty response at step 7', 0),
	},
	{
		title: 'SMTP: refused at the door',
		start: smtp,
		answers: ['554 go away\r\n'],
		said: [],
		verdict: failed('L7STS', 'go away', 554),
	},
	{
		title: 'SMTP: EHLO refused',
		start: smtp,
		answers: ['220 hi\r\n', '502 what\r\n'],
		verdict: failed('L7STS', 'what', 502),
	},
	{title: 'SMTP: another protocol', start: smtp, answers: ['hello\r\n'], verdict: failed('L7RSP', 'hello')},
	{
		title: 'SMTP: a line that is no reply before one',
		start: smtp,
		answers: ['050\rP\n220 a\r\n'],
		verdict: failed('L7RSP', '050\rP'),
	},
	{title: 'SMTP: half a greeting', start: smtp, answers: ['220-hi\r\n220'], verdict: undefined},
	{
		title: 'SMTP: closes at once',
		start: smtp,
		answers: [],
		closes: true,
		verdict: failed('L7RSP', 'TCPCHK got an empty response at step 2'),
	},
	{
		title: 'Redis: PONG',
		start: talkRedis,
		answers: ['+PONG\r\n'],
		said: ['*1\r\n$4\r\nPING\r\n'],
		verdict: passed('Redis server is ok'),
	},
	{title: 'Redis: an error', start: talkRedis, answers: ['-NOAUTH no\r\n'], verdict: failed('L7STS', '-NOAUTH no', 0)},
	{title: 'Redis: half a line', start: talkRedis, answers: ['+PON'], verdict: undefined},
	{
		title: 'LDAP: success, then unbind',
		start: talkLdap,
		answers: [hex('30 0c 02 01 01 61 07 0a 01 00 04 00 04 00')],
		said: [bindRequest, hex('30 05 02 01 02 42 00')],
		verdict: passed('Success'),
	},
	{
		title: 'LDAP: lengths in the long form',
		start: talkLdap,
		answers: [hex('30 84 00 00 00 10 02 01 01 61 84 00 00 00 07 0a 01 00 04 00 04 00')],
		verdict: passed('Success'),
	},
	{
		title: 'LDAP: anonymous binds are not allowed',
		start: talkLdap,
		answers: [hex('30 0c 02 01 01 61 07 0a 01 30 04 00 04 00')],
		verdict: failed('L7STS', 'LDAP result inappropriateAuthentication', 48),
	},
	{
		title: 'LDAP: another protocol',
		start: talkLdap,
		answers: ['HTTP/1.1 400\r\n'],
		verdict: failed('L7RSP', 'Not LDAPv3 protocol'),
	},
	{
		title: 'LDAP: another operation',
		start: talkLdap,
		answers: [hex('30 0c 02 01 01 65 07 0a 01 00 04 00 04 00')],
		verdict: failed('L7RSP', 'Not LDAPv3 protocol'),
	},
	{title: 'LDAP: half a message', start: talkLdap, answers: [hex('30 0c 02 01 01 61 07')], verdict: undefined},
	{
		title: 'PostgreSQL: asks for a password, then terminate',
		start: pgsql,
		answers: [hex('52 00 00 00 0c 00 00 00 05 61 62 63 64')],
		said: [`${hex('00 00 00 11 00 03 00 00')}user\0ha\0\0`, hex('58 00 00 00 04')],
		verdict: passed('PostgreSQL server is ok'),
	},
	{
		title: 'PostgreSQL: an error',
		start: pgsql,
		answers: [`E${hex('00 00 00 24')}SFATAL\0C28000\0Mno such role ha\0\0`],
		verdict: failed('L7RSP', 'FATAL: no such role ha'),
	},
	{
		title: 'PostgreSQL: another protocol',
		start: pgsql,
		answers: ['HTTP/1.1'],
		verdict: failed('L7STS', 'PostgreSQL unknown error', 0),
	},
	{title: 'PostgreSQL: half a message', start: pgsql, answers: [hex('52 00 00 00 0c 00')], verdict: undefined},
	{title: 'MySQL: the greeting alone', start: mysql, answers: [greeting], said: [], verdict: passed('8.0.36')},
	{
		title: 'MySQL: an error instead',
		start: mysql,
		answers: [packet(mysqlError, 0)],
		verdict: failed('L7STS', '#28000Access denied', 1045),
	},
	{title: 'MySQL: half a greeting', start: mysql, answers: [greeting.slice(0, 20)], verdict: undefined},
	{title: 'MySQL: another protocol', start: mysql, answers: [packet('HTTP', 0)], verdict: failed('L7RSP')},
	{
		title: 'MySQL: a login that passes, then quit',
		start: mysqlUser,
		answers: [greeting, packet('\0\0\0\x02\0\0\0', 2)],
		said: [packet(`${hex('01 82 00 00 ff ff ff 00 21')}${'\0'.repeat(23)}ha\0\0`, 1), packet('\x01', 0)],
		verdict: passed('8.0.36'),
	},
	{
		title: 'MySQL: another way to log in',
		start: mysqlUser,
		answers: [greeting, packet('\xfecaching_sha2_password\0', 2)],
		verdict: passed('8.0.36'),
	},
	{
		title: 'MySQL: a login that is refused',
		start: mysqlUser,
		answers: [greeting, packet(mysqlError, 2)],
		verdict: failed('L7STS', '#28000Access denied', 1045),
	},
	{
		title: 'MySQL: the login of versions before 4.1',
		start: () => talkMysql('ha', 'pre-41'),
		answers: [greeting, packet('\0', 2)],
		said: [packet(`${hex('01 00 ff ff ff')}ha\0\0`, 1), packet('\x01', 0)],
		verdict: passed('8.0.36'),
	},
	{
		title: 'TLS: a server hello',
		start: () => talkSslHello(new Uint8Array(32)),
		answers: [hex('16 03 03')],
		verdict: {outcome: 'passed', status: 'L6OK'},
	},
	{
		title: 'TLS: an alert',
		start: () => talkSslHello(new Uint8Array(32)),
		answers: [hex('15 03 00')],
		verdict: {outcome: 'passed', status: 'L6OK'},
	},
	{
		title: 'TLS: another protocol',
		start: () => talkSslHello(new Uint8Array(32)),
		answers: ['HTTP'],
		verdict: failed('L6RSP'),
	},
];

for (const {title, start, answers, closes, said, verdict} of cases) {
	test(title, t => {
		const whole = converse(start(), answers, closes);
		t.deepEqual(whole.verdict as unknown, verdict);
		if (said !== undefined) t.deepEqual(whole.said, said);
		t.deepEqual(converse(start(), drops(answers), closes).verdict as unknown, verdict);
	});
}

test('a TLS hello has consistent lengths and the random it was given', t => {
	const hello = formatClientHello(Uint8Array.from({length: 32}, (_, i) => i));
	t.is(hello.readUInt16BE(3), hello.length - 5);
	t.is(hello.readUIntBE(6, 3), hello.length - 9);
	t.deepEqual(
		[...hello.subarray(11, 43)],
		Array.from({length: 32}, (_, i) => i),
	);
});
