/** Fuzz targets of `@hapair/config`: one line, and whole files. Pure. */
import assert from 'node:assert/strict';
import {formatDiagnostics} from '../../packages/config/src/format-diagnostics.ts';
import {KEYWORDS, parseConfiguration} from '../../packages/config/src/index.ts';
import {lexLine} from '../../packages/config/src/lexer.ts';
import type {FuzzTarget} from './target.ts';

/** Of `${NAME}`. */
const DOLLAR = '$';

const WORDS = [
	...KEYWORDS.map(({name}) => name),
	...KEYWORDS.map(({syntax}) => syntax),
	...[
		'\n',
		'\n\t',
		' ',
		'\\ ',
		'\\x41',
		'\\',
		'#',
		'"',
		"'",
		`${DOLLAR}{HOME}`,
		`"${DOLLAR}{NAME-x}"`,
		`"fd@${DOLLAR}{fe}"`,
		'if',
		'unless',
		'!',
		'||',
	],
	...[
		'{ path_beg /a }',
		'{',
		'}',
		'127.0.0.1:80',
		':80-90',
		'[::1]:80',
		'10.0.0.0/8',
		'10s',
		'-1',
		'99999999999',
		'100%',
		'%[src]',
	],
	...[
		'^(a+)+$',
		'(?=x)',
		'[[:alpha:]]',
		'hdr(host)',
		'src',
		'no ',
		'default ',
		'global\n',
		'defaults\n',
		'listen a :80\n',
	],
];

const CORPUS = [
	'global\n\tdaemon\n\tmaxconn 256\ndefaults\n\tmode http\n\tcontimeout 5000\nlisten web 0.0.0.0:80\n\tserver s1 10.0.0.1:80 check\n',
	'frontend in\n\tbind :80\n\tacl a hdr(host) -i x\n\tuse_backend out if a !{ path_beg /b } || { src 10.0.0.0/8 }\nbackend out\n\tserver s 1.2.3.4:80\n',
	`frontend f\n\tbind "fd@${DOLLAR}{fe}"\n\tredirect prefix http://x code 301 if { path /a\\ b }\n\thttp-request deny unless { hdr_reg(a) ^(a|b)*$ }\n`,
	'pair oslo\n\tnode lb1 10.0.0.11 priority 150\n\tnode lb2 10.0.0.12\n\tvirtual-ip 10.0.0.100/24 dev eth0\n\tsecret file /etc/key\n',
	'backend b\n\tbalance leastconn\n\tcookie SRV insert indirect nocache\n\toption httpchk GET / HTTP/1.1\\r\\nHost:\\ a\n\tserver s1 1.2.3.4:80 cookie a weight 3 check inter 2s\n',
];

/** What is said of a file is bounded: at most a thousand remarks, each with an excerpt. */
const MAX_SAID = 1_500_000;

export const configurationTargets: readonly FuzzTarget[] = [
	{
		name: 'configuration',
		corpus: CORPUS,
		words: WORDS,
		maxBytes: 6000,
		check(input) {
			const sources = [{name: 'fuzz.cfg', text: input}];
			for (const syntax of ['auto', '1.4', 'modern'] as const) {
				const {configuration, diagnostics} = parseConfiguration(sources, {environment: {NAME: 'a b'}, syntax});
				const hasError = diagnostics.some(({severity}) => severity === 'error');
				assert.equal(configuration === undefined, hasError, 'a configuration if and only if there is no error');
				const lines = input.split('\n').length;
				for (const {line, column, message} of diagnostics) {
					assert.ok(line >= 1 && line <= lines, `line ${line} of ${lines}: ${message}`);
					assert.ok(column >= 1, `column ${column}: ${message}`);
				}
				const said = formatDiagnostics(diagnostics, sources, {colour: false});
				assert.ok(said.length < MAX_SAID, `${said.length} characters of messages`);
				assert.ok(!/[^\n\t\x20-\x7e\x80-\u{10ffff}]/u.test(said), 'messages hold no control characters');
			}
		},
	},
	{
		name: 'lexer',
		corpus: CORPUS.flatMap(text => text.split('\n')),
		words: WORDS,
		maxBytes: 4000,
		check(input) {
			const line = input.replaceAll('\n', ' ');
			for (const mode of ['1.4', 'modern'] as const) {
				const {words, problems} = lexLine(line, mode, {NAME: 'a b'});
				let end = 1;
				for (const {column, length, text, verbatim} of words) {
					assert.ok(column >= end, `word at ${column} begins before ${end}`);
					end = column + length;
					assert.ok(end <= line.length + 1, `word ends at ${end} of ${line.length}`);
					if (verbatim) assert.equal(line.slice(column - 1, end - 1), text, 'a verbatim word is its source');
				}
				for (const {column, length} of problems) {
					assert.ok(
						column >= 1 && length >= 0 && column + length <= line.length + 2,
						`problem at ${column}+${length} of ${line.length}`,
					);
				}
			}
		},
	},
];
