/**
 * What a log may show of a client's address (`option anonymize 24/64`): its network, the rest is zeros.
 *
 * Decides for the address itself and for headers that name clients (X-Forwarded-For and its kin), captured or asked for, where what only
 * looks like an address becomes `-`: it may be one that was cut. Leaves which lines this holds for to `engine/session-log.ts`. Pure.
 */
import type {Capture, Frontend, FrontendLog} from '@hapair/config';
import {type Address, formatAddress, parseAddress} from '../rules/address.ts';
import {toAddress} from '../rules/sample.ts';
import type {Anonymize} from '../rules/sample-source.ts';

/** Headers in which proxies tell each other whom a request is from. */
const NAMES_CLIENTS = /forwarded|real-ip|client-ip|connecting-ip|originating-ip|remote-(addr|ip)/i;

type Words = Address['words'];

type NamesClients = 'yes' | 'maybe' | 'no';

function judgeCapture({header}: Capture): NamesClients {
	return header === '' ? 'maybe' : NAMES_CLIENTS.test(header) ? 'yes' : 'no';
}

export class Anonymizer implements Anonymize {
	readonly #masks: Readonly<Record<4 | 6, Words>>;
	/** For each capture of requests, and of responses: does it name clients? A slot that rules fill may. */
	readonly #requests: readonly NamesClients[];
	readonly #responses: readonly NamesClients[];
	/** Of the address asked last: a client often sends several requests in a row. */
	#lastText = '';
	#lastShort = '';

	constructor(
		{bits4, bits6}: NonNullable<FrontendLog['anonymize']>,
		{captureRequestHeaders, captureResponseHeaders}: Pick<Frontend, 'captureRequestHeaders' | 'captureResponseHeaders'>,
	) {
		this.#masks = {4: maskOf(96 + bits4), 6: maskOf(bits6)};
		this.#requests = captureRequestHeaders.map(judgeCapture);
		this.#responses = captureResponseHeaders.map(judgeCapture);
	}

	/** What is no address, `unix` for one, stays. */
	shorten(text: string): string {
		if (text === this.#lastText) return this.#lastShort;
		const address = parseAddress(text);
		this.#lastShort = address === undefined ? text : this.address(address).text;
		this.#lastText = text;
		return this.#lastShort;
	}

	address({family, words}: Address): Address {
		const masks = this.#masks[family];
		return formatAddress(family, [
			(words[0] & masks[0]) >>> 0,
			(words[1] & masks[1]) >>> 0,
			(words[2] & masks[2]) >>> 0,
			(words[3] & masks[3]) >>> 0,
		]);
	}

	shortenCaptures(ofResponse: boolean, captures: readonly (string | undefined)[]): readonly (string | undefined)[] {
		if ((ofResponse ? this.#responses : this.#requests).every(named => named === 'no')) return captures;
		return captures.map((capture, n) => (capture === undefined ? undefined : this.capture(ofResponse, n, capture)));
	}

	capture(ofResponse: boolean, n: number, value: string): string {
		const named = (ofResponse ? this.#responses : this.#requests)[n];
		return named === 'no' ? value : this.#shortenList(value, named === 'yes');
	}

	header(lowerName: string, value: string): string {
		return NAMES_CLIENTS.test(lowerName) ? this.#shortenList(value, true) : value;
	}

	/** `a, b`, or RFC 7239's `for=a;proto=http, for="[b]:80"`. */
	#shortenList(text: string, hidesLikes: boolean): string {
		return text.replace(/[^,;="\s]+/g, item => {
			const address = toAddress(item);
			if (address !== undefined) return this.address(address).text;
			return hidesLikes && /^\[?[0-9a-f]*[.:]/i.test(item) ? '-' : item;
		});
	}
}

function maskOf(bits: number): Words {
	return [maskWord(bits), maskWord(bits - 32), maskWord(bits - 64), maskWord(bits - 96)];
}

function maskWord(bits: number): number {
	if (bits <= 0) return 0;
	return bits >= 32 ? 0xffff_ffff : (0xffff_ffff << (32 - bits)) >>> 0;
}
