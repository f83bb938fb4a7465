/**
 * The answer in place of a server that has `redir` (HAProxy manual, `redir`).
 *
 * Decides its bytes. Leaves who is answered so to the session.
 */
import type {ConnectionHeader} from './error-pages.ts';

/** As latin1 text. */
export function formatServerRedirect(location: string, connection: ConnectionHeader): string {
	const header = connection === 'implicit' ? '' : `connection: ${connection}\r\n`;
	return `HTTP/1.1 302 Found\r\ncache-control: no-cache\r\ncontent-length: 0\r\nlocation: ${location}\r\n${header}\r\n`;
}
