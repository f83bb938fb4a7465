/** Fuzz targets of texts that others read: cookies in heads, log lines, CSV and HTML, commands. Pure. */
import assert from 'node:assert/strict';
import {findHeadEnd} from '../../packages/proxy/src/http1/head-end.ts';
import {RequestHead} from '../../packages/proxy/src/http1/request-head.ts';
import {ResponseHead} from '../../packages/proxy/src/http1/response-head.ts';
import {captureHeaders, captureRequestCookie} from '../../packages/proxy/src/log/captures.ts';
import {escapeCapture, escapeLogText} from '../../packages/proxy/src/log/log-record.ts';
import {readRequestCookie, stripRequestCookie} from '../../packages/proxy/src/persistence/request-cookie.ts';
import {editResponseCookie} from '../../packages/proxy/src/persistence/response-cookie.ts';
import {splitCommands, splitWords} from '../../packages/proxy/src/stats/command.ts';
import {formatCsv} from '../../packages/proxy/src/stats/csv.ts';
import {FIELDS, RowType} from '../../packages/proxy/src/stats/fields.ts';
import {escapeHtml} from '../../packages/proxy/src/stats/page-cells.ts';
import {makePlan} from '../../packages/proxy/test/persistence/fixtures.ts';
import type {FuzzTarget} from './target.ts';

const COOKIE_WORDS = [
	...[
		'SERVERID=web1',
		'SERVERID=web2~x',
		'SERVERID',
		'SERVERID=',
		'=',
		';',
		',',
		'; ',
		'"',
		'\\"',
		' ',
		'\t',
		'a=b',
		'web1|AAAAA|AAAAA',
	],
	...[
		'\r\nCookie: ',
		'\r\nSet-Cookie: ',
		'\r\n',
		'Cookie:',
		'\r\nA: b',
		'; path=/',
		'Expires=Thu, 01-Jan-1970',
		'~',
		'$Version=1',
	],
];

const PLANS = [
	makePlan({indirect: true}),
	makePlan({indirect: true, nocache: true, maxidleS: 60, maxlifeS: 600}),
	makePlan({mode: 'prefix'}),
	makePlan({mode: 'rewrite'}),
	makePlan({preserve: true}),
];

/** The lines of a head that are not of this name. */
function otherLines(head: string, name: RegExp): readonly string[] {
	return head.split('\r\n').filter(line => !name.test(line));
}

function checkCookies(input: string): void {
	const end = findHeadEnd(input, 0, 0);
	if (end < 0) return;
	const head = input.slice(0, end);
	const request = new RequestHead();
	if (request.parse(head) === 0) {
		for (const plan of PLANS) {
			const reading = readRequestCookie(plan, head, server => server === 0, 1_400_000_000);
			assert.ok(reading.server >= -1 && reading.server < 3, `server ${reading.server}`);
			const stripped = stripRequestCookie(plan, head);
			assert.equal(new RequestHead().parse(stripped), 0, 'a stripped head is still a head');
			assert.ok(stripped.length <= head.length, 'stripping only takes away');
			assert.deepEqual(otherLines(stripped, /^cookie:/i), otherLines(head, /^cookie:/i), 'other lines stay');
		}
	}
	checkResponseCookies(head);
}

function checkResponseCookies(head: string): void {
	const response = new ResponseHead();
	if (!response.parse(head, 'GET')) return;
	for (const plan of PLANS) {
		const reading = readRequestCookie(plan, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', () => true, 1_400_000_000);
		const edit = editResponseCookie(plan, head, {
			reading,
			server: 0,
			method: 'GET',
			status: response.status,
			nowS: 1_400_000_000,
		});
		const again = new ResponseHead();
		assert.ok(again.parse(edit.head, 'GET'), 'an edited head is still a head');
		assert.equal(again.bodyLength, response.bodyLength);
		assert.ok(edit.head.length <= head.length * 2 + 300, 'a head does not grow without bound');
		const ours = /^(?:set-cookie|cache-control):/i;
		assert.deepEqual(otherLines(edit.head, ours), otherLines(head, ours), 'other lines stay');
	}
}

function checkLog(input: string): void {
	for (const escapeText of [escapeLogText, escapeCapture]) {
		const escaped = escapeText(input);
		assert.match(escaped, /^[\x20\x21\x24-\x7e#]*$/, 'a log line is printable, without quotes');
		const back = escaped.replace(/#([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
		assert.equal(back, input, 'escaping can be undone');
		assert.ok(escaped.length <= input.length * 3);
	}
	assert.ok(!/[{|}]/.test(escapeCapture(input)), 'captures hold nothing that frames them');
	if (new RequestHead().parse(input) === 0) checkCaptures(input);
}

function checkCaptures(head: string): void {
	const capture = {header: 'Cookie', lengthBytes: 20};
	for (const value of captureHeaders([capture], head)) assert.ok((value?.length ?? 0) <= 20);
	const cookie = captureRequestCookie({name: 'SERVERID', lengthBytes: 20, prefix: true}, head);
	assert.ok((cookie?.length ?? 0) <= 20 && !/[\r\n]/.test(cookie ?? ''), 'a captured cookie is a part of one line');
}

/** Cells of RFC 4180 lines. */
function readCsv(text: string): string[][] {
	const rows: string[][] = [[]];
	const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
	for (let match = pattern.exec(text); match !== null && pattern.lastIndex <= text.length; match = pattern.exec(text)) {
		rows.at(-1)!.push((match[1] ?? match[2] ?? '').replaceAll('""', '"'));
		if (match[3] === '') break;
		if (match[3] !== ',') rows.push([]);
	}
	return rows;
}

function checkStatistics(input: string): void {
	const row = {type: RowType.server, iid: 1, sid: 1, proxy: 'p', name: 's', values: {last_chk: input, status: 'UP'}};
	const rows = readCsv(formatCsv([row]));
	assert.equal(rows[1]?.length, rows[0]?.length, 'a row has as many cells as the header');
	assert.equal(rows[0]?.length, FIELDS.length + 2, 'the header has the fields, the border of modules and the end');
	assert.equal(rows[1]?.[FIELDS.indexOf('last_chk')], input, 'a cell is read as it was written');
	assert.match(escapeHtml(input), /^(?:[^&<>"']|&#\d+;)*$/, 'text cannot leave its element or attribute');
	for (const command of splitCommands(input))
		for (const word of splitWords(command)) assert.ok(word.length <= input.length);
}

export const textTargets: readonly FuzzTarget[] = [
	{
		name: 'cookies',
		corpus: [
			'GET / HTTP/1.1\r\nHost: a\r\nCookie: SERVERID=web1; a=b\r\n\r\n',
			'GET / HTTP/1.1\r\nHost: a\r\nCookie: a="x;SERVERID=web1"; SERVERID=web2~abc, c=d\r\nCookie: SERVERID=\r\n\r\n',
			'HTTP/1.1 200 OK\r\nSet-Cookie: SERVERID=x; path=/\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n',
			'HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nSet-Cookie: SERVERID="a,b"\r\n\r\n',
		],
		words: COOKIE_WORDS,
		maxBytes: 3000,
		check: checkCookies,
	},
	{
		name: 'log',
		corpus: ['GET / HTTP/1.1', 'a#"b', '{a|b}', '\0\x7f\xff', 'GET / HTTP/1.0\r\nCookie: SERVERID=web1; a=b\r\n\r\n'],
		words: COOKIE_WORDS,
		maxBytes: 3000,
		check: checkLog,
	},
	{
		name: 'statistics',
		corpus: [
			'',
			'Layer7 check passed',
			'a,"b"\r\nc',
			'<b>&\'"',
			'show stat -1 4 -1; show info',
			'set weight b/s 50%;\\;x',
		],
		words: [',', '"', '""', '\r\n', '\n', ';', '\\', ' ', '<', '&#39;', 'show stat'],
		maxBytes: 2000,
		check: checkStatistics,
	},
];
