/**
 * BIRD's control socket, as birdc speaks it: a command a line, answered by lines with a code of four digits.
 *
 * Source: BIRD 2 programmer's documentation, "Command line interface". A line that continues has `-` behind its code, or a space in
 * the place of a repeated code; the last one has a space behind it. Codes from 8000 on are errors. Decides when an answer is
 * complete. Leaves deadlines to the caller's signal.
 */
import {createConnection} from 'node:net';
import {DriverError} from './driver.ts';

export interface BirdAnswer {
	/** Of the last line. */
	readonly code: number;
	/** Without codes. */
	readonly lines: readonly string[];
}

const answerLimitBytes = 1_048_576;

/** Sends one command. Throws a `DriverError` when BIRD cannot be asked; an error of BIRD's own is an answer. */
export function askBird(control: string, command: string, signal: AbortSignal): Promise<BirdAnswer> {
	const {promise, resolve, reject} = Promise.withResolvers<BirdAnswer>();
	const socket = createConnection({path: control});
	let text = '';
	let greeted = false;
	const end = (error?: DriverError): void => {
		signal.removeEventListener('abort', abandon);
		socket.destroy();
		if (error !== undefined) reject(error);
	};
	const abandon = (): void => end(new DriverError(`BIRD at ${control} was not waited for`));
	signal.addEventListener('abort', abandon);
	if (signal.aborted) abandon();
	socket.setEncoding('utf8');
	socket.once('error', (error: NodeJS.ErrnoException) =>
		end(new DriverError(`BIRD at ${control} cannot be asked (${error.code ?? error.message}): does it run?`)),
	);
	socket.once('close', () =>
		end(new DriverError(`BIRD at ${control} closed the connection before its answer was complete`)),
	);
	socket.on('data', (chunk: string) => {
		text += chunk;
		if (text.length > answerLimitBytes)
			end(new DriverError(`BIRD at ${control} answered with more than ${answerLimitBytes} bytes`));
		const answer = parseAnswer(text);
		if (answer === undefined) return;
		if (greeted) {
			end();
			resolve(answer);
			return;
		}
		greeted = true;
		text = '';
		socket.write(`${command}\n`);
	});
	return promise;
}

/** The answer when the text holds all of it. */
export function parseAnswer(text: string): BirdAnswer | undefined {
	const complete = text.split('\n').slice(0, -1);
	const lines: string[] = [];
	for (const line of complete) {
		const [, code, mark, rest = ''] = /^(?:(\d{4})([- ])|[ +])(.*)$/.exec(line) ?? [];
		lines.push(rest);
		if (code !== undefined && mark === ' ') return {code: Number(code), lines};
	}
	return undefined;
}

/** What BIRD said, for people. */
export function wordsOf({lines}: BirdAnswer): string {
	return lines
		.join('; ')
		.replace(/[\x00-\x1f\x7f]+/g, ' ')
		.trim()
		.slice(0, 200);
}
