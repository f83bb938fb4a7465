/**
 * Samples into keys of a stick table, and keys into text.
 *
 * Pure. Decides how a sample is converted to the table's type (HAProxy manual, `stick-table type`): addresses as bytes, integers as 32
 * bits, texts cut to the table's length, binary keys filled with zeros. What cannot be converted is no key: the rule does not apply.
 */
import type {StickTable} from '@hapair/config';
import {type Address, parseAddress} from '../rules/address.ts';
import type {StickKey} from './shared-stick-table.ts';

export type KeySample = string | number | boolean | Address;

/** A key that is written anew for every sample; use it before the next. */
export class KeyBuffer implements StickKey {
	readonly bytes: Uint8Array;
	length = 0;
	readonly #table: StickTable;
	readonly #view: DataView;

	constructor(table: StickTable) {
		this.#table = table;
		this.bytes = new Uint8Array(table.keyBytes);
		this.#view = new DataView(this.bytes.buffer);
	}

	/** Undefined when the sample is no key of this table. */
	fill(sample: KeySample | undefined): StickKey | undefined {
		if (sample === undefined) return undefined;
		switch (this.#table.type) {
			case 'ip':
				return this.#fillIp(toAddress(sample));
			case 'ipv6':
				return this.#fillIpv6(toAddress(sample));
			case 'integer':
				return this.#fillInteger(toInteger(sample));
			case 'string':
				return this.#fillText(toText(sample));
			case 'binary':
				return this.#fillBinary(sample);
		}
	}

	#fillIp(address: Address | undefined): StickKey | undefined {
		if (address === undefined || address.family !== 4) return undefined;
		this.#view.setUint32(0, address.words[3]);
		this.length = 4;
		return this;
	}

	#fillIpv6(address: Address | undefined): StickKey | undefined {
		if (address === undefined) return undefined;
		for (let word = 0; word < 4; word++) this.#view.setUint32(word * 4, address.words[word]!);
		this.length = 16;
		return this;
	}

	#fillInteger(value: number | undefined): StickKey | undefined {
		if (value === undefined) return undefined;
		this.#view.setUint32(0, value % 2 ** 32);
		this.length = 4;
		return this;
	}

	/** latin1; a key has no byte 0. */
	#fillText(text: string): StickKey | undefined {
		const {bytes} = this;
		let length = 0;
		while (length < text.length && length < bytes.length && text.charCodeAt(length) !== 0) {
			bytes[length] = text.charCodeAt(length);
			length++;
		}
		this.length = length;
		return length === 0 ? undefined : this;
	}

	#fillBinary(sample: KeySample): StickKey | undefined {
		const {bytes} = this;
		bytes.fill(0);
		if (typeof sample === 'string') {
			const length = Math.min(sample.length, bytes.length);
			for (let at = 0; at < length; at++) bytes[at] = sample.charCodeAt(at);
		} else if (typeof sample === 'object') {
			const words = sample.family === 4 ? [sample.words[3]] : sample.words;
			for (let at = 0; at < Math.min(bytes.length, words.length * 4); at++) {
				bytes[at] = words[at >> 2]! >>> (24 - (at & 3) * 8);
			}
		} else {
			const value = Number(sample);
			for (let at = 0; at < Math.min(4, bytes.length); at++) bytes[at] = value >>> (24 - at * 8);
		}
		this.length = bytes.length;
		return this;
	}
}

function toAddress(sample: KeySample): Address | undefined {
	if (typeof sample === 'object') return sample;
	if (typeof sample === 'string') return parseAddress(sample);
	const word = Number(sample) >>> 0;
	return parseAddress(`${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`);
}

function toInteger(sample: KeySample): number | undefined {
	if (typeof sample === 'object') return sample.family === 4 ? sample.words[3] : undefined;
	if (typeof sample !== 'string') return Number(sample);
	return /^-?\d+$/.test(sample) ? Number(BigInt.asUintN(32, BigInt(sample))) : undefined;
}

function toText(sample: KeySample): string {
	if (typeof sample === 'object') return sample.text;
	return typeof sample === 'boolean' ? String(Number(sample)) : String(sample);
}

/** As `show table` writes it: binary keys in hexadecimal. */
export function formatKey({type}: StickTable, key: Uint8Array): string {
	const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
	switch (type) {
		case 'ip':
			return key.join('.');
		case 'integer':
			return String(view.getUint32(0));
		case 'binary':
			return Buffer.from(key).toString('hex').toUpperCase();
		case 'string':
			return Buffer.from(key).toString('latin1');
		case 'ipv6':
			return formatIpv6(view);
	}
}

/** RFC 5952: the longest run of zero groups is left out. */
function formatIpv6(view: DataView): string {
	const groups = Array.from({length: 8}, (_, at) => view.getUint16(at * 2).toString(16));
	if (groups.slice(0, 5).every(group => group === '0') && groups[5] === 'ffff') {
		return `::ffff:${view.getUint8(12)}.${view.getUint8(13)}.${view.getUint8(14)}.${view.getUint8(15)}`;
	}
	let best = {from: 0, length: 0};
	for (let from = 0; from < 8; from++) {
		let length = 0;
		while (groups[from + length] === '0') length++;
		if (length > best.length) best = {from, length};
	}
	if (best.length < 2) return groups.join(':');
	return `${groups.slice(0, best.from).join(':')}::${groups.slice(best.from + best.length).join(':')}`;
}
