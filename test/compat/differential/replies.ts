/**
 * What a server may answer, by the last part of the path (`/r/NAME`): complete responses as latin1 text.
 *
 * Pure. `closes` says that the server closes behind it.
 */
export interface Reply {
	readonly text: string;
	readonly closes: boolean;
}

const CL5 = 'Content-Length: 5\r\n\r\nhello';
const CHUNKED = 'Transfer-Encoding: chunked\r\n\r\n';

const stays = (text: string): Reply => ({text, closes: false});
const closes = (text: string): Reply => ({text, closes: true});

export const replies: Readonly<Record<string, Reply>> = {
	len: stays(`HTTP/1.1 200 OK\r\nX-A: b\r\n${CL5}`),
	empty: stays('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
	chunked: stays(`HTTP/1.1 200 OK\r\n${CHUNKED}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`),
	trailers: stays(`HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\n${CHUNKED}5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n`),
	extension: stays(`HTTP/1.1 200 OK\r\n${CHUNKED}5;x=y\r\nhello\r\n0\r\n\r\n`),
	until: closes('HTTP/1.1 200 OK\r\n\r\nuntil the end'),
	ten: closes(`HTTP/1.0 200 OK\r\n${CL5}`),
	'ten-until': closes('HTTP/1.0 200 OK\r\n\r\nuntil the end'),
	close: closes(`HTTP/1.1 200 OK\r\nConnection: close\r\n${CL5}`),
	big: stays(`HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${'z'.repeat(100_000)}`),
	'204': stays('HTTP/1.1 204 No Content\r\n\r\n'),
	'304': stays('HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'),
	'304-length': stays('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'),
	'404': stays(`HTTP/1.1 404 Not Found\r\n${CL5}`),
	'599': stays(`HTTP/1.1 599 Odd\r\n${CL5}`),
	'no-reason': stays(`HTTP/1.1 200\r\n${CL5}`),
	'empty-reason': stays(`HTTP/1.1 200 \r\n${CL5}`),
	continue: stays(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n${CL5}`),
	hints: stays(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n${CL5}`),
	cookie: stays(`HTTP/1.1 200 OK\r\nSet-Cookie: SESS=s1; path=/\r\nSet-Cookie: b=2\r\n${CL5}`),
	'own-cookie': stays(`HTTP/1.1 200 OK\r\nSet-Cookie: SRV=forged\r\n${CL5}`),
	cacheable: stays(`HTTP/1.1 200 OK\r\nLast-Modified: Thu, 01 Jan 2015 00:00:00 GMT\r\n${CL5}`),
	capitals: stays('HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 5\r\nX-CAPS:a\r\n\r\nhello'),
	latin: stays(`HTTP/1.1 200 OK\r\nServer: caf\xe9|{}#"\r\n${CL5}`),
	nothing: closes(''),
	garbage: closes('garbage\r\n\r\n'),
	'half-head': closes('HTTP/1.1 200 OK\r\nContent-'),
	'bad-status': stays(`HTTP/1.1 20x OK\r\n${CL5}`),
	'status-99': stays(`HTTP/1.1 099 OK\r\n${CL5}`),
	'bad-version': stays(`HTTP/2.0 200 OK\r\n${CL5}`),
	'both-lengths': stays('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
	'two-lengths': stays('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\nhello'),
	'equal-lengths': stays('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello'),
	'length-list': stays('HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello'),
	'bad-length': stays('HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello'),
	folded: stays(`HTTP/1.1 200 OK\r\nX-F: a\r\n b\r\n${CL5}`),
	gap: stays(`HTTP/1.1 200 OK\r\nX-Gap : a\r\n${CL5}`),
	nul: stays(`HTTP/1.1 200 OK\r\nX-Nul: a\0b\r\n${CL5}`),
	'bare-cr': stays(`HTTP/1.1 200 OK\r\nX-Cr: a\rb\r\n${CL5}`),
	'bare-lf': stays('HTTP/1.1 200 OK\nContent-Length: 5\n\nhello'),
	'no-colon': stays(`HTTP/1.1 200 OK\r\nnonsense\r\n${CL5}`),
	xchunked: stays('HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'),
	'short-body': closes('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello'),
	'short-chunk': closes(`HTTP/1.1 200 OK\r\n${CHUNKED}50\r\nhello`),
	'no-last-chunk': closes(`HTTP/1.1 200 OK\r\n${CHUNKED}5\r\nhello\r\n`),
	'bad-chunk': closes(`HTTP/1.1 200 OK\r\n${CHUNKED}5\r\nhello\r\nzz\r\n`),
	'too-much': stays(`HTTP/1.1 200 OK\r\n${CL5}SURPLUS`),
	'huge-head': stays(`HTTP/1.1 200 OK\r\nX-Huge: ${'v'.repeat(20_000)}\r\n${CL5}`),
};
