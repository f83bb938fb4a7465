/**
 * `option ssl-hello-chk` (HAProxy manual): a TLS hello that a server answers, or refuses by an alert. Pure.
 *
 * The hello is TLS 1.2 (RFC 5246 §7.4.1.2) with the groups and signatures that today's servers want, so that it is
 * answered and does not fill their logs with refusals. No certificate is looked at.
 */
import {type Conversation, emptyAnswer, type Verdict} from '../conversation.ts';

const ALERT = 21;
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RANDOM_BYTES = 32;

/** ECDHE and DHE suites first, then the plain RSA ones that old servers have. */
const SUITES = [
	0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a, 0xc014, 0x009e, 0x009f, 0x0033, 0x0039,
	0x009c, 0x009d, 0x002f, 0x0035, 0x000a, 0x00ff,
];
const GROUPS = [0x001d, 0x0017, 0x0018];
const SIGNATURES = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0203, 0x0201];

/** `random` is 32 bytes that no hello had before. */
export function talkSslHello(random: Uint8Array): Conversation {
	return {
		opening: formatClientHello(random),
		timeoutStatus: 'L6TOUT',
		judge(answer, ended): Verdict | undefined {
			if (answer.length === 0) return ended ? emptyAnswer('L6RSP', 2) : undefined;
			const isTls = answer[0] === HANDSHAKE || answer[0] === ALERT;
			return isTls ? {outcome: 'passed', status: 'L6OK'} : {outcome: 'failed', status: 'L6RSP'};
		},
	};
}

export function formatClientHello(random: Uint8Array): Buffer {
	const extensions = [
		...extension(10, block16(words(GROUPS))),
		...extension(11, [1, 0]),
		...extension(13, block16(words(SIGNATURES))),
	];
	const hello = [
		...[3, 3],
		...random.subarray(0, RANDOM_BYTES),
		0,
		...block16(words(SUITES)),
		...[1, 0],
		...block16(extensions),
	];
	const message = [CLIENT_HELLO, 0, ...block16(hello)];
	// The record says TLS 1.0, for servers that refuse what they do not know (RFC 5246 appendix E.1).
	return Buffer.from([HANDSHAKE, 3, 1, ...block16(message)]);
}

function words(values: readonly number[]): number[] {
	return values.flatMap(value => [value >> 8, value & 255]);
}

/** Bytes behind their length in two bytes. */
function block16(bytes: readonly number[]): number[] {
	return [bytes.length >> 8, bytes.length & 255, ...bytes];
}

function extension(type: number, bytes: readonly number[]): number[] {
	return [...words([type]), ...block16(bytes)];
}
