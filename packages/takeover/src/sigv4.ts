/**
 * AWS Signature Version 4 of a request without query (IAM reference, "Create a signed AWS API request"). Pure.
 *
 * Decides the canonical form: every header given is signed, and the body by its SHA-256. Leaves whose keys these are to
 * `aws-credentials.ts`.
 */
import {createHash, createHmac} from 'node:crypto';

export interface AwsCredentials {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	/** Of temporary credentials. */
	readonly sessionToken?: string;
}

export interface SignedRequest {
	readonly method: string;
	readonly host: string;
	/** Already in canonical form: `/` for the query APIs. */
	readonly path: string;
	/** Canonical: sorted and percent-encoded; empty for the query APIs, which carry it in the body. */
	readonly query?: string;
	/** Without host and x-amz-date; names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
	readonly region: string;
	readonly service: string;
	/** `20150830T123600Z`. */
	readonly amzDate: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest();

/** The headers to send, the given ones included. */
export function signRequest(request: SignedRequest, credentials: AwsCredentials): Record<string, string> {
	const {method, host, path, query = '', body, region, service, amzDate} = request;
	const token = credentials.sessionToken === undefined ? {} : {'x-amz-security-token': credentials.sessionToken};
	const headers: Record<string, string> = {...request.headers, ...token, host, 'x-amz-date': amzDate};
	const names = Object.keys(headers).sort();
	const lines = names.map(name => `${name}:${headers[name]?.trim().replace(/ +/g, ' ')}\n`).join('');
	const signedNames = names.join(';');
	const canonical = [method, path, query, lines, signedNames, sha256(body)].join('\n');
	const scope = `${amzDate.slice(0, 8)}/${region}/${service}/aws4_request`;
	const toSign = ['AWS4-HMAC-SHA256', amzDate, scope, sha256(canonical)].join('\n');
	const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
	const signature = hmac(key, toSign).toString('hex');
	const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signedNames}, Signature=${signature}`;
	return {...headers, authorization};
}

/** The form of `x-amz-date`. */
export function formatAmzDate(date: Date): string {
	return date.toISOString().replace(/[-:]|\.\d{3}/g, '');
}
