import fc from 'fast-check';
import {KEYWORDS} from '../../src/index.ts';

const SCRAPS = [
	'global',
	'defaults',
	'frontend',
	'listen',
	'backend',
	'pair',
	'no',
	'default',
	'if',
	'unless',
	'or',
	'||',
	'!',
	'{',
	'}',
	'web',
	'app',
	'10.0.0.1:80',
	'*:80',
	'[::1]:80',
	'::1',
	'fd@3',
	`"fd@\${FD}"`,
	'/run/x.sock',
	'check',
	'weight',
	'0',
	'-1',
	'1',
	'99999999999999999999',
	'5s',
	'5x',
	'10.0.0.0/33',
	'hdr(host)',
	'hdr(',
	'path_reg',
	'(',
	'[',
	'^(a+)+$',
	'%[src]',
	'%',
	'%%',
	'\\',
	'\\x',
	'\\x4',
	'\\x41',
	'"',
	"'",
	`"\${A}"`,
	`"\${A-b}"`,
	`"\${`,
	'#',
	'\0',
	'\r',
	'\u00a0',
	'\ufeff',
	'\u{1f600}',
	'\ud800',
	'\u001b[2J',
	'\u202e',
	'é',
	'\t',
	'__proto__',
	'constructor',
	'toString',
];

/** A line of keywords and scraps in any order: nearly right and thoroughly wrong ones. */
const line = fc
	.array(
		fc.oneof(
			{weight: 3, arbitrary: fc.constantFrom(...KEYWORDS.map(({name}) => name))},
			fc.constantFrom(...SCRAPS),
			fc.string({unit: 'binary', maxLength: 8}),
		),
		{maxLength: 8},
	)
	.map(words => words.join(' '));

/** Whole files: sections in any order, any line end, any damage. */
export const anyConfiguration = fc.oneof(
	fc
		.array(line, {maxLength: 25})
		.chain(lines => fc.constantFrom('\n', '\r\n', '\n\n\t', '\r').map(end => lines.join(end))),
	fc.string({unit: 'binary', maxLength: 200}),
);

export const anyLine = fc.oneof(line, fc.string({unit: 'binary', maxLength: 80}));

/** C0 and C1 controls, line and paragraph separators, and what turns the direction of text. */
export const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
