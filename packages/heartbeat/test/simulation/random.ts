/**
 * Seeded randomness: the same seed gives the same schedule on every machine (sfc32, Chris Doty-Humphrey, public domain).
 */
export interface Random {
	/** In [0, 1). */
	next(): number;
	/** In [low, high). */
	between(low: number, high: number): number;
	chance(probability: number): boolean;
	pick<T>(choices: readonly T[]): T;
	/** 8 bytes as hex, never zero. */
	bootId(): string;
}

export function createRandom(seed: number): Random {
	let a = seed | 0;
	let b = 0x9e3779b9;
	let c = 0x243f6a88;
	let counter = 1;
	const next32 = (): number => {
		const sum = (a + b + counter) | 0;
		counter = (counter + 1) | 0;
		a = b ^ (b >>> 9);
		b = (c + (c << 3)) | 0;
		c = ((c << 21) | (c >>> 11)) + sum;
		c |= 0;
		return sum >>> 0;
	};
	for (let round = 0; round < 12; round += 1) next32();
	const next = (): number => next32() / 2 ** 32;
	return {
		next,
		between: (low, high) => low + next() * (high - low),
		chance: probability => next() < probability,
		pick: choices => choices[Math.floor(next() * choices.length)]!,
		bootId: () => ((next32() | 1) >>> 0).toString(16).padStart(8, '0') + next32().toString(16).padStart(8, '0'),
	};
}
