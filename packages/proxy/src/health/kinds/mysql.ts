/**
 * `option mysql-check [user NAME [pre-41|post-41]]` (HAProxy manual): the server's greeting, and with a user a login without
 * a password and COM_QUIT (MySQL internals manual, "Connection Phase"). Pure.
 *
 * Whatever is no error packet passes: an answer that asks for another way to log in shows a living server too.
 */
import {type Conversation, emptyAnswer, type Reply, type Verdict} from '../conversation.ts';

const ERROR = 0xff;
const HEADER_BYTES = 4;
const UTF8 = 33;
const QUIT = packet(0, [1]);
/** CLIENT_LONG_PASSWORD, CLIENT_PROTOCOL_41, CLIENT_SECURE_CONNECTION. */
const FLAGS_41 = 0x8201;
/** CLIENT_LONG_PASSWORD. */
const FLAGS_320 = 0x0001;
const MAX_PACKET = 0x00ff_ffff;

export function talkMysql(user: string | undefined, protocol: 'pre-41' | 'post-41'): Conversation {
	let version: string | undefined;
	return {
		timeoutStatus: 'L7TOUT',
		judge(answer, ended): Verdict | Reply | undefined {
			if (answer.length === 0) {
				if (!ended) return undefined;
				return version === undefined ? emptyAnswer('L7RSP', 2) : {outcome: 'failed', status: 'L7RSP'};
			}
			const payload = readPayload(answer);
			if (payload === undefined) return ended ? {outcome: 'failed', status: 'L7RSP'} : undefined;
			if (payload[0] === ERROR) return readError(payload);
			if (version !== undefined) return {outcome: 'passed', status: 'L7OK', code: 0, info: version, goodbye: QUIT};
			version = readVersion(payload);
			if (version === undefined) return {outcome: 'failed', status: 'L7RSP'};
			if (user === undefined) return {outcome: 'passed', status: 'L7OK', code: 0, info: version};
			return {say: protocol === 'post-41' ? formatLogin41(user) : formatLogin320(user)};
		},
	};
}

/** The first whole packet's payload: three bytes of length, one of sequence. */
function readPayload(bytes: Buffer): Buffer | undefined {
	if (bytes.length < HEADER_BYTES) return undefined;
	const length = bytes.readUIntLE(0, 3);
	return bytes.length >= HEADER_BYTES + length ? bytes.subarray(HEADER_BYTES, HEADER_BYTES + length) : undefined;
}

function readError(payload: Buffer): Verdict {
	if (payload.length < 3) return {outcome: 'failed', status: 'L7RSP'};
	const info = payload.toString('latin1', 3);
	return {outcome: 'failed', status: 'L7STS', code: payload.readUInt16LE(1), info};
}

/** Protocol 9 or 10, then the version as text. */
function readVersion(payload: Buffer): string | undefined {
	if (payload[0] !== 9 && payload[0] !== 10) return undefined;
	const end = payload.indexOf(0, 1);
	return payload.toString('latin1', 1, end === -1 ? payload.length : end);
}

function formatLogin41(user: string): Buffer {
	return packet(1, [
		...littleEndian(FLAGS_41, 4),
		...littleEndian(MAX_PACKET, 4),
		UTF8,
		...new Array<number>(23).fill(0),
		...Buffer.from(user),
		0,
		0,
	]);
}

function formatLogin320(user: string): Buffer {
	return packet(1, [...littleEndian(FLAGS_320, 2), ...littleEndian(MAX_PACKET, 3), ...Buffer.from(user), 0, 0]);
}

function packet(sequence: number, payload: readonly number[]): Buffer {
	return Buffer.from([...littleEndian(payload.length, 3), sequence, ...payload]);
}

function littleEndian(value: number, bytes: number): number[] {
	return Array.from({length: bytes}, (_, i) => (value >>> (8 * i)) & 255);
}
