/**
 * Tells an event by mail: through the machine's own `sendmail`, or to a relay by SMTP.
 *
 * Decides the text, what is worth another attempt (no answer, 4xx, a program's "try later") and that TLS with a password is always verified.
 * Without a password STARTTLS is used when it is offered and no certificate is asked for, as mail servers do among themselves. Leaves
 * MIME and the SMTP dialogue to nodemailer, and repeats to the queue; they carry the same Message-ID.
 */
import {isIP, Socket} from 'node:net';
import {hostname} from 'node:os';
import type {Hook} from '@hapair/config';
import {describeOutcome, runProgram, safePath} from '../processes/run-program.ts';
import type {HookOccasion} from './events.ts';
import {findProgramObjection} from './exec.ts';
import type {HookResult} from './queue.ts';
import {fillTemplate, type Template} from './templates.ts';
import {factsOf, headlineOf} from './wording.ts';

export type MailHook = Extract<Hook, {kind: 'mail'}>;
type SmtpRoute = Extract<MailHook['via'], {kind: 'smtp'}>;

export interface MailOptions {
	readonly uid: number;
	readonly password?: string;
	readonly template?: Template;
}

/** sysexits.h: unavailable, system error, input/output error, temporary failure. */
const TEMPORARY_EXITS = [69, 71, 74, 75];

/** One attempt within `hook.timeoutMs`. Never rejects. */
export async function deliverMail(hook: MailHook, occasion: HookOccasion, options: MailOptions): Promise<HookResult> {
	try {
		const message = composeMail(hook, occasion, options.template);
		if (hook.via.kind === 'smtp') return await sendBySmtp(hook, hook.via, message, options.password);
		return await sendByProgram(hook, hook.via.path, message, options.uid);
	} catch (error) {
		return {ok: false, detail: `the mail could not be made: ${error instanceof Error ? error.message : String(error)}`};
	}
}

function composeMail(hook: MailHook, occasion: HookOccasion, template: Template | undefined) {
	const {subject = `[hapair] ${headlineOf(occasion)}`, text} = writeText(occasion, template);
	return {
		from: qualify(hook.from ?? 'hapair'),
		to: hook.to.map(qualify),
		subject,
		text,
		messageId: `<${occasion.eventId.replace(/[^\w.-]/g, '-')}@${hostname()}>`,
		date: new Date(Number.isNaN(Date.parse(occasion.time)) ? Date.now() : occasion.time),
		headers: {'Auto-Submitted': 'auto-generated', 'X-Hapair-Event': occasion.event},
		disableFileAccess: true,
		disableUrlAccess: true,
	};
}

/** A local user's name is for sendmail alone; a header wants an address. */
function qualify(address: string): string {
	return address.includes('@') ? address : `${address}@${hostname()}`;
}

/** A template's first line may be the subject. */
function writeText(occasion: HookOccasion, template: Template | undefined): {subject?: string; text: string} {
	if (template === undefined) {
		return {
			text: `${factsOf(occasion)
				.map(([name, value]) => `${name}: ${value}`)
				.join('\n')}\n`,
		};
	}
	const whole = fillTemplate(template, occasion);
	const [, subject, text] = /^Subject: ?([^\n]*)\n\n?([\s\S]*)$/i.exec(whole.replaceAll('\r\n', '\n')) ?? [];
	return subject === undefined || text === undefined ? {text: whole} : {subject, text};
}

type Mail = ReturnType<typeof composeMail>;

async function sendByProgram(hook: MailHook, path: string, mail: Mail, uid: number): Promise<HookResult> {
	const objection = findProgramObjection(path, uid);
	if (objection !== undefined) return {ok: false, detail: `was not run: ${objection}`};
	const {createTransport} = await import('nodemailer');
	const {message} = await createTransport({streamTransport: true, buffer: true, newline: 'unix'}).sendMail(mail);
	const sender = hook.from === undefined ? [] : ['-f', hook.from];
	const outcome = await runProgram({
		argv: [path, '-i', ...sender, ...hook.to],
		timeoutMs: hook.timeoutMs,
		environment: {PATH: safePath},
		input: message as Buffer,
	});
	const {exitCode} = outcome;
	const said = outcome.output === '' ? '' : `, output: ${outcome.output}`;
	const ok = exitCode === 0 && !outcome.timedOut;
	return {
		ok,
		detail: `${path} ${describeOutcome(outcome, hook.timeoutMs)}${said}`,
		retry: !ok && (exitCode === undefined || outcome.timedOut || TEMPORARY_EXITS.includes(exitCode)),
		...(exitCode === undefined ? {} : {exitCode}),
	};
}

async function sendBySmtp(
	hook: MailHook,
	route: SmtpRoute,
	mail: Mail,
	password: string | undefined,
): Promise<HookResult> {
	const {createTransport} = await import('nodemailer');
	const {host, port, tls, user} = route;
	const name = `${host} port ${port}`;
	const isLoopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
	// A socket of our own: at the deadline it is destroyed, whatever the dialogue waits for.
	const socket = new Socket();
	const transport = createTransport({
		host,
		port,
		socket,
		secure: tls,
		requireTLS: user !== undefined && !isLoopback,
		tls: {rejectUnauthorized: user !== undefined || (tls && !isLoopback)},
		connectionTimeout: hook.timeoutMs,
		greetingTimeout: hook.timeoutMs,
		socketTimeout: hook.timeoutMs,
		dnsTimeout: hook.timeoutMs,
		...(user === undefined ? {} : {auth: {user, pass: password ?? ''}}),
	});
	const late = Promise.withResolvers<HookResult>();
	const deadline = setTimeout(() => {
		late.resolve({ok: false, retry: true, detail: `${name} did not take the mail within ${hook.timeoutMs} ms`});
	}, hook.timeoutMs);
	const sent = transport.sendMail(mail).then(
		({response}): HookResult => ({ok: true, detail: `${name} answered ${response}`}),
		(error: Error & {responseCode?: number}): HookResult => {
			const {responseCode = 0} = error;
			return {ok: false, retry: responseCode < 500, detail: `${name}: ${error.message}`};
		},
	);
	try {
		return await Promise.race([sent, late.promise]);
	} finally {
		clearTimeout(deadline);
		socket.destroy();
	}
}
