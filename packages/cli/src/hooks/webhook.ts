/**
 * Delivers an event by HTTP POST, at least once within its time.
 *
 * Decides what is worth another attempt (no answer, 408, 429, 5xx) and how long to pause: doubling from 250 ms, half of
 * it random so that two nodes do not knock together. The receiver recognises repeats by `X-Hapair-Event-Id` and the
 * sender by `X-Hapair-Signature: sha256=<hex HMAC-SHA256 of the body>`. URLs often hold a token, so only the origin
 * is ever logged.
 */
import {createHmac} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Hook} from '@hapair/config';
import {type HookOccasion, webhookBody} from './events.ts';
import {composeForm} from './forms.ts';
import type {HookResult} from './queue.ts';
import {fillTemplate, type Template} from './templates.ts';

export type Webhook = Extract<Hook, {kind: 'webhook'}>;

export interface WebhookOptions {
	/** Signs the body; absent for an unsigned webhook. */
	readonly secret?: Uint8Array;
	/** The receiver's token, when it wants one. */
	readonly token?: string;
	/** The body in the user's own words. */
	readonly template?: Template;
	readonly version: string;
	/** 0–1, for the jitter. */
	readonly random?: () => number;
}

const firstPauseMs = 250;
const longestPauseMs = 5000;
/** One attempt's share: a silent receiver must leave time for a second attempt. */
const longestAttemptMs = 5000;

/** Delivers within `hook.timeoutMs`, attempts and pauses together. Never rejects. */
export async function deliverWebhook(
	hook: Webhook,
	occasion: HookOccasion,
	options: WebhookOptions,
): Promise<HookResult> {
	const endMs = performance.now() + hook.timeoutMs;
	const request = buildRequest(hook, occasion, options);
	const origin = originOf(hook.url);
	for (let attempt = 1; ; attempt++) {
		const answer = await attemptOnce(hook.url, request, Math.min(longestAttemptMs, endMs - performance.now()));
		const times = attempt === 1 ? '' : ` at attempt ${attempt}`;
		if (answer.ok) return {ok: true, status: answer.status, detail: `${origin} answered ${answer.status}${times}`};
		const pauseMs = pauseBefore(attempt, options.random ?? Math.random);
		if (!answer.retry || performance.now() + pauseMs >= endMs) {
			const {retry, problem, status} = answer;
			const detail = `${origin} ${problem}; gave up after attempt ${attempt}`;
			return {ok: false, retry, detail, ...(status === undefined ? {} : {status})};
		}
		await sleep(pauseMs);
	}
}

function pauseBefore(attempt: number, random: () => number): number {
	const fullMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
	return fullMs / 2 + (random() * fullMs) / 2;
}

function buildRequest(hook: Webhook, occasion: HookOccasion, options: WebhookOptions): RequestInit {
	const {body, headers: own} = composeMessage(hook, occasion, options);
	const headers: Record<string, string> = {
		...own,
		'User-Agent': `hapair/${options.version}`,
		'X-Hapair-Event': occasion.event,
		'X-Hapair-Event-Id': occasion.eventId,
		...(occasion.test === true ? {'X-Hapair-Test': '1'} : {}),
	};
	// PagerDuty's key is in the body.
	if (options.token !== undefined && hook.form !== 'pagerduty') headers.Authorization = `Bearer ${options.token}`;
	if (options.secret !== undefined) headers['X-Hapair-Signature'] = signWebhook(body, options.secret);
	// A redirect could carry the event to a place that nobody configured.
	return {method: 'POST', headers, body, redirect: 'manual'};
}

function composeMessage(
	{form}: Webhook,
	occasion: HookOccasion,
	{template, token = ''}: WebhookOptions,
): {readonly body: string; readonly headers: Readonly<Record<string, string>>} {
	if (form !== undefined) return composeForm(form, occasion, token);
	if (template === undefined) return {body: webhookBody(occasion), headers: {'Content-Type': 'application/json'}};
	const type = template.isJson ? 'application/json' : 'text/plain; charset=utf-8';
	return {body: fillTemplate(template, occasion), headers: {'Content-Type': type}};
}

/** The value of `X-Hapair-Signature` for a body. */
function signWebhook(body: string, secret: Uint8Array): string {
	return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

type Answer =
	| {readonly ok: true; readonly status: number}
	| {readonly ok: false; readonly retry: boolean; readonly problem: string; readonly status?: number};

async function attemptOnce(url: string, request: RequestInit, limitMs: number): Promise<Answer> {
	try {
		const response = await fetch(url, {...request, signal: AbortSignal.timeout(Math.max(1, Math.floor(limitMs)))});
		await response.body?.cancel();
		const {status} = response;
		if (status >= 200 && status < 300) return {ok: true, status};
		const retry = status >= 500 || status === 408 || status === 429;
		return {ok: false, retry, status, problem: `answered ${status}`};
	} catch (error) {
		return {ok: false, retry: true, problem: describeFetchError(error)};
	}
}

function describeFetchError(error: unknown): string {
	if (!(error instanceof Error)) return 'could not be reached';
	if (error.name === 'TimeoutError') return 'did not answer in time';
	const cause = error.cause instanceof Error && 'code' in error.cause ? ` (${String(error.cause.code)})` : '';
	return `could not be reached${cause}`;
}

/** `https://hooks.example.org/…`: enough to know which webhook, without its token. */
export function originOf(url: string): string {
	try {
		const {origin, pathname} = new URL(url);
		return pathname === '/' ? origin : `${origin}/…`;
	} catch {
		return 'the webhook';
	}
}
