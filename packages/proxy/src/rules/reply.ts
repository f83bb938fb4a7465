/**
 * Answers that a rule's own words make (HAProxy manual, `http-request return`).
 *
 * Decides their bytes. Leaves error pages to `responses/`, keeping or closing the connection to the caller.
 */
import type {Reply} from '@hapair/config';
import {reasonOf} from './reasons.ts';
import type {ConnectionHeader} from './redirect.ts';
import type {SampleSource} from './sample-source.ts';
import {compileRawTemplate, compileTemplate, type ValueTemplate} from './value-template.ts';

/** A reply, ready for requests. */
export interface ReplyPlan {
	readonly status: number;
	readonly headers: readonly {readonly name: string; readonly value: ValueTemplate}[];
	readonly contentType: string | undefined;
	readonly body: ValueTemplate | undefined;
	/** Paths: of a body, and of a whole answer. */
	readonly file: string | undefined;
	readonly errorFile: string | undefined;
	/** The error page of the status in place of everything. */
	readonly isPage: boolean;
}

/** Prepares a reply; throws a `RuleError`. */
export function compileReply(reply: Reply): ReplyPlan {
	return {
		status: reply.status,
		headers: reply.headers.map(({name, value}) => ({name: name.toLowerCase(), value: compileTemplate(value)})),
		contentType: reply.contentType,
		body: reply.body === undefined ? undefined : compileRawTemplate(reply.body),
		file: reply.file,
		errorFile: reply.errorFile,
		isPage: reply.isPage === true,
	};
}

/** The whole answer as latin1 text; HEAD gets its head. `files`: their bytes by path. */
export function formatReply(
	plan: ReplyPlan,
	source: SampleSource,
	connection: ConnectionHeader,
	isHead: boolean,
	files: Readonly<Record<string, Uint8Array>>,
): string {
	const file = plan.file === undefined ? undefined : files[plan.file];
	const body = file === undefined ? (plan.body?.(source) ?? '') : Buffer.from(file).toString('latin1');
	let head = `HTTP/1.1 ${plan.status} ${reasonOf(plan.status)}\r\ncontent-length: ${body.length}\r\n`;
	if (plan.contentType !== undefined) head += `content-type: ${plan.contentType}\r\n`;
	for (const {name, value} of plan.headers) {
		const text = value(source);
		// As in HAProxy: no line for a value that has nothing to say.
		if (text !== '') head += `${name}: ${text}\r\n`;
	}
	if (connection !== 'implicit') head += `connection: ${connection}\r\n`;
	return `${head}\r\n${isHead ? '' : body}`;
}
