import test from 'ava';
import {judgePredicate, parseConfiguration} from '../src/index.ts';

const defined = (name: string) => ['HOME', 'EMPTY'].includes(name);

for (const [text, expected] of [
	['', false],
	['1', true],
	['0', false],
	['feature(THREAD)', true],
	['feature(OPENSSL)', false],
	['!feature(LUA)', true],
	['defined(HOME)', true],
	['defined(NOPE)', false],
	['streq(a,a)', true],
	['strneq(a,a)', false],
	['strstr(abc,b)', true],
	['version_atleast(2.5-dev5)', true],
	['version_atleast(2.6)', true],
	['version_atleast(2.7-dev0)', false],
	['version_before(2.6-dev3)', false],
	['version_before(3.0)', true],
	['version_atleast(2.5-dev5) && (feature(PCRE) || feature(PCRE2))', true],
	['feature(LUA) || feature(QUIC) || !defined(NOPE)', true],
	['1 && 0 || 1', true],
] as const) {
	test(`condition: ${text}`, t => {
		t.is(judgePredicate(text, defined), expected);
	});
}

for (const text of ['bad(', 'nothing(a)', '(1', '1 &&', '1 2', '('.repeat(80)]) {
	test(`unreadable: ${text.slice(0, 20)}`, t => {
		t.is(typeof judgePredicate(text, defined), 'object');
	});
}

function maxconnOf(lines: string): number | string[] {
	const text = `global\n${lines}\nlisten a\n bind :80\n`;
	const {configuration, diagnostics} = parseConfiguration([{name: 'a.cfg', text}], {environment: {HOME: '/root'}});
	return (
		configuration?.global.maxconn ??
		diagnostics.filter(one => one.severity === 'error').map(one => `${one.line}:${one.column} ${one.message}`)
	);
}

test('of a block the first branch that is true is read', t => {
	t.is(maxconnOf('.if feature(THREAD)\n maxconn 7\n.else\n maxconn 8 nonsense "\n.endif'), 7);
	t.is(
		maxconnOf(
			'.if feature(LUA)\n maxconn 7\n.elif defined(HOME)\n maxconn 8\n.elif 1\n maxconn 9\n.else\n maxconn 10\n.endif',
		),
		8,
	);
	t.is(maxconnOf('.if 0\n.if 1\n maxconn 7\n.else\n maxconn 6\n.endif\n.else\n maxconn 8\n.endif'), 8);
	t.is(maxconnOf('  .if streq("$HOME",/root)\n maxconn 7\n  .endif'), 7);
});

test('what is wrong with blocks is said at its place', t => {
	t.deepEqual(maxconnOf('.endif'), ["2:1 '.endif' without an '.if' before it"]);
	t.deepEqual(maxconnOf('.else'), ["2:1 '.else' without an '.if' before it"]);
	t.deepEqual(maxconnOf('.if 1'), ["2:1 this '.if' has no '.endif' in its file"]);
	t.deepEqual(maxconnOf('.if what\n.endif'), ["2:1 'what' cannot be read as a condition"]);
	t.deepEqual(maxconnOf('.iff 1'), ["2:1 '.iff' is no directive"]);
});

test('messages of a file are heard, an alert refuses it', t => {
	t.deepEqual(maxconnOf('.if feature(THREAD)\n.alert "not for threads"\n.endif'), ['3:1 not for threads']);
	const text = '.notice one\n.warning "two"\n.diag three\nlisten a\n bind :80\n';
	const {diagnostics} = parseConfiguration([{name: 'a.cfg', text}], {environment: {}});
	t.deepEqual(
		diagnostics.filter(one => one.line < 4).map(({severity, message}) => `${severity} ${message}`),
		['notice one', 'warning two'],
	);
});
