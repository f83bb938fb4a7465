import test from 'ava';
import {only} from './helpers/parse.ts';
import {frontendOf, frontendRemarks} from './helpers/sections.ts';

const ACLS = ['acl a path /a', 'acl b path /b', 'acl b path /bb'];

/** `use_backend api …` stands on line 11 behind the ACLs. */
function condition(text: string) {
	return only(frontendOf([...ACLS, `use_backend api ${text}`]).useBackends).condition;
}

/** `a b | !c`, and a minus sign in front for `unless`. */
function shape(text: string): string {
	const {negate = false, anyOf = []} = condition(text) ?? {};
	const terms = anyOf.map(all => all.map(term => `${term.negate ? '!' : ''}${term.name}`).join(' & '));
	return `${negate ? '-' : ''}${terms.join(' | ')}`;
}

const wrong = (text: string) => frontendRemarks(...ACLS, `use_backend api ${text}`);

test('terms are and-ed, alternatives or-ed, unless inverts the whole', t => {
	t.is(shape('if a'), 'a');
	t.is(shape('unless a b'), '-a & b');
	t.is(shape('if a b or a !b || b'), 'a & b | a & !b | b');
	t.is(shape('if a OR b'), 'a | b');
	t.is(shape('if !a'), '!a');
	t.is(shape('if ! a'), '!a');
	t.is(shape('if !!a'), 'a');
	t.is(shape('if { path_beg /x } !{ src 10.0.0.0/8 }'), 'path_beg /x & !src 10.0.0.0/8');
	t.is(condition(''), undefined);
});

test('several lines of one name are alternatives of that name', t => {
	const term = condition('if b')!.anyOf[0]![0]!;
	t.deepEqual(
		term.tests.map(({patterns}) => patterns),
		[[{kind: 'text', text: '/b'}], [{kind: 'text', text: '/bb'}]],
	);
});

test('a predefined ACL needs no declaration, and one of its name goes before it', t => {
	const {tests} = condition('if METH_GET')!.anyOf[0]![0]!;
	t.deepEqual(only(tests).patterns, [
		{kind: 'text', text: 'GET'},
		{kind: 'text', text: 'HEAD'},
	]);
	t.is(
		shape('if TRUE !FALSE HTTP LOCALHOST METH_POST HTTP_URL_SLASH'),
		'TRUE & !FALSE & HTTP & LOCALHOST & METH_POST & HTTP_URL_SLASH',
	);
	const own = only(frontendOf(['acl TRUE path /x', 'use_backend api if TRUE']).useBackends).condition;
	t.is(own?.anyOf[0]?.[0]?.tests[0]?.sample.fetch, 'path');
});

test('what is wrong with a condition is told at its word', t => {
	const form = 'if ACL [ACL…] [or ACL…], or unless …';
	t.deepEqual(wrong('when a'), [`error 11:18 'when' is neither 'if' nor 'unless' (${form})`]);
	t.deepEqual(wrong('if'), [`error 11:18 the condition is not complete (${form})`]);
	t.deepEqual(wrong('if a ||'), [`error 11:23 the condition is not complete (${form})`]);
	t.deepEqual(wrong('if || a'), [`error 11:21 '||' has nothing before it (${form})`]);
	t.deepEqual(wrong('if a !'), [`error 11:23 the ACL after '!' is missing at the end of this line (${form})`]);
	t.deepEqual(wrong('if }'), [`error 11:21 '}' stands where an ACL is expected (${form})`]);
	t.deepEqual(wrong('if { path /x'), ["error 11:21 '{' is never closed (end the test with ' }')"]);
	t.deepEqual(wrong('if { }'), ['error 11:21 the test between the braces is empty (such as { path_beg /static })']);
	t.deepEqual(wrong('if {path /x}'), ["error 11:21 braces must be words of their own in '{ … }' (write '{ path … }')"]);
	t.deepEqual(wrong('if a { pth /x }'), ["error 11:25 'pth' is not an ACL criterion (did you mean 'path'?)"]);
});

test('an ACL that is not there is told once a place, with the likely name', t => {
	t.deepEqual(frontendRemarks('acl static path /', 'use_backend api if statc'), [
		"error 9:21 there is no ACL 'statc' in frontend 'web' (did you mean 'static'?)",
	]);
	t.deepEqual(frontendRemarks('use_backend api if zzz'), [
		"error 8:21 there is no ACL 'zzz' in frontend 'web' (declare it in this section: acl zzz …)",
	]);
	t.deepEqual(frontendRemarks('use_backend api if HTTP_1.1'), []);
});

test('one condition may hold several mistakes', t => {
	t.is(wrong('if nope { pth /x } || nada').length, 3);
});
