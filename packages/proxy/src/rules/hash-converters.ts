/**
 * Converters that make hashes and digests: `crc32`, `xxh64`, `sha2`, `hmac` and the like (HAProxy manual, "Converters").
 *
 * Decides the value for each. Numbers of 64 bits are given as texts of digits, since a number here is exact up to 53 bits only.
 */
import {createHash, createHmac, timingSafeEqual} from 'node:crypto';
import {hashCastagnoli, hashText, mixInteger} from '../balance/hash-functions.ts';
import type {Convert} from './converters.ts';
import {RuleError} from './rule-error.ts';
import {toText} from './sample.ts';
import {xxh3, xxh32, xxh64} from './xxhash.ts';

type Maker = (args: readonly string[]) => Convert;

const bytesOf = (value: string): Buffer => Buffer.from(value, 'latin1');

/** An argument other than 0 scrambles the hash. */
const scrambled =
	(hash: (value: string) => number): Maker =>
	([avalanche = '0']) => {
		const mixes = Number(avalanche) !== 0;
		return sample => (mixes ? mixInteger(hash(toText(sample))) : hash(toText(sample)));
	};

const named = (name: 'sdbm' | 'djb2' | 'crc32'): Maker =>
	scrambled(value => hashText(value, {method: 'map-based', function: name, avalanche: false}));

const wide =
	(hash: (bytes: Buffer, seed: number) => bigint): Maker =>
	([seed = '0']) =>
	sample =>
		String(BigInt.asIntN(64, hash(bytesOf(toText(sample)), Number(seed))));

function digest(algorithm: string): Convert {
	checkAlgorithm(algorithm);
	return sample => createHash(algorithm).update(toText(sample), 'latin1').digest('latin1');
}

function checkAlgorithm(algorithm: string): void {
	try {
		createHash(algorithm);
	} catch {
		throw new RuleError(`"${algorithm}" is not a digest that is known here`);
	}
}

/** The key is base64, or the name of a variable that holds it in base64. */
const hmac: Maker = ([algorithm = '', key = '']) => {
	checkAlgorithm(algorithm);
	const isVariable = /^(?:proc|sess|txn|req|res)\./.test(key);
	return (sample, source) => {
		const encoded = isVariable ? source.variable(key) : key;
		if (encoded === undefined) return undefined;
		const secret = Buffer.from(toText(encoded), 'base64');
		return createHmac(algorithm, secret).update(toText(sample), 'latin1').digest('latin1');
	};
};

/** Takes as long for texts that differ early as for those that differ late. */
const compareSecurely: Maker =
	([name = '']) =>
	(sample, source) => {
		const other = source.variable(name);
		if (other === undefined) return undefined;
		const [a, b] = [bytesOf(toText(sample)), bytesOf(toText(other))];
		return a.length === b.length && timingSafeEqual(a, b);
	};

export const HASH_MAKERS: readonly (readonly [string, Maker])[] = [
	['crc32', named('crc32')],
	['crc32c', scrambled(hashCastagnoli)],
	['djb2', named('djb2')],
	['sdbm', named('sdbm')],
	[
		'xxh32',
		([seed = '0']) =>
			sample =>
				xxh32(bytesOf(toText(sample)), Number(seed)),
	],
	['xxh64', wide(xxh64)],
	['xxh3', wide(xxh3)],
	['sha1', () => digest('sha1')],
	['sha2', ([bits = '256']) => digest(`sha${bits}`)],
	['digest', ([algorithm = '']) => digest(algorithm.toLowerCase())],
	['hmac', hmac],
	['secure_memcmp', compareSecurely],
];
