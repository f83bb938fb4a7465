/**
 * The ACLs that exist without being declared (HAProxy manual, "Pre-defined ACLs").
 *
 * Decides which of them the model can carry; the others are refused by name.
 */
import type {AclPattern, AclTest} from './model.ts';

const texts = (...patterns: string[]): readonly AclPattern[] => patterns.map(text => ({kind: 'text', text}));

const method = (...names: string[]): AclTest => ({
	criterion: {kind: 'method'},
	match: 'str',
	ignoreCase: false,
	patterns: texts(...names),
});

const always = (value: boolean): AclTest => ({
	criterion: {kind: 'always', value},
	match: 'found',
	ignoreCase: false,
	patterns: [],
});

const url = (match: 'str' | 'beg', text: string): AclTest => ({
	criterion: {kind: 'url'},
	match,
	ignoreCase: false,
	patterns: texts(text),
});

export const PREDEFINED_ACLS: ReadonlyMap<string, AclTest> = new Map<string, AclTest>([
	['TRUE', always(true)],
	['FALSE', always(false)],
	// In this engine a request that reaches a rule is HTTP.
	['HTTP', always(true)],
	[
		'LOCALHOST',
		{
			criterion: {kind: 'src'},
			match: 'ip',
			ignoreCase: false,
			patterns: [{kind: 'network', network: {address: '127.0.0.0', bits: 8, family: 4}}],
		},
	],
	['METH_GET', method('GET', 'HEAD')],
	...['HEAD', 'POST', 'CONNECT', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'].map((name): [string, AclTest] => [
		`METH_${name}`,
		method(name),
	]),
	[
		'HTTP_CONTENT',
		{
			criterion: {kind: 'hdr', header: 'content-length'},
			match: 'int',
			ignoreCase: false,
			patterns: [{kind: 'range', min: 1, max: Number.MAX_SAFE_INTEGER}],
		},
	],
	[
		'HTTP_URL_ABS',
		{
			criterion: {kind: 'url'},
			match: 'reg',
			ignoreCase: false,
			patterns: [{kind: 'regex', source: '^[^/:]*://'}],
		},
	],
	['HTTP_URL_SLASH', url('beg', '/')],
	['HTTP_URL_STAR', url('str', '*')],
]);

/** Predefined in HAProxy, not carried by this version's model. */
export const LATER_PREDEFINED_ACLS: ReadonlySet<string> = new Set([
	'HTTP_1.0',
	'HTTP_1.1',
	'HTTP_2.0',
	'RDP_COOKIE',
	'REQ_CONTENT',
	'WAIT_END',
]);
