/**
 * `option httpchk`, `http-check send`, `http-check expect` (HAProxy manual): one request, one judged response. Pure.
 *
 * The request line is literally `<method> <uri> <version>`; headers may ride in the version behind CR LF. HTTP/1.1 adds
 * Connection: close, HTTP/1.0 nothing. Without `expect` 2xx and 3xx pass, as soon as the head is complete.
 */
import type {HttpCheck, HttpExpect} from '@hapair/config';
import {readChunks} from '../../http1/chunked.ts';
import {testLines} from '../../rules/regex.ts';
import {ANSWER_LIMIT_BYTES, type Conversation, type Verdict} from '../conversation.ts';

export interface HttpCheckRules {
	readonly disableOn404: boolean;
	readonly expect?: HttpExpect;
}

/** `stateLine` is the header of `http-check send-state`, absent without it. */
export function talkHttp(check: HttpCheck, rules: HttpCheckRules, stateLine?: string): Conversation {
	return {
		opening: Buffer.from(formatRequest(check, stateLine), 'latin1'),
		timeoutStatus: 'L7TOUT',
		judge(bytes, ended) {
			const answer = bytes.toString('latin1');
			const head = readHead(answer, ended, rules);
			if (head === undefined || 'outcome' in head) return head;
			return judgeExpectation(answer, head, ended, rules.expect);
		},
	};
}

/** A request as it goes out, latin1. */
export function formatRequest(
	{method, uri, version, headers = [], body = ''}: Omit<HttpCheck, 'kind'>,
	stateLine?: string,
): string {
	const lines = [`${method} ${uri} ${version}`, ...headers];
	if (stateLine !== undefined) lines.push(stateLine);
	if (body !== '') lines.push(`Content-Length: ${body.length}`);
	if (version.startsWith('HTTP/1.1') && !/\r\nconnection:/i.test(version)) lines.push('Connection: close');
	return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** How much of a status line is looked at before it is called none. */
const MAX_STATUS_LINE = 1024;

export interface CheckHead {
	readonly code: number;
	readonly phrase: string;
	/** Where the body begins. */
	readonly bodyAt: number;
}

/** Undefined while it is not all there; a verdict when it is none, or ends the check by itself. */
export function readHead(answer: string, ended: boolean, rules: HttpCheckRules): CheckHead | Verdict | undefined {
	const invalid: Verdict = {outcome: 'failed', status: 'L7RSP'};
	if (!'HTTP/1.'.startsWith(answer.slice(0, 7))) return invalid;
	const headEnd = answer.indexOf('\r\n\r\n');
	if (headEnd === -1) return ended || answer.length >= ANSWER_LIMIT_BYTES ? invalid : undefined;
	const found = /^HTTP\/1\.\d (\d{3})(?: ([^\r\n]*))?\r\n/.exec(answer.slice(0, MAX_STATUS_LINE));
	if (found === null) return invalid;
	const code = Number(found[1]);
	if (code === 404 && rules.disableOn404) return {outcome: 'closing', status: 'L7OKC', code};
	return {code, phrase: found[2] ?? '', bodyAt: headEnd + 4};
}

/** Undefined while more of the body may decide. */
export function judgeExpectation(
	answer: string,
	{code, phrase, bodyAt}: CheckHead,
	ended: boolean,
	expect: HttpExpect | undefined,
): Verdict | undefined {
	if (expect?.match === 'string' || expect?.match === 'rstring') return judgeBody(answer, bodyAt, ended, code, expect);
	if (isStatusGood(code, expect)) return {outcome: 'passed', status: 'L7OK', code};
	return {outcome: 'failed', status: 'L7STS', code, info: phrase};
}

function isStatusGood(code: number, expect: HttpExpect | undefined): boolean {
	if (expect === undefined) return code >= 200 && code < 400;
	if (expect.match === 'status')
		return expect.ranges.some(({min, max}) => code >= min && code <= max) !== expect.negate;
	if (expect.match === 'rstatus') return testLines(expect.regex, String(code)) !== expect.negate;
	return false;
}

type BodyExpect = Extract<HttpExpect, {match: 'string' | 'rstring'}>;

/** A match decides at once; that there is none is known at the end of the body, or of what is read of it. */
function judgeBody(
	answer: string,
	bodyAt: number,
	ended: boolean,
	code: number,
	expect: BodyExpect,
): Verdict | undefined {
	const {data, isWhole} = readBody(answer, bodyAt);
	const matches = matchesBody(data, expect);
	if (matches && expect.negate) {
		return {outcome: 'failed', status: 'L7RSP', info: 'HTTP check matched unwanted content'};
	}
	if (matches) return {outcome: 'passed', status: 'L7OK', code};
	if (!ended && !isWhole && answer.length < ANSWER_LIMIT_BYTES) return undefined;
	if (data === '') {
		return {outcome: 'failed', status: 'L7RSP', info: 'HTTP content check could not find a response body'};
	}
	if (expect.negate) return {outcome: 'passed', status: 'L7OK', code};
	return {outcome: 'failed', status: 'L7RSP', info: 'HTTP content check did not match'};
}

function matchesBody(data: string, expect: BodyExpect): boolean {
	if (data === '') return false;
	return expect.match === 'string' ? data.includes(expect.text) : testLines(expect.regex, data);
}

function readBody(answer: string, bodyAt: number): {readonly data: string; readonly isWhole: boolean} {
	const head = answer.slice(0, bodyAt);
	const data = answer.slice(bodyAt);
	if (/\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n/i.test(head)) {
		const {data: unpacked, done} = readChunks(data);
		return {data: unpacked, isWhole: done};
	}
	const length = /\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n/i.exec(head);
	if (length === null) return {data, isWhole: false};
	// What a server sends beyond its body must not decide, whether or not it came in the same read.
	return {data: data.slice(0, Number(length[1])), isWhole: data.length >= Number(length[1])};
}
