/**
 * The body of an order: one small JSON object.
 *
 * Decides limits and what is wrong with a body. The time in which it must arrive is the server's `requestTimeout`.
 */
import type {IncomingMessage} from 'node:http';
import {requestLimitBytes} from '../daemon/control-protocol.ts';
import type {Refusal} from './answers.ts';

export type Body = {readonly value: Readonly<Record<string, unknown>>} | {readonly refusal: Refusal};

const refuse = (status: number, message: string): Body => ({refusal: {status, message}});
// What is still to come of it will not be read: the connection ends with the answer.
const tooLarge: Body = {
	refusal: {status: 413, message: `a body has at most ${requestLimitBytes} bytes`, headers: {Connection: 'close'}},
};

/** Resolves with `undefined` when the sender has gone. */
export async function readBody(request: IncomingMessage): Promise<Body | undefined> {
	// A form of another page can be sent without asking first; JSON cannot.
	if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
		return refuse(415, 'an order is JSON: Content-Type: application/json');
	if (Number(request.headers['content-length'] ?? 0) > requestLimitBytes) return tooLarge;
	return new Promise(resolve => {
		const chunks: Buffer[] = [];
		let bytes = 0;
		request.on('data', (chunk: Buffer) => {
			bytes += chunk.length;
			if (bytes > requestLimitBytes) {
				request.pause();
				resolve(tooLarge);
			} else chunks.push(chunk);
		});
		request.once('end', () => resolve(parse(Buffer.concat(chunks).toString('utf8'))));
		request.once('close', () => resolve(undefined));
		request.once('error', () => resolve(undefined));
	});
}

function parse(text: string): Body {
	try {
		const value: unknown = JSON.parse(text === '' ? '{}' : text);
		if (typeof value === 'object' && value !== null && !Array.isArray(value)) return {value: {...value}};
		return refuse(400, 'the body is not a JSON object');
	} catch (error) {
		return refuse(400, `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
	}
}
