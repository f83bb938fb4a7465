/**
 * The exchanges of the differential test: each oddity and each reply alone, then seeded mixtures.
 *
 * Pure: the seed decides everything. An exchange is one connection; the last request on it asks for its end, so that every
 * proxy closes it whatever it made of the rest.
 */
import {createRandom, type Random} from '../../../packages/heartbeat/test/simulation/random.ts';
import {type Draft, type Oddity, oddities, write} from './oddities.ts';
import {replies} from './replies.ts';

export interface Exchange {
	readonly name: string;
	/** Names of the oddities and replies in it. */
	readonly parts: readonly string[];
	/** What the client sends, as latin1, in one write each. */
	readonly writes: readonly string[];
}

const LAST = 'GET /r/empty HTTP/1.1\r\nHost: last.example\r\nConnection: close\r\n\r\n';

const legalOddities = oddities.filter(({isLegal}) => isLegal);
const illegalOddities = oddities.filter(({isLegal}) => !isLegal);
const replyNames = Object.keys(replies);
/** After these a proxy need not go on with the connection, which is no concern of a mixture. */
const plainReplies = ['len', 'empty', 'chunked', '404', '204', 'cookie', 'big'];

function plain(reply = 'len'): Draft {
	return {method: 'GET', target: `/r/${reply}`, version: 'HTTP/1.1', headers: ['Host: h.example'], body: ''};
}

function odd(oddity: Oddity, reply = 'len'): string {
	const draft = plain(reply);
	oddity.apply(draft);
	return write(draft);
}

/** Every oddity in the first request of a connection, every oddity in the second, every reply. */
export function systematicExchanges(): readonly Exchange[] {
	return [
		...oddities.map(oddity => ({name: oddity.name, parts: [oddity.name], writes: [odd(oddity) + LAST]})),
		...oddities
			.filter(({isLegal}) => !isLegal)
			.map(oddity => ({
				name: `${oddity.name}, behind another request`,
				parts: [oddity.name],
				writes: [write(plain('chunked')) + odd(oddity) + LAST],
			})),
		...replyNames.map(reply => ({name: `reply ${reply}`, parts: [reply], writes: [write(plain(reply)) + LAST]})),
		...replyNames.map(reply => {
			const draft = plain(reply);
			draft.version = 'HTTP/1.0';
			return {name: `reply ${reply} to 1.0`, parts: [reply, '1.0'], writes: [write(draft)]};
		}),
	];
}

/** `count` mixtures: one to four requests, each with up to three legal oddities, sometimes one that is not, cut anywhere. */
export function mixedExchanges(seed: number, count: number): readonly Exchange[] {
	return Array.from({length: count}, (_, index) => mix(createRandom(seed + index), seed + index));
}

function mix(random: Random, seed: number): Exchange {
	const parts: string[] = [];
	let text = '';
	const requests = 1 + Math.floor(random.between(0, 4));
	for (let i = 0; i < requests; i++) {
		const reply = random.pick(plainReplies);
		const draft = plain(reply);
		const chosen = Array.from({length: Math.floor(random.between(0, 4))}, () => random.pick(legalOddities));
		// The head is final once an oddity has written it: it comes last.
		if (i === requests - 1 && random.chance(0.3)) chosen.push(random.pick(illegalOddities));
		for (const oddity of new Set(chosen)) oddity.apply(draft);
		parts.push(reply, ...chosen.map(({name}) => name), ...combined(draft));
		text += write(draft);
	}
	return {name: `seed ${seed}: ${parts.join(' + ')}`, parts, writes: cut(text + LAST, random)};
}

/** What only two oddities make together. */
function combined({method, target, version, headers}: Draft): readonly string[] {
	const parts: string[] = [];
	const has = (line: RegExp) => headers.some(header => line.test(header));
	if (target.startsWith('*') && (method !== 'OPTIONS' || target !== '*')) parts.push('asterisk with GET');
	if (!/^(?:[/*]|https?:\/\/)/i.test(target)) parts.push('absolute target of another scheme');
	const authority = /^https?:\/\/([^/]*)/i.exec(target)?.[1];
	const host = headers.find(line => /^host:/i.test(line))?.replace(/^host:\s*/i, '');
	if (authority !== undefined && host !== undefined && host !== authority)
		parts.push('absolute target of another host');
	if (version !== 'HTTP/1.0') return parts;
	if (has(/^transfer-encoding:/i)) parts.push('coding in 1.0');
	else if (has(/^content-length: [1-9]/i) && /^(?:GET|HEAD|DELETE)$/.test(method)) parts.push('body of GET in 1.0');
	return parts;
}

/** One to three pieces. */
function cut(text: string, random: Random): readonly string[] {
	const places = Array.from({length: Math.floor(random.between(0, 3))}, () =>
		Math.floor(random.between(1, text.length)),
	);
	const edges = [0, ...places.sort((a, b) => a - b), text.length];
	return edges.slice(1).map((edge, index) => text.slice(edges[index], edge));
}
