/**
 * Who is an operator: whoever knows the token, and the browsers in which it was typed.
 *
 * Decides over tokens (compared in constant time), sessions (random, in memory, with an end) and how often wrong tokens are tried.
 * A right token in the header is never held up by others' wrong ones, so that nobody can lock monitoring out. Time comes in as `nowMs`.
 */
import {createHash, randomBytes, timingSafeEqual} from 'node:crypto';
import type {Refusal} from './answers.ts';
import {LoginLimiter} from './login-limiter.ts';

/** A session ends this long after the login, whatever is done with it. */
export const sessionMs = 12 * 3_600_000;
/** The oldest goes when there are more. */
const mostSessions = 64;

export interface Credentials {
	/** Of the `Authorization` header. */
	readonly authorization: string | undefined;
	readonly cookie: string | undefined;
	/** Where the request comes from. */
	readonly address: string;
}

export type Identity =
	| {readonly kind: 'token'}
	/** `key` names the session for logging out and for the feed. */
	| {readonly kind: 'session'; readonly key: string}
	| {readonly kind: 'refused'; readonly refusal: Refusal};

export class Keeper {
	readonly cookieName: string;
	readonly #tokenHash: Buffer;
	readonly #limiter = new LoginLimiter();
	/** By the hash of what the cookie holds, to the time of its end. */
	readonly #sessions = new Map<string, number>();

	/** `nodeName` keeps the sessions of two nodes apart in one browser that reaches both by one name. */
	constructor(token: string, nodeName: string) {
		this.#tokenHash = hash(token);
		this.cookieName = `hapair-${nodeName}`;
	}

	/** Who sends this request? */
	identify({authorization, cookie, address}: Credentials, nowMs: number): Identity {
		const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
		if (token !== undefined) {
			if (this.#isToken(token)) return {kind: 'token'};
			const waitMs = this.#limiter.waitMs(address, nowMs);
			if (waitMs > 0) return {kind: 'refused', refusal: tooMany(waitMs)};
			this.#limiter.noteFailure(address, nowMs);
			return {kind: 'refused', refusal: {...unauthorized, message: 'the token is wrong'}};
		}
		const value = readCookie(cookie, this.cookieName);
		const key = value === undefined ? '' : hash(value).toString('hex');
		return this.isAlive(key, nowMs) ? {kind: 'session', key} : {kind: 'refused', refusal: unauthorized};
	}

	/** A new session's `Set-Cookie`, or why there is none. */
	logIn(token: string, address: string, nowMs: number): string | Refusal {
		const waitMs = this.#limiter.waitMs(address, nowMs);
		if (waitMs > 0) return tooMany(waitMs);
		if (!this.#isToken(token)) {
			this.#limiter.noteFailure(address, nowMs);
			return {status: 401, message: 'the token is wrong'};
		}
		const value = randomBytes(32).toString('base64url');
		this.#sessions.set(hash(value).toString('hex'), nowMs + sessionMs);
		const [oldest] = this.#sessions.keys();
		if (this.#sessions.size > mostSessions && oldest !== undefined) this.#sessions.delete(oldest);
		return `${this.cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${sessionMs / 1000}`;
	}

	logOut(key: string): string {
		this.#sessions.delete(key);
		return `${this.cookieName}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;
	}

	isAlive(key: string, nowMs: number): boolean {
		const endMs = this.#sessions.get(key);
		if (endMs !== undefined && endMs <= nowMs) this.#sessions.delete(key);
		return endMs !== undefined && endMs > nowMs;
	}

	#isToken(token: string): boolean {
		return timingSafeEqual(hash(token), this.#tokenHash);
	}
}

function hash(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}

const unauthorized: Refusal = {
	status: 401,
	message: 'log in first, or send the token: Authorization: Bearer TOKEN',
	headers: {'WWW-Authenticate': 'Bearer realm="hapair"'},
};

function tooMany(waitMs: number): Refusal {
	const seconds = Math.ceil(waitMs / 1000);
	const message = `too many wrong tokens; try again in ${seconds} s`;
	return {status: 429, message, headers: {'Retry-After': String(seconds)}};
}

/** RFC 6265 section 4.2.1. */
function readCookie(header: string | undefined, name: string): string | undefined {
	for (const part of header?.split(';') ?? []) {
		const at = part.indexOf('=');
		if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
	}
	return undefined;
}
