import {parseConfiguration} from '@hapair/config';
import test from 'ava';
import {parseAddress} from '../../src/rules/address.ts';
import {RequestSample} from '../../src/rules/request-sample.ts';
import {compileTemplate} from '../../src/rules/value-template.ts';
import {makeProxyFacts} from '../helpers/proxy-facts.ts';

/** What `text`, written behind `set-header X`, becomes for a request. Undefined when the configuration refuses it. */
function evaluate(text: string, syntax: 'modern' | '1.4' = 'modern'): string | undefined {
	const file = `frontend in\n mode http\n bind :8080\n http-request set-header X ${text}\n`;
	const {configuration} = parseConfiguration([{name: 'a.cfg', text: file}], {environment: {}, syntax});
	const rule = configuration?.frontends[0]?.httpRequestRules[0];
	if (rule?.kind !== 'set-header') return undefined;
	const sample = new RequestSample({
		src: parseAddress('192.0.2.1'),
		srcPort: 1234,
		dst: parseAddress('192.0.2.2'),
		dstPort: 80,
		frontend: 'in',
		proxies: makeProxyFacts(),
	});
	sample.begin('GET /a/b?c=d HTTP/1.1\r\nHost: H.Example\r\nVia: 1\r\nVia: 2, 3\r\n\r\n', 'GET', '/a/b?c=d');
	return compileTemplate(rule.value)(sample);
}

for (const [text, expected] of [
	['plain', 'plain'],
	['%ci:%cp', '192.0.2.1:1234'],
	['%fi:%fp', '192.0.2.2:80'],
	['%f/%b/%s', 'in/in/<NOSRV>'],
	['%HM_%HP_%HQ_%HU', 'GET_/a/b_?c=d_/a/b?c=d'],
	['100%%', '100%'],
	['a%20b', 'a%20b'],
	['%%ci', '%ci'],
	['%[src]', '192.0.2.1'],
	['%[src_port]%[dst]%[dst_port]', '1234192.0.2.280'],
	['%[path]?%[query]', '/a/b?c=d'],
	['%[pathq]%[url]', '/a/b?c=d/a/b?c=d'],
	['%[method,lower]', 'get'],
	['%[req.hdr(host),upper]', 'H.EXAMPLE'],
	['%[hdr(via)]', '3'],
	['%[hdr(via,1)]', '1'],
	['%[req.fhdr(via,-1)]', '2, 3'],
	['%[hdr(none)]', ''],
	['%[fe_name]%[be_name]%[ssl_fc]', 'inin0'],
	['%[src,base64]', 'MTkyLjAuMi4x'],
	['%HV%[req.ver]', 'HTTP/1.11.1'],
	['%{+Q}ci:%ci', '"192.0.2.1":192.0.2.1'],
	['%{+Q,+X}o%ci:%cp:%{-X}cp', 'C0000201:04D2:1234'],
	['%{+E}[hdr(host),regsub(H,[,)]', '[.Example'],
	['%Tt', ''],
] as const) {
	test(`value: ${text}`, t => {
		t.is(evaluate(text), expected);
	});
}

for (const text of [
	'%',
	'%zz',
	'%[',
	'%[src',
	'%[nothing]',
	'%[src,nothing]',
	'%[src,field]',
	'%[src,field(x,y)]',
	'%{+Z}ci',
	'%fx',
	'%[hdr(a b)]',
	'%[path,regsub((,x)]',
	'%[src,lower(1)]',
]) {
	test(`refused: ${text}`, t => {
		t.is(evaluate(text), undefined);
	});
}

test('with 1.4 syntax a percent sign is a percent sign', t => {
	t.is(evaluate('%ci%[src]%', '1.4'), '%ci%[src]%');
});
