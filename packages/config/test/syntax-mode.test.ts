import test from 'ava';
import {findEvidenceOf14} from '../src/syntax-mode.ts';
import {configurationOf, remarks} from './helpers/parse.ts';

const evidence = (...lines: readonly string[]) => findEvidenceOf14('x.cfg', lines);

test('a keyword that later versions refuse shows a file of 1.4, with its place', t => {
	t.deepEqual(evidence('defaults', '\tcontimeout 5000'), {
		keyword: 'contimeout',
		place: {file: 'x.cfg', line: 2, column: 2, length: 10},
	});
	for (const line of [
		'clitimeout 5',
		'srvtimeout 5',
		'redispatch',
		'reqadd X:\\ y',
		'rsprep a b',
		'block if x',
		'option forceclose',
		'no option forceclose',
		'appsession a len 5 timeout 5',
		'option independant-streams',
		'nosepoll',
		'timeout clitimeout 5',
	]) {
		t.not(evidence(line), undefined, line);
	}
});

test('an address on a listen or frontend line shows a file of 1.4', t => {
	t.is(evidence('listen web 10.0.0.1:80')?.keyword, 'listen with an address');
	t.is(evidence('frontend web :80')?.keyword, 'frontend with an address');
	t.is(evidence('listen web /run/x.sock')?.keyword, 'listen with an address');
	t.is(evidence('listen web'), undefined);
	t.is(evidence('listen web # :80'), undefined);
	t.is(evidence('frontend web from base'), undefined);
});

test('a comment, a value or a longer word shows nothing', t => {
	t.is(evidence('# contimeout 5', 'description contimeout', 'contimeoutx 5', 'option httpclose'), undefined);
});

test('an inherited descriptor in quotes is modern, whatever else is there', t => {
	t.is(evidence('contimeout 5', `bind "fd@\${FD}"`), undefined);
});

test('the choice is told once for a file, and may be overruled', t => {
	const text = 'defaults\n contimeout 5s\n clitimeout 5s\n srvtimeout 5s\n';
	t.deepEqual(remarks(text), [
		"notice 2:2 'contimeout' is of HAProxy 1.4, so this file is read as 1.4: quotes and $ are ordinary characters (choose `--syntax modern` or `--syntax 1.4` to say so yourself)",
	]);
	t.deepEqual(remarks(text, {syntax: 'modern'}), []);
	t.is(configurationOf(text).syntax, '1.4');
	t.is(configurationOf(text, {syntax: 'modern'}).syntax, 'modern');
	t.is(configurationOf('defaults\n', {syntax: '1.4'}).syntax, '1.4');
});
