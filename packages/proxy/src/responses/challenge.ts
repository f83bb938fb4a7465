/**
 * The question for a user and a password (RFC 7617; HAProxy manual, `http-request auth`).
 *
 * Decides status and header. The page is that of the status, so that an errorfile can replace it.
 */

/** 401, or 407 where the client speaks to a proxy. */
export function challengeStatus(isProxy: boolean): 401 | 407 {
	return isProxy ? 407 : 401;
}

/** The page with the question in its head, behind the status line. `realm` holds no quotes and no backslashes. */
export function withChallenge(page: string, isProxy: boolean, realm: string): string {
	const name = isProxy ? 'proxy-authenticate' : 'www-authenticate';
	const end = page.indexOf('\n') + 1;
	return `${page.slice(0, end)}${name}: Basic realm="${realm}"\r\n${page.slice(end)}`;
}
