/** Expressions with the values that HAProxy 2.6 gives for the same request (measured on its `http-request set-header`). */
import test from 'ava';
import {parseAddress} from '../../src/rules/address.ts';
import {RequestSample} from '../../src/rules/request-sample.ts';
import {compileTemplate} from '../../src/rules/value-template.ts';
import {makeProxyFacts} from '../helpers/proxy-facts.ts';

const sample = new RequestSample({
	src: parseAddress('127.0.0.1'),
	srcPort: 1234,
	dst: parseAddress('127.0.0.1'),
	dstPort: 80,
	frontend: 'in',
	proxies: makeProxyFacts(),
});
const HEAD =
	'GET /a/b?q=1&q=2 HTTP/1.1\r\nHost: h\r\nL: a, b\r\nL: c\r\nCookie: c=1; c=2\r\nX-Forwarded-For: 10.1.2.3\r\n\r\n';

for (const [expression, expected] of [
	['hdr(l)', 'c'],
	['hdr(l,1)', 'a'],
	['hdr(l,-2)', 'b'],
	['req.fhdr(l,1)', 'a, b'],
	['req.cook(c)', '2'],
	['req.cook_cnt(c)', '2'],
	['urlp(q)', '1'],
	['path,field(2,/)', 'a'],
	['path,word(2,/)', 'b'],
	['str(a.b.c),field(-1,.)', 'c'],
	['str(a.b.c.d),field(2,.,2)', 'b.c'],
	['str(a.b.c.d),field(-2,.,2)', 'b.c'],
	['str(a.b.c.d),word(-1,.,0)', 'a.b.c.d'],
	['str(a.b.c.d),word(2,.,0)', 'b.c.d'],
	['str(a..b),field(2,.)', ''],
	['str(a.b),field(5,.)', ''],
	['int(7),mod(4)', '3'],
	['int(7),div(2)', '3'],
	['int(2),mul(21)', '42'],
	['int(6),and(3)', '2'],
	['int(6),or(1)', '7'],
	['int(6),xor(3)', '5'],
	['int(3),not', '0'],
	['int(5),neg,odd', '1'],
	['int(0),cpl', '-1'],
	['str(12ab),add(1)', '13'],
	['bool(true)', '1'],
	['str(ab),hex', '6162'],
	['str(1f),hex2i', '31'],
	['str(/x?a=b+c%20),url_dec', '/x?a=b c '],
	['str(a+b),url_dec(1)', 'a b'],
	['str(a b),url_enc', 'a%20b'],
	['src,ipmask(8)', '127.0.0.0'],
	['hdr_ip(x-forwarded-for),ipmask(255.255.0.0)', '10.1.0.0'],
	['req.hdr_names', 'host,l,l,cookie,x-forwarded-for'],
	['str(abcdef),bytes(1,3)', 'bcd'],
	['str(xxabxx),ltrim(x),rtrim(x)', 'ab'],
	['str(Ab),iif(y,n)', 'n'],
	['str(a),concat(-,,b)', 'a-b'],
	['str(abc),length', '3'],
	["str(aXbX),regsub('X','<\\0>',g)", 'a<X>b<X>'],
	['str(aXbX),regsub(x,-,i)', 'a-bX'],
] as const) {
	test(expression, t => {
		sample.begin(HEAD, 'GET', '/a/b?q=1&q=2');
		t.is(compileTemplate(`%[${expression}]`)(sample), expected);
	});
}

test('base32 and url32 as HAProxy has them', t => {
	sample.begin('GET /x HTTP/1.1\r\nHost: 127.0.0.1:9990\r\n\r\n', 'GET', '/x');
	t.is(compileTemplate('%[base32] %[url32]')(sample), `${0x5ea6ebf1} ${0x5ea6ebf1}`);
	t.is(compileTemplate('%[rand(10)] %[hostname] %[src_is_local] %[ipv4(10.0.0.1)]')(sample), '5 lb 1 10.0.0.1');
});
