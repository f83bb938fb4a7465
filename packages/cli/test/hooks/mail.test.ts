import {readFileSync} from 'node:fs';
import type {AddressInfo} from 'node:net';
import {createServer, type Socket} from 'node:net';
import {hostname} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {deliverMail, type MailHook} from '../../src/hooks/mail.ts';
import {sampleOccasion} from '../helpers/samples.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {writeProgram} from '../helpers/write-program.ts';

const uid = process.getuid?.() ?? 0;
const mailBy = (via: MailHook['via'], changes: Partial<MailHook> = {}): MailHook => ({
	on: 'master',
	kind: 'mail',
	to: ['root', 'admin@example.org'],
	via,
	timeoutMs: 20_000,
	position: {file: 'pair.cfg', line: 1, column: 1},
	...changes,
});
const template = (text: string) => ({parts: text.split(/\{\{(\w+)\}\}/), isJson: false});

test('sendmail gets the recipients as arguments and the mail on its stdin', async t => {
	const directory = makeTempDirectory(t);
	const path = writeProgram(directory, 'sendmail', `echo "$@" > ${directory}/args; cat > ${directory}/mail`);
	const hook = mailBy({kind: 'sendmail', path}, {from: 'lb1@example.org'});
	const {ok, exitCode, detail} = await deliverMail(hook, sampleOccasion, {uid});
	t.true(ok, detail);
	t.is(exitCode, 0);
	t.is(readFileSync(join(directory, 'args'), 'utf8'), '-i -f lb1@example.org root admin@example.org\n');
	const mail = readFileSync(join(directory, 'mail'), 'utf8');
	t.regex(mail, /^From: lb1@example\.org$/m);
	t.true(mail.includes(`\nTo: root@${hostname()}, admin@example.org\n`), mail);
	t.regex(mail, /^Subject: \[hapair\] oslo: lb1 is master$/m);
	t.true(mail.includes(`Message-ID: <lb1-abc-7@${hostname()}>`), mail);
	t.regex(mail, /^Reason: lb2 was silent for 682 ms$/m);
	t.notRegex(mail, /\r/);
});

test('a program that says "later" is asked again, one that says "never" is not', async t => {
	const directory = makeTempDirectory(t);
	const outcome = (body: string, timeoutMs = 20_000) =>
		deliverMail(
			mailBy({kind: 'sendmail', path: writeProgram(directory, 'sendmail', body)}, {timeoutMs}),
			sampleOccasion,
			{uid},
		);
	t.like(await outcome('cat >/dev/null; echo deferred >&2; exit 75'), {ok: false, retry: true, exitCode: 75});
	t.like(await outcome('exit 67'), {ok: false, retry: false, exitCode: 67});
	const hung = await outcome('sleep 100', 300);
	t.like(hung, {ok: false, retry: true});
	t.regex(hung.detail, /did not end within 300 ms/);
	const none = await deliverMail(mailBy({kind: 'sendmail', path: join(directory, 'none')}), sampleOccasion, {uid});
	t.like(none, {ok: false, detail: `was not run: ${directory}/none: there is no such file`});
});

/** An SMTP server that answers `answers[verb]`, or what is right. Undefined instead of a text: it says nothing any more. */
async function startSmtp(
	t: ExecutionContext,
	answers: Readonly<Record<string, string | undefined>> = {},
): Promise<{port: number; said: string[]; mails: string[]}> {
	const said: string[] = [];
	const mails: string[] = [];
	const sockets = new Set<Socket>();
	const usual: Readonly<Record<string, string>> = {
		hello: '220 test ESMTP',
		EHLO: '250-test\r\n250 AUTH PLAIN',
		AUTH: '235 welcome',
		DATA: '354 go on',
		QUIT: '221 bye',
		end: '250 queued as 1',
	};
	const server = createServer(socket => {
		sockets.add(socket);
		socket.on('error', () => {});
		const answer = (verb: string): void => {
			const text = verb in answers ? answers[verb] : (usual[verb] ?? '250 ok');
			if (text !== undefined) socket.write(`${text}\r\n`);
		};
		let mail: string | undefined;
		let rest = '';
		socket.setEncoding('utf8').on('data', (text: string) => {
			const lines = (rest + text).split('\r\n');
			rest = lines.pop() ?? '';
			for (const line of lines) {
				if (mail === undefined) {
					said.push(line);
					const verb = line.split(' ')[0] ?? '';
					if (verb === 'DATA') mail = '';
					answer(verb);
				} else if (line === '.') {
					mails.push(mail);
					mail = undefined;
					answer('end');
				} else mail += `${line}\n`;
			}
		});
		answer('hello');
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	return {port: (server.address() as AddressInfo).port, said, mails};
}

const smtp = (port: number, user?: string): MailHook['via'] => ({
	kind: 'smtp',
	host: '127.0.0.1',
	port,
	tls: false,
	...(user === undefined ? {} : {user}),
});

test('a relay gets the mail by SMTP, in the words of the template', async t => {
	const {port, said, mails} = await startSmtp(t);
	const {ok, detail} = await deliverMail(
		mailBy(smtp(port), {to: ['ops@example.org', 'admin@example.org']}),
		sampleOccasion,
		{
			uid,
			template: template('Subject: {{node}} → {{newState}}\n\nWhy: {{reason}}\n.\nTerm {{term}}\n'),
		},
	);
	t.true(ok, detail);
	t.regex(detail, /^127\.0\.0\.1 port \d+ answered 250 queued as 1$/);
	t.deepEqual(
		said.filter(line => /^(MAIL|RCPT)/.test(line)).map(line => line.replace(/ BODY=.*| SMTPUTF8/, '')),
		[`MAIL FROM:<hapair@${hostname()}>`, 'RCPT TO:<ops@example.org>', 'RCPT TO:<admin@example.org>'],
	);
	t.regex(mails[0] ?? '', /^Subject: =\?UTF-8\?Q\?lb1_=E2=86=92_master\?=$/m);
	t.regex(mails[0] ?? '', /^Why: lb2 was silent for 682 ms\n\.\.\nTerm 4$/m);
});

test('a user logs in with the password of the file', async t => {
	const {port, said} = await startSmtp(t);
	const {ok, detail} = await deliverMail(mailBy(smtp(port, 'lb')), sampleOccasion, {uid, password: 'secret'});
	t.true(ok, detail);
	t.true(said.includes(`AUTH PLAIN ${Buffer.from('\0lb\0secret').toString('base64')}`), said.join(' | '));
});

test('4xx is asked again, 5xx is not; silence ends at the deadline', async t => {
	const outcome = async (answers: Readonly<Record<string, string | undefined>>, timeoutMs = 20_000) => {
		const {port} = await startSmtp(t, answers);
		return deliverMail(mailBy(smtp(port), {timeoutMs}), sampleOccasion, {uid});
	};
	t.like(await outcome({end: '451 greylisted'}), {ok: false, retry: true});
	t.like(await outcome({hello: '421 busy'}), {ok: false, retry: true});
	t.like(await outcome({MAIL: '550 no'}), {ok: false, retry: false});
	for (const verb of ['hello', 'EHLO', 'DATA', 'end']) {
		const startedMs = performance.now();
		const silent = await outcome({[verb]: undefined}, 300);
		t.like(silent, {ok: false, retry: true}, verb);
		t.true(performance.now() - startedMs < 5000, verb);
	}
	const nobody = await deliverMail(mailBy(smtp(1), {timeoutMs: 2000}), sampleOccasion, {uid});
	t.like(nobody, {ok: false, retry: true});
	t.regex(nobody.detail, /^127\.0\.0\.1 port 1: .*ECONNREFUSED/);
});
