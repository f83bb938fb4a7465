/** Targets before and after; those of `path-strip-dotdot` and the percent normalizers are what Debian's haproxy 2.6 makes of them. */
import type {Normalizer} from '@hapair/config';
import test from 'ava';
import {normalizeTarget} from '../../src/rules/normalize.ts';

const rows: readonly (readonly [words: string, before: string, after: string | undefined])[] = [
	['fragment-strip', '/a?b#c', '/a?b'],
	['fragment-strip', '/a#b#c', '/a'],
	['fragment-encode', '/a?b#c#d', '/a?b%23c%23d'],
	['path-merge-slashes', '//a///b//?x=//', '/a/b/?x=//'],
	['path-strip-dot', '/a/./b/.?.', '/a/b/?.'],
	['path-strip-dot', '/./a/.b/..c/./', '/a/.b/..c/'],
	['path-strip-dot', '/.', '/'],
	['path-strip-dotdot', '/a/../b', '/b'],
	['path-strip-dotdot', '/a/b/../../../c', '/../c'],
	['path-strip-dotdot', '/../a', '/../a'],
	['path-strip-dotdot', '/a/..', '/'],
	['path-strip-dotdot', '/a/b/..', '/a/'],
	['path-strip-dotdot', '/a/./../b', '/a/b'],
	['path-strip-dotdot', '/a/b/../c/../?x=/../y', '/a/?x=/../y'],
	['path-strip-dotdot', '/a//../b', '/a/b'],
	['path-strip-dotdot full', '/a/../../b', '/b'],
	['path-strip-dotdot full', '/../..', '/'],
	['path-strip-dotdot full', '/a/b/../c/../', '/a/'],
	['percent-decode-unreserved', '/%41%7e%2f%zz?n=pd&%41=%7E%26', '/A~%2f%zz?n=pd&A=~%26'],
	['percent-decode-unreserved', '/%41%7', '/A%7'],
	['percent-decode-unreserved strict', '/%41%zz', undefined],
	['percent-to-uppercase', '/%2a%3f?x=%aa', '/%2A%3F?x=%AA'],
	['percent-to-uppercase', '/%2a%zz%', '/%2A%zz%'],
	['percent-to-uppercase strict', '/%2a%', undefined],
	['query-sort-by-name', '/x?n=qs&b=2&a=1&a=0&c', '/x?a=1&a=0&b=2&c&n=qs'],
	['query-sort-by-name', '/x?z=1&n=qs&&a', '/x?&a&n=qs&z=1'],
	['query-sort-by-name', '/x?n=qs&b;a=1', '/x?b;a=1&n=qs'],
	['query-sort-by-name', '/x', '/x'],
];

for (const [words, before, after] of rows) {
	test(`${words}: ${before}`, t => {
		const [name, more] = words.split(' ');
		const normalizer = {name, isFull: more === 'full', isStrict: more === 'strict'} as Normalizer;
		t.is(normalizeTarget(normalizer, before), after);
	});
}
