/**
 * Whose keys sign a request to AWS: those in a file, or those of the role that the instance has (IMDSv2).
 *
 * Decides when a role's keys are asked for anew: five minutes before they expire. The file has AWS's own form, `aws_access_key_id = …` and
 * `aws_secret_access_key = …`, of which the first section counts. Source: "Use the Instance Metadata Service", AWS EC2 user guide.
 */
import type {AwsDriver} from '@hapair/config';
import {askApiFor2xx, type Fetch, memberOf} from './api.ts';
import {DriverError} from './driver.ts';
import type {AwsCredentials} from './sigv4.ts';

const who = 'the instance metadata service';
const earlyMs = 300_000;

export interface CredentialParts {
	readonly fetcher: Fetch;
	readonly readSecret: (path: string) => string;
	/** The time of day, which AWS signs with and expires by. */
	readonly today: () => Date;
}

export class CredentialSource {
	readonly #config: Pick<AwsDriver, 'credentialsFile' | 'metadata'>;
	readonly #parts: CredentialParts;
	#role: (AwsCredentials & {readonly expiresMs: number}) | undefined;

	constructor(config: Pick<AwsDriver, 'credentialsFile' | 'metadata'>, parts: CredentialParts) {
		this.#config = config;
		this.#parts = parts;
	}

	async get(signal: AbortSignal): Promise<AwsCredentials> {
		const {credentialsFile} = this.#config;
		if (credentialsFile !== undefined)
			return parseCredentials(credentialsFile, this.#parts.readSecret(credentialsFile));
		const nowMs = this.#parts.today().getTime();
		if (this.#role === undefined || this.#role.expiresMs - earlyMs <= nowMs) this.#role = await this.#askRole(signal);
		return this.#role;
	}

	/** AWS has refused them. */
	forget(): void {
		this.#role = undefined;
	}

	async #askRole(signal: AbortSignal): Promise<AwsCredentials & {readonly expiresMs: number}> {
		const {fetcher} = this.#parts;
		const base = `${this.#config.metadata}/latest`;
		const life = {'x-aws-ec2-metadata-token-ttl-seconds': '300'};
		const put = {method: 'PUT', url: `${base}/api/token`, headers: life, signal, who} as const;
		const headers = {'x-aws-ec2-metadata-token': textOf((await askApiFor2xx(fetcher, put)).body)};
		const list = `${base}/meta-data/iam/security-credentials/`;
		const get = async (url: string): Promise<unknown> =>
			(await askApiFor2xx(fetcher, {method: 'GET', url, headers, signal, who})).body;
		const role = textOf(await get(list)).split('\n')[0] ?? '';
		if (!/^[\w+=,.@-]{1,128}$/.test(role))
			throw new DriverError(`${who} names no role: give the instance one, or say credentials-file`);
		const body = await get(`${list}${role}`);
		const [id, secret, token, expires] = ['AccessKeyId', 'SecretAccessKey', 'Token', 'Expiration'].map(name =>
			memberOf(body, name),
		);
		const expiresMs = Date.parse(String(expires));
		if (typeof id !== 'string' || typeof secret !== 'string' || typeof token !== 'string' || Number.isNaN(expiresMs)) {
			throw new DriverError(`${who} gave no credentials for the role ${role}`);
		}
		return {accessKeyId: id, secretAccessKey: secret, sessionToken: token, expiresMs};
	}
}

function textOf(body: unknown): string {
	return typeof body === 'string' || typeof body === 'number' ? String(body).trim() : '';
}

/** Throws a `DriverError` that names the file. */
export function parseCredentials(path: string, text: string): AwsCredentials {
	const values = new Map<string, string>();
	for (const line of text.split(/\r?\n/)) {
		const found = /^\s*(aws_access_key_id|aws_secret_access_key|aws_session_token)\s*=\s*(\S+)\s*$/.exec(line);
		if (found?.[1] !== undefined && found[2] !== undefined && !values.has(found[1])) values.set(found[1], found[2]);
	}
	const accessKeyId = values.get('aws_access_key_id');
	const secretAccessKey = values.get('aws_secret_access_key');
	const sessionToken = values.get('aws_session_token');
	if (accessKeyId === undefined || secretAccessKey === undefined) {
		throw new DriverError(`${path}: has no lines aws_access_key_id = … and aws_secret_access_key = …`);
	}
	return {accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : {sessionToken})};
}
