/**
 * What a client may do that is unusual, legal or not, as named changes of a plain request (RFC 9110, RFC 9112).
 *
 * Pure. Decides only the bytes. Leaves what a proxy ought to make of them to the comparison and to `differences.ts`.
 */

/** A request before it becomes bytes. */
export interface Draft {
	method: string;
	target: string;
	version: string;
	/** Lines without their end, Host included. */
	headers: string[];
	body: string;
	/** Replaces everything between the request line's first byte and the body when set. */
	head?: string;
}

export interface Oddity {
	readonly name: string;
	readonly isLegal: boolean;
	apply(draft: Draft): void;
}

function header(line: string): (draft: Draft) => void {
	return draft => draft.headers.push(line);
}

function replaceHost(...lines: string[]): (draft: Draft) => void {
	return draft => {
		draft.headers = [...lines, ...draft.headers.filter(line => !/^host:/i.test(line))];
	};
}

/** A body with these length lines; they replace those that are there. */
function body(text: string, ...lines: string[]): (draft: Draft) => void {
	return draft => {
		if (draft.method === 'GET' || draft.method === 'HEAD') draft.method = 'POST';
		draft.headers = draft.headers.filter(line => !/^(?:content-length|transfer-encoding)/i.test(line));
		draft.headers.push(...lines);
		draft.body = text;
	};
}

function chunked(text: string): (draft: Draft) => void {
	return body(text, 'Transfer-Encoding: chunked');
}

function head(make: (draft: Draft) => string): (draft: Draft) => void {
	return draft => {
		draft.head = make(draft);
	};
}

/** The head as text, its parts joined with these in place of the usual. */
function join({method, target, version, headers}: Draft, blank = ' ', end = '\r\n'): string {
	return `${method}${blank}${target}${blank}${version}${end}${headers.map(line => line + end).join('')}${end}`;
}

function legal(name: string, apply: (draft: Draft) => void): Oddity {
	return {name, isLegal: true, apply};
}

function illegal(name: string, apply: (draft: Draft) => void): Oddity {
	return {name, isLegal: false, apply};
}

const setMethod = (method: string) => (draft: Draft) => {
	draft.method = method;
};
const setVersion = (version: string) => (draft: Draft) => {
	draft.version = version;
};
const changeTarget = (change: (target: string) => string) => (draft: Draft) => {
	draft.target = change(draft.target);
};

export const oddities: readonly Oddity[] = [
	legal('HEAD', setMethod('HEAD')),
	legal('DELETE', setMethod('DELETE')),
	legal('unknown method', setMethod('BREW')),
	legal('GET with a body', draft => {
		body('hello', 'Content-Length: 5')(draft);
		draft.method = 'GET';
	}),
	legal('POST', body('a=1&b=2', 'Content-Length: 7')),
	legal('POST of nothing', body('', 'Content-Length: 0')),
	legal('POST of 40 kB', body('x'.repeat(40_000), 'Content-Length: 40000')),
	legal('chunked', chunked('5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n')),
	legal('chunked, upper-case hexadecimal', chunked(`1A\r\n${'y'.repeat(26)}\r\n0\r\n\r\n`)),
	legal('chunked, leading zeros', chunked('0005\r\nhello\r\n000\r\n\r\n')),
	legal('chunked of nothing', chunked('0\r\n\r\n')),
	legal('chunk extension', chunked('5;name=value\r\nhello\r\n0;last\r\n\r\n')),
	legal('quoted chunk extension', chunked('5;a="b c"\r\nhello\r\n0\r\n\r\n')),
	legal('trailer', chunked('5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n')),
	legal('coding in capitals', body('0\r\n\r\n', 'Transfer-Encoding: CHUNKED')),
	legal('names in capitals', draft => {
		draft.headers = draft.headers.map(line => line.replace(/^[^:]+/, name => name.toUpperCase()));
	}),
	legal('no blank behind the colon', header('X-Tight:value')),
	legal('tabs around a value', header('X-Tabs:\t\tvalue\t')),
	legal('empty value', header('X-Empty:')),
	legal('blanks at the end', header('X-Blanks: a   ')),
	legal('repeated header', draft => draft.headers.push('X-Twice: a', 'X-Twice: b')),
	legal('bytes above 127', header('X-Latin: caf\xe9')),
	legal('name of all token characters', header("X!#$%&'*+-.^_`|~9: odd")),
	legal('60 headers', draft => {
		for (let i = 0; i < 60; i++) draft.headers.push(`X-Many-${i}: ${i}`);
	}),
	legal('long value', header(`X-Long: ${'v'.repeat(6000)}`)),
	legal(
		'long target',
		changeTarget(target => `${target}?${'q'.repeat(3000)}`),
	),
	legal(
		'query with odd characters',
		changeTarget(target => `${target}?a=%00&b='()*,;:@/?!$~`),
	),
	legal(
		'dots and double slashes',
		changeTarget(target => `/..//./${target}`),
	),
	legal(
		'absolute target',
		changeTarget(target => `http://h.example${target}`),
	),
	legal(
		'absolute target in capitals',
		changeTarget(target => `HTTP://h.example${target}`),
	),
	legal('1.0', setVersion('HTTP/1.0')),
	legal('1.0 that stays', draft => {
		draft.version = 'HTTP/1.0';
		draft.headers.push('Connection: keep-alive');
	}),
	legal('1.0 without Host', draft => {
		draft.version = 'HTTP/1.0';
		draft.headers = draft.headers.filter(line => !/^host:/i.test(line));
	}),
	legal('close', header('Connection: close')),
	legal('keep-alive', header('Connection: Keep-Alive')),
	legal('TE', draft => draft.headers.push('TE: trailers', 'Connection: TE')),
	legal('nominated header', draft => draft.headers.push('Connection: X-Hop', 'X-Hop: secret')),
	legal('Keep-Alive header', header('Keep-Alive: timeout=5')),
	legal('Proxy-Connection', header('Proxy-Connection: keep-alive')),
	legal('Host with port', replaceHost('Host: h.example:8080')),
	legal('Host of IPv6', replaceHost('Host: [::1]:8080')),
	legal('X-Forwarded-For from outside', header('X-Forwarded-For: 10.9.8.7')),
	legal(
		'denied path',
		changeTarget(() => '/denied'),
	),
	legal('denied by header', header('X-Bad: yes')),
	legal(
		'redirected',
		changeTarget(() => '/redirect/me?x=1'),
	),
	legal(
		'monitor',
		changeTarget(() => '/alive'),
	),
	legal(
		'no server',
		changeTarget(() => '/nowhere'),
	),
	legal('cookie of s2', header('Cookie: SRV=two')),
	legal('cookie among others', header('Cookie: a=b; SRV=two; c="d;e"')),
	legal('unknown cookie', header('Cookie: SRV=nobody')),
	legal('two cookie lines', draft => draft.headers.push('Cookie: a=1', 'Cookie: SRV=two')),
	legal('odd cookies', header('Cookie: =; ;; SRV ; SRV=; x=y')),
	legal('cookie without blanks', header('Cookie: a=1;SRV=two;b=2')),
	legal('captured cookie', header('Cookie: SESS=abc#"d; x=1')),
	legal('captured text to escape', header('User-Agent: a|b{c}"#\x80')),
	legal('ETag', header('If-None-Match: "a,b"')),
	legal('OPTIONS *', draft => {
		draft.method = 'OPTIONS';
		draft.target = '*';
	}),
	legal(
		'empty line before',
		head(draft => `\r\n${join(draft)}`),
	),
	legal('Expect', draft => {
		body('hello', 'Content-Length: 5')(draft);
		draft.headers.push('Expect: 100-continue');
	}),
	illegal('two equal lengths', body('hello', 'Content-Length: 5', 'Content-Length: 5')),
	illegal('two different lengths', body('hello', 'Content-Length: 5', 'Content-Length: 4')),
	illegal('list of equal lengths', body('hello', 'Content-Length: 5, 5')),
	illegal('length with a sign', body('hello', 'Content-Length: +5')),
	illegal('negative length', body('hello', 'Content-Length: -5')),
	illegal('hexadecimal length', body('hello', 'Content-Length: 0x5')),
	illegal('empty length', body('hello', 'Content-Length:')),
	illegal('length with a leading zero', body('hello', 'Content-Length: 05')),
	illegal('huge length', body('hello', 'Content-Length: 99999999999999999999')),
	illegal('length beside coding', body('0\r\n\r\n', 'Content-Length: 5', 'Transfer-Encoding: chunked')),
	illegal('coding beside length', body('0\r\n\r\n', 'Transfer-Encoding: chunked', 'Content-Length: 5')),
	illegal('unknown coding', body('0\r\n\r\n', 'Transfer-Encoding: xchunked')),
	illegal('gzip, chunked', body('0\r\n\r\n', 'Transfer-Encoding: gzip, chunked')),
	illegal('chunked, gzip', body('0\r\n\r\n', 'Transfer-Encoding: chunked, gzip')),
	illegal('chunked twice', body('0\r\n\r\n', 'Transfer-Encoding: chunked, chunked')),
	illegal('two coding lines', body('0\r\n\r\n', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')),
	illegal('identity', body('', 'Transfer-Encoding: identity')),
	illegal('coding in 1.0', draft => {
		chunked('0\r\n\r\n')(draft);
		draft.version = 'HTTP/1.0';
		draft.headers.push('Connection: keep-alive');
	}),
	illegal('body of GET in 1.0', draft => {
		body('hello', 'Content-Length: 5')(draft);
		draft.method = 'GET';
		draft.version = 'HTTP/1.0';
		draft.headers.push('Connection: keep-alive');
	}),
	illegal('vertical tab before coding', body('0\r\n\r\n', 'Transfer-Encoding: \x0bchunked')),
	illegal('blank before the colon', header('X-Gap : a')),
	illegal('blank before the colon of a length', body('hello', 'Content-Length : 5')),
	illegal('folded line', header('X-Fold: a\r\n b')),
	illegal('blank before the first header', draft => {
		draft.headers[0] = ` ${draft.headers[0]}`;
	}),
	illegal('line without colon', header('nonsense')),
	illegal('empty name', header(': a')),
	illegal('name with a blank', header('X Y: a')),
	illegal('name with a bracket', header('X(Y): a')),
	illegal('NUL in a value', header('X-Nul: a\0b')),
	illegal('DEL in a value', header('X-Del: a\x7fb')),
	illegal('escape in a value', header('X-Esc: a\x1bb')),
	illegal('bare CR in a value', header('X-Cr: a\rb')),
	illegal('bare LF ends a line', header('X-Lf: a\nX-Next: b')),
	illegal(
		'bare LFs only',
		head(draft => join(draft, ' ', '\n')),
	),
	illegal(
		'two blanks in the request line',
		head(draft => join(draft, '  ')),
	),
	illegal(
		'tab in the request line',
		head(draft => join(draft, '\t')),
	),
	illegal('blank behind the version', setVersion('HTTP/1.1 ')),
	illegal('blank before the method', setMethod(' GET')),
	illegal(
		'no target',
		head(({method, version, headers}) => `${method} ${version}\r\n${headers.join('\r\n')}\r\n\r\n`),
	),
	illegal(
		'HTTP/0.9',
		head(({target}) => `GET ${target}\r\n\r\n`),
	),
	illegal('HTTP/1.2', setVersion('HTTP/1.2')),
	illegal('HTTP/2.0', setVersion('HTTP/2.0')),
	illegal('http/1.1', setVersion('http/1.1')),
	illegal('HTTP/1.10', setVersion('HTTP/1.10')),
	illegal('HTTP/1', setVersion('HTTP/1')),
	illegal('method with a bracket', setMethod('GE(T')),
	illegal('method of 40 letters', setMethod('M'.repeat(40))),
	illegal(
		'target without a slash',
		changeTarget(target => target.slice(1)),
	),
	illegal(
		'asterisk with GET',
		changeTarget(() => '*'),
	),
	illegal(
		'fragment',
		changeTarget(target => `${target}#part`),
	),
	illegal(
		'bytes above 127 in the target',
		changeTarget(target => `${target}\xe9`),
	),
	illegal(
		'control character in the target',
		changeTarget(target => `${target}\x01`),
	),
	illegal(
		'quote in the target',
		changeTarget(target => `${target}"<>^\`{|}`),
	),
	illegal(
		'absolute target of another scheme',
		changeTarget(target => `ftp://h.example${target}`),
	),
	illegal(
		'absolute target without a host',
		changeTarget(target => `http://${target}`),
	),
	illegal(
		'absolute target with a user',
		changeTarget(target => `http://user@h.example${target}`),
	),
	illegal(
		'absolute target of another host',
		changeTarget(target => `http://other.example${target}`),
	),
	illegal('no Host', replaceHost()),
	illegal('empty Host', replaceHost('Host:')),
	illegal('two equal Hosts', replaceHost('Host: h.example', 'Host: h.example')),
	illegal('two different Hosts', replaceHost('Host: h.example', 'Host: i.example')),
	illegal('Host with a blank', replaceHost('Host: h.example evil')),
	illegal('Host with a path', replaceHost('Host: h.example/x')),
	illegal('Host with a user', replaceHost('Host: user@h.example')),
	illegal('Host with two ports', replaceHost('Host: h.example:80:81')),
	illegal('Host list', replaceHost('Host: h.example, i.example')),
	illegal('CONNECT with a path', setMethod('CONNECT')),
	illegal('chunk size missing', chunked('\r\nhello\r\n0\r\n\r\n')),
	illegal('chunk size not hexadecimal', chunked('5g\r\nhello\r\n0\r\n\r\n')),
	illegal('chunk size with 0x', chunked('0x5\r\nhello\r\n0\r\n\r\n')),
	illegal('chunk size negative', chunked('-5\r\nhello\r\n0\r\n\r\n')),
	illegal('chunk size of 17 digits', chunked('10000000000000005\r\nhello\r\n0\r\n\r\n')),
	illegal('blank before the chunk size', chunked(' 5\r\nhello\r\n0\r\n\r\n')),
	illegal('blank behind the chunk size', chunked('5 \r\nhello\r\n0\r\n\r\n')),
	illegal('bare LF behind the chunk size', chunked('5\nhello\r\n0\r\n\r\n')),
	illegal('bare CR in the chunk size', chunked('5\rX\nhello\r\n0\r\n\r\n')),
	illegal('chunk longer than its size', chunked('5\r\nhello!\r\n0\r\n\r\n')),
	illegal('bare LF behind the chunk', chunked('5\r\nhello\n0\r\n\r\n')),
	illegal('trailer without colon', chunked('5\r\nhello\r\n0\r\nnonsense\r\n\r\n')),
	illegal('trailer that frames', chunked('5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n')),
	illegal('bare LF in the extension', chunked('5;a\nb\r\nhello\r\n0\r\n\r\n')),
	illegal('head of 20 kB', header(`X-Huge: ${'v'.repeat(20_000)}`)),
	illegal('150 headers', draft => {
		for (let i = 0; i < 150; i++) draft.headers.push(`X-Many-${i}: ${i}`);
	}),
	illegal(
		'TLS hello',
		head(() => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
	),
	illegal('h2c upgrade', draft => draft.headers.push('Connection: Upgrade', 'Upgrade: h2c')),
	illegal(
		'three empty lines before',
		head(draft => `\r\n\r\n\r\n${join(draft)}`),
	),
];

/** The bytes of a draft, as latin1. */
export function write(draft: Draft): string {
	return (draft.head ?? join(draft)) + draft.body;
}
