/**
 * XXH32, XXH64 and XXH3 with 64 bits, from Yann Collet's public specification (xxHash, doc/xxhash_spec.md).
 *
 * Decides numbers only. XXH32 gives 0 … 2³²−1, the others 0 … 2⁶⁴−1. They run on BigInt: for keys of rules, not for bodies.
 */

const M32 = 0xffff_ffffn;
const M64 = 0xffff_ffff_ffff_ffffn;
const P32 = [0x9e3779b1n, 0x85ebca77n, 0xc2b2ae3dn, 0x27d4eb2fn, 0x165667b1n] as const;
const P64 = [
	0x9e3779b185ebca87n,
	0xc2b2ae3d27d4eb4fn,
	0x165667b19e3779f9n,
	0x85ebca77c2b2ae63n,
	0x27d4eb2f165667c5n,
] as const;

const rotate32 = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (32n - by))) & M32;
const rotate64 = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (64n - by))) & M64;
const word32 = (bytes: Buffer, at: number): bigint => BigInt(bytes.readUInt32LE(at));
const word64 = (bytes: Buffer, at: number): bigint => bytes.readBigUInt64LE(at);

export function xxh32(bytes: Buffer, seedNumber: number): number {
	const seed = BigInt(seedNumber) & M32;
	let at = 0;
	let hash: bigint;
	if (bytes.length >= 16) {
		const lanes = [seed + P32[0] + P32[1], seed + P32[1], seed, seed - P32[0]];
		for (; at + 16 <= bytes.length; at += 16) {
			for (let lane = 0; lane < 4; lane++) {
				const mixed = (lanes[lane]! + word32(bytes, at + lane * 4) * P32[1]) & M32;
				lanes[lane] = (rotate32(mixed, 13n) * P32[0]) & M32;
			}
		}
		const [a, b, c, d] = lanes as [bigint, bigint, bigint, bigint];
		hash = rotate32(a, 1n) + rotate32(b, 7n) + rotate32(c, 12n) + rotate32(d, 18n);
	} else hash = seed + P32[4];
	hash += BigInt(bytes.length);
	for (; at + 4 <= bytes.length; at += 4) {
		hash = (rotate32((hash + word32(bytes, at) * P32[2]) & M32, 17n) * P32[3]) & M32;
	}
	for (; at < bytes.length; at++) hash = (rotate32((hash + BigInt(bytes[at]!) * P32[4]) & M32, 11n) * P32[0]) & M32;
	hash &= M32;
	hash = ((hash ^ (hash >> 15n)) * P32[1]) & M32;
	hash = ((hash ^ (hash >> 13n)) * P32[2]) & M32;
	return Number(hash ^ (hash >> 16n));
}

const round64 = (lane: bigint, input: bigint): bigint => (rotate64((lane + input * P64[1]) & M64, 31n) * P64[0]) & M64;

function finish64(value: bigint): bigint {
	let hash = ((value ^ (value >> 33n)) * P64[1]) & M64;
	hash = ((hash ^ (hash >> 29n)) * P64[2]) & M64;
	return hash ^ (hash >> 32n);
}

export function xxh64(bytes: Buffer, seedNumber: number): bigint {
	const seed = BigInt.asUintN(64, BigInt(seedNumber));
	let at = 0;
	let hash: bigint;
	if (bytes.length >= 32) {
		const lanes = [seed + P64[0] + P64[1], seed + P64[1], seed, seed - P64[0]].map(lane => BigInt.asUintN(64, lane));
		for (; at + 32 <= bytes.length; at += 32) {
			for (let lane = 0; lane < 4; lane++) lanes[lane] = round64(lanes[lane]!, word64(bytes, at + lane * 8));
		}
		const [a, b, c, d] = lanes as [bigint, bigint, bigint, bigint];
		hash = (rotate64(a, 1n) + rotate64(b, 7n) + rotate64(c, 12n) + rotate64(d, 18n)) & M64;
		for (const lane of lanes) hash = ((hash ^ round64(0n, lane)) * P64[0] + P64[3]) & M64;
	} else hash = seed + P64[4];
	hash = (hash + BigInt(bytes.length)) & M64;
	for (; at + 8 <= bytes.length; at += 8) {
		hash = (rotate64(hash ^ round64(0n, word64(bytes, at)), 27n) * P64[0] + P64[3]) & M64;
	}
	for (; at + 4 <= bytes.length; at += 4) {
		hash = (rotate64(hash ^ ((word32(bytes, at) * P64[0]) & M64), 23n) * P64[1] + P64[2]) & M64;
	}
	for (; at < bytes.length; at++) hash = (rotate64(hash ^ ((BigInt(bytes[at]!) * P64[4]) & M64), 11n) * P64[0]) & M64;
	return finish64(hash);
}

// --- XXH3 -------------------------------------------------------------------------------------------------------------

const SECRET = Buffer.from(
	'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
		'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8' +
		'fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb17' +
		'0ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
	'hex',
);

const secretPair = (at: number): bigint => word64(SECRET, at) ^ word64(SECRET, at + 8);

function foldProduct(a: bigint, b: bigint): bigint {
	const product = (a & M64) * (b & M64);
	return (product & M64) ^ (product >> 64n);
}

function finish3(value: bigint): bigint {
	const hash = (((value & M64) ^ ((value & M64) >> 37n)) * 0x165667919e3779f9n) & M64;
	return hash ^ (hash >> 32n);
}

function swapBytes(value: bigint, bytes: number): bigint {
	let swapped = 0n;
	for (let at = 0; at < bytes; at++) swapped = (swapped << 8n) | ((value >> BigInt(at * 8)) & 255n);
	return swapped;
}

/** The seed counts as an unsigned number of 64 bits. */
export function xxh3(bytes: Buffer, seedNumber: number): bigint {
	const seed = BigInt.asUintN(64, BigInt(seedNumber));
	if (bytes.length <= 16) return hashShort(bytes, seed);
	return bytes.length <= 240 ? hashMedium(bytes, seed) : hashLong(bytes, seed);
}

function hashShort(bytes: Buffer, seed: bigint): bigint {
	const {length} = bytes;
	const size = BigInt(length);
	if (length === 0) return finish64(seed ^ secretPair(56));
	if (length < 4) {
		const [first, middle, last] = [bytes[0]!, bytes[length >> 1]!, bytes[length - 1]!].map(BigInt) as [
			bigint,
			bigint,
			bigint,
		];
		const combined = (first << 16n) | (middle << 24n) | last | (size << 8n);
		return finish64(combined ^ (((word32(SECRET, 0) ^ word32(SECRET, 4)) + seed) & M64));
	}
	if (length <= 8) {
		const mixedSeed = seed ^ (swapBytes(seed & M32, 4) << 32n);
		const input = word32(bytes, length - 4) + (word32(bytes, 0) << 32n);
		let hash = input ^ BigInt.asUintN(64, secretPair(8) - mixedSeed);
		hash ^= rotate64(hash, 49n) ^ rotate64(hash, 24n);
		hash = (hash * 0x9fb21c651e98df25n) & M64;
		hash = ((hash ^ ((hash >> 35n) + size)) * 0x9fb21c651e98df25n) & M64;
		return hash ^ (hash >> 28n);
	}
	const low = word64(bytes, 0) ^ ((secretPair(24) + seed) & M64);
	const high = word64(bytes, length - 8) ^ BigInt.asUintN(64, secretPair(40) - seed);
	return finish3(size + swapBytes(low, 8) + high + foldProduct(low, high));
}

function mix16(bytes: Buffer, at: number, secretAt: number, seed: bigint): bigint {
	return foldProduct(
		word64(bytes, at) ^ ((word64(SECRET, secretAt) + seed) & M64),
		word64(bytes, at + 8) ^ BigInt.asUintN(64, word64(SECRET, secretAt + 8) - seed),
	);
}

function hashMedium(bytes: Buffer, seed: bigint): bigint {
	const {length} = bytes;
	let sum = BigInt(length) * P64[0];
	if (length <= 128) {
		for (let pair = Math.floor((length - 1) / 32); pair >= 0; pair--) {
			sum += mix16(bytes, pair * 16, pair * 32, seed);
			sum += mix16(bytes, length - (pair + 1) * 16, pair * 32 + 16, seed);
		}
		return finish3(sum);
	}
	for (let n = 0; n < 8; n++) sum += mix16(bytes, n * 16, n * 16, seed);
	sum = finish3(sum);
	for (let n = 8; n < Math.floor(length / 16); n++) sum += mix16(bytes, n * 16, (n - 8) * 16 + 3, seed);
	return finish3(sum + mix16(bytes, length - 16, 119, seed));
}

const STRIPE = 64;
const STRIPES_OF_BLOCK = (SECRET.length - STRIPE) / 8;

function hashLong(bytes: Buffer, seed: bigint): bigint {
	const secret = seedSecret(seed);
	const lanes: bigint[] = [P32[2], P64[0], P64[1], P64[2], P64[3], P32[1], P64[4], P32[0]];
	const stripes = Math.floor((bytes.length - 1) / STRIPE);
	for (let stripe = 0; stripe < stripes; stripe++) {
		const place = stripe % STRIPES_OF_BLOCK;
		accumulate(lanes, bytes, stripe * STRIPE, secret, place * 8);
		if (place === STRIPES_OF_BLOCK - 1) scramble(lanes, secret);
	}
	accumulate(lanes, bytes, bytes.length - STRIPE, secret, SECRET.length - STRIPE - 7);
	let hash = BigInt(bytes.length) * P64[0];
	for (let pair = 0; pair < 4; pair++) {
		hash += foldProduct(
			lanes[pair * 2]! ^ word64(secret, 11 + pair * 16),
			lanes[pair * 2 + 1]! ^ word64(secret, 19 + pair * 16),
		);
	}
	return finish3(hash);
}

function seedSecret(seed: bigint): Buffer {
	if (seed === 0n) return SECRET;
	const secret = Buffer.alloc(SECRET.length);
	for (let at = 0; at < SECRET.length; at += 16) {
		secret.writeBigUInt64LE((word64(SECRET, at) + seed) & M64, at);
		secret.writeBigUInt64LE(BigInt.asUintN(64, word64(SECRET, at + 8) - seed), at + 8);
	}
	return secret;
}

function accumulate(lanes: bigint[], bytes: Buffer, at: number, secret: Buffer, secretAt: number): void {
	for (let lane = 0; lane < 8; lane++) {
		const value = word64(bytes, at + lane * 8);
		const keyed = value ^ word64(secret, secretAt + lane * 8);
		lanes[lane ^ 1] = (lanes[lane ^ 1]! + value) & M64;
		lanes[lane] = (lanes[lane]! + (keyed & M32) * (keyed >> 32n)) & M64;
	}
}

function scramble(lanes: bigint[], secret: Buffer): void {
	for (let lane = 0; lane < 8; lane++) {
		const value = lanes[lane]! ^ (lanes[lane]! >> 47n) ^ word64(secret, SECRET.length - STRIPE + lane * 8);
		lanes[lane] = (value * P32[0]) & M64;
	}
}
