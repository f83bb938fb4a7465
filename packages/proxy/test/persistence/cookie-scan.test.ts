import test from 'ava';
import fc from 'fast-check';
import {createCookieCursor, isCookieNamed, scanCookie} from '../../src/persistence/cookie-scan.ts';

function scanAll(text: string): [string, string | undefined][] {
	const cursor = createCookieCursor();
	const found: [string, string | undefined][] = [];
	for (let at = 0; at <= text.length; at = cursor.end + 1) {
		scanCookie(text, at, text.length, cursor);
		const value = cursor.valueStart === -1 ? undefined : text.slice(cursor.valueStart, cursor.valueEnd);
		found.push([text.slice(cursor.start, cursor.nameEnd), value]);
	}
	return found;
}

for (const [text, expected] of [
	['', [['', undefined]]],
	['a=1', [['a', '1']]],
	[
		' a = 1 ;\tb=2 ',
		[
			['a', '1'],
			['b', '2'],
		],
	],
	[
		'a=1,b=2',
		[
			['a', '1'],
			['b', '2'],
		],
	],
	[
		'a="x; b=2"; c=3',
		[
			['a', '"x; b=2"'],
			['c', '3'],
		],
	],
	[
		'a="x\\"; b=2"; c=3',
		[
			['a', '"x\\"; b=2"'],
			['c', '3'],
		],
	],
	['a="x; b=2', [['a', '"x; b=2']]],
	['a=b=c', [['a', 'b=c']]],
	['a', [['a', undefined]]],
	['a=', [['a', '']]],
	['=a', [['', 'a']]],
	[
		';;',
		[
			['', undefined],
			['', undefined],
			['', undefined],
		],
	],
] as const) {
	test(`"${text}" holds ${expected.length} cookies`, t => {
		t.deepEqual(scanAll(text), expected as unknown as [string, string | undefined][]);
	});
}

test('a scan always ends, whatever the text', t => {
	fc.assert(
		fc.property(fc.string({unit: fc.constantFrom('a', '=', ';', ',', '"', '\\', ' ', '\t', '\xff')}), text => {
			t.true(scanAll(text).length <= text.length + 1);
		}),
	);
});

test('a name is compared as a whole and in its case', t => {
	const cursor = createCookieCursor();
	const named = (text: string): boolean => {
		scanCookie(text, 0, text.length, cursor);
		return isCookieNamed(text, 'SID', cursor);
	};
	t.true(named('SID=1'));
	t.true(named(' SID = 1'));
	for (const text of ['SIDX=1', 'XSID=1', 'sid=1', 'SID', 'SI=D']) t.false(named(text), text);
});
