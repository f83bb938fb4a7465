import test from 'ava';
import {KEYWORDS} from '../src/index.ts';
import {familyMembers, findKeyword, SECTION_WORDS, suggestKeyword} from '../src/keyword-table.ts';
import {lexLine} from '../src/lexer.ts';
import {remarks} from './helpers/parse.ts';

const find = (text: string, section: Parameters<typeof findKeyword>[2], at = 0) =>
	findKeyword(lexLine(text, 'modern', {}).words, at, section);

test('a keyword and a section have one row at most', t => {
	const seen = new Map<string, string>();
	const twice: string[] = [];
	for (const {name, sections, scope} of KEYWORDS) {
		for (const section of sections) {
			const key = `${section} ${name}`;
			if (seen.has(key)) twice.push(`${key}: ${seen.get(key)} and ${scope}`);
			seen.set(key, scope);
		}
	}
	t.deepEqual(twice, []);
});

test('every row is fit for the manual: a name without surplus blanks, sections, syntax, one sentence', t => {
	for (const {name, sections, syntax, summary} of KEYWORDS) {
		t.regex(name, /^\S+( \S+){0,2}$/, name);
		t.true(sections.length > 0, name);
		t.true(syntax.includes(name.split(' ')[0]!), name);
		t.regex(summary, /\.$/, name);
	}
});

test('the longest keyword is found', t => {
	t.is(find('capture request header Host len 5', 'frontend')?.keyword.name, 'capture request header');
	t.is(find('no option httpclose', 'frontend', 1)?.keyword.name, 'option httpclose');
	t.is(find('redirect location /', 'frontend')?.keyword.name, 'redirect');
	t.is(find('option nonsense', 'frontend'), undefined);
	t.is(find('', 'frontend'), undefined);
});

test('the row of this section goes before that of another', t => {
	t.like(find('log 127.0.0.1 local0', 'global'), {here: true, keyword: {scope: 'global'}});
	t.like(find('log global', 'backend'), {here: true, keyword: {scope: 'proxy'}});
	t.like(find('balance roundrobin', 'frontend'), {here: false, sections: ['defaults', 'listen', 'backend']});
});

test('second words are listed for the section, without what is refused anyway', t => {
	t.true(familyMembers('timeout', 'backend')?.includes('connect'));
	t.false(familyMembers('timeout', 'backend')?.includes('client'));
	t.false(familyMembers('option', 'backend')?.includes('external-check'));
	t.is(familyMembers('bind', 'frontend'), undefined);
});

test('a mistyped keyword is looked for here first, then among sections, then elsewhere', t => {
	t.is(suggestKeyword('balnce', 'backend'), 'balance');
	t.is(suggestKeyword('fontend', 'global'), 'frontend');
	t.is(suggestKeyword('blance', 'global'), 'balance');
	t.is(suggestKeyword('zzzz', 'global'), undefined);
});

test('no keyword makes the reader throw, alone or with surplus words, in any section', t => {
	for (const section of [...SECTION_WORDS]) {
		for (const {name} of KEYWORDS) {
			for (const rest of ['', ' x', ' 1 2 3', ' if', ' { } ||', ' "']) {
				t.notThrows(() => remarks(`${section} x\n ${name}${rest}\n no ${name}${rest}\n`), name);
			}
		}
	}
});

test('a keyword in a place where it does not belong says where it does', t => {
	t.deepEqual(remarks('global\n bind *:80\n'), [
		"error 2:2 'bind' is not allowed in section 'global' (it belongs in 'frontend' or 'listen')",
	]);
	t.deepEqual(remarks('defaults\n acl x path /\n'), [
		"error 2:2 'acl' is not allowed in section 'defaults' (it belongs in 'frontend', 'listen' or 'backend')",
	]);
	t.deepEqual(remarks('defaults\n virtual-ip 10.0.0.1/24 dev eth0\n'), [
		"error 2:2 'virtual-ip' is not allowed in section 'defaults' (it belongs in 'pair')",
	]);
});
