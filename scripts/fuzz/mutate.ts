/**
 * Makes the next input of a target from a random source: grammar pieces and broken bytes.
 *
 * Pure: the seed decides.
 */
import type {Random} from '../../packages/heartbeat/test/simulation/random.ts';
import type {FuzzTarget} from './target.ts';

/** Bytes on which parsers decide. */
const SPECIAL = '\0\t\n\r\x1b !"#$%&\'()*,-./0129:;<=>?@[\\]^_`{|}~\x7f\x80\xff';

type Mutation = (text: string, random: Random, target: FuzzTarget) => string;

function place(text: string, random: Random): number {
	return Math.floor(random.between(0, text.length + 1));
}

function insert(text: string, at: number, piece: string): string {
	return text.slice(0, at) + piece + text.slice(at);
}

/** A range of the text, mostly short. */
function range(text: string, random: Random): readonly [number, number] {
	const from = place(text, random);
	return [from, Math.min(text.length, from + Math.floor(random.between(0, random.chance(0.8) ? 12 : text.length)))];
}

const mutations: readonly Mutation[] = [
	(text, random) => insert(text, place(text, random), String.fromCharCode(Math.floor(random.between(0, 256)))),
	(text, random) => insert(text, place(text, random), SPECIAL[Math.floor(random.between(0, SPECIAL.length))]!),
	(text, random, {words}) => insert(text, place(text, random), random.pick(words)),
	(text, random, {words}) =>
		insert(text, place(text, random), random.pick(words).repeat(Math.floor(random.between(1, 30)))),
	(text, random) => {
		const [from, to] = range(text, random);
		return text.slice(0, from) + text.slice(to);
	},
	(text, random) => {
		const [from, to] = range(text, random);
		return insert(text, place(text, random), text.slice(from, to));
	},
	(text, random) => {
		const at = place(text, random);
		const flipped = (text.charCodeAt(at) || 0) ^ (1 << Math.floor(random.between(0, 8)));
		return text.slice(0, at) + String.fromCharCode(flipped) + text.slice(at + 1);
	},
	(text, random, {corpus}) => text.slice(0, place(text, random)) + random.pick(corpus).slice(place(text, random)),
	(text, random) => text.slice(0, place(text, random)),
];

/** An input of the target, at most `maxBytes` long. */
export function makeInput(target: FuzzTarget, random: Random): string {
	let text = random.chance(0.1) ? '' : random.pick(target.corpus);
	const rounds = Math.floor(random.between(0, random.chance(0.7) ? 6 : 40));
	for (let round = 0; round < rounds && text.length < target.maxBytes; round++) {
		text = random.pick(mutations)(text, random, target);
	}
	return text.slice(0, target.maxBytes);
}
