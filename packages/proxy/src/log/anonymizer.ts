/**
 * What a log may show of a client's address (`option anonymize 24/64`): its network, the rest is zeros.
 *
 * Decides for the address itself and for captured headers that name clients (X-Forwarded-For and its kin), where what only looks like an
 * address becomes `-`: it may be one that was cut. Leaves which lines this holds for to `engine/session-log.ts`. Pure.
 */
import type {Frontend, FrontendLog} from '@hapair/config';
import {type Address, formatAddress, parseAddress} from '../rules/address.ts';
import {toAddress} from '../rules/sample.ts';

/** Headers in which proxies tell each other whom a request is from. */
const NAMES_CLIENTS = /forwarded|real-ip|client-ip|connecting-ip|originating-ip|remote-(addr|ip)/i;

type Words = Address['words'];

export class Anonymizer {
	readonly #masks: Readonly<Record<4 | 6, Words>>;
	/** For each capture of requests: does it name clients? A slot that rules fill may. */
	readonly #namesClients: readonly ('yes' | 'maybe' | 'no')[];
	/** Of the address asked last: a client often sends several requests in a row. */
	#lastText = '';
	#lastShort = '';

	constructor(
		{bits4, bits6}: NonNullable<FrontendLog['anonymize']>,
		frontend: Pick<Frontend, 'captureRequestHeaders'>,
	) {
		this.#masks = {4: maskOf(96 + bits4), 6: maskOf(bits6)};
		this.#namesClients = frontend.captureRequestHeaders.map(({header}) =>
			header === '' ? 'maybe' : NAMES_CLIENTS.test(header) ? 'yes' : 'no',
		);
	}

	/** What is no address, `unix` for one, stays. */
	shorten(text: string): string {
		if (text === this.#lastText) return this.#lastShort;
		const address = parseAddress(text);
		this.#lastShort = address === undefined ? text : this.shortenParsed(address).text;
		this.#lastText = text;
		return this.#lastShort;
	}

	readonly shortenParsed = ({family, words}: Address): Address => {
		const masks = this.#masks[family];
		return formatAddress(family, [
			(words[0] & masks[0]) >>> 0,
			(words[1] & masks[1]) >>> 0,
			(words[2] & masks[2]) >>> 0,
			(words[3] & masks[3]) >>> 0,
		]);
	};

	shortenCaptures(captures: readonly (string | undefined)[]): readonly (string | undefined)[] {
		if (this.#namesClients.every(named => named === 'no')) return captures;
		return captures.map((capture, index) => {
			const named = this.#namesClients[index];
			return capture === undefined || named === 'no' ? capture : this.#shortenList(capture, named === 'yes');
		});
	}

	/** `a, b`, or RFC 7239's `for=a;proto=http, for="[b]:80"`. */
	#shortenList(text: string, hidesLikes: boolean): string {
		return text.replace(/[^,;="\s]+/g, item => {
			const address = toAddress(item);
			if (address !== undefined) return this.shortenParsed(address).text;
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
