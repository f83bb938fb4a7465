/**
 * The pair's configuration in each experiment: the article's file with a third server and a pair section, and what two of them add.
 *
 * Pure. Each takes the text of `test/lab/pair-config.ts` and changes the backend alone.
 */

/** Requests on one server at a time, and how long others wait for it, ms. */
export const queueLimits = {maxconn: 4, waitMs: 1000} as const;

/**
 * A page that one server answers with 500 is asked again, at last of another server; only what may safely be asked twice. Failed
 * connections are named because `retry-on` replaces its default.
 */
export function withRetries(text: string): string {
	return addToBackend(text, ['retry-on conn-failure 500', 'http-request disable-l7-retry unless METH_GET']);
}

/** One server, which never gets more than `maxconn` requests at a time; the others wait in the proxy, but not for long. */
export function withQueue(text: string): string {
	const one = text
		.replace(/^server web[23] .*\n/gm, '')
		.replace(/^server web1 .*$/m, `$& maxconn ${queueLimits.maxconn}`);
	return addToBackend(one, [`timeout queue ${queueLimits.waitMs}`, 'option abortonclose']);
}

function addToBackend(text: string, lines: readonly string[]): string {
	return text.replace(/^balance roundrobin$/m, `$&\n${lines.join('\n')}`);
}
