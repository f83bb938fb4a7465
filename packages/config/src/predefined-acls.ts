/**
 * The ACLs that exist without being declared (HAProxy manual, "Pre-defined ACLs").
 *
 * Decides what each of them tests.
 */
import type {AclPattern, AclTest, SampleExpression} from './model.ts';

const sampleOf = (name: string, ...args: string[]): SampleExpression => ({
	fetch: name,
	arguments: args,
	converters: [],
});

const texts = (...patterns: string[]): readonly AclPattern[] => patterns.map(text => ({kind: 'text', text}));

const method = (...names: string[]): AclTest => ({
	sample: sampleOf('method'),
	match: 'str',
	ignoreCase: false,
	patterns: texts(...names),
});

const always = (value: boolean): AclTest => ({
	sample: sampleOf(value ? 'always_true' : 'always_false'),
	match: 'bool',
	ignoreCase: false,
	patterns: [],
});

const url = (match: 'str' | 'beg', text: string): AclTest => ({
	sample: sampleOf('url'),
	match,
	ignoreCase: false,
	patterns: texts(text),
});

const atLeastOne = (name: string): AclTest => ({
	sample: sampleOf(name),
	match: 'int',
	ignoreCase: false,
	patterns: [{kind: 'range', min: 1, max: Number.MAX_SAFE_INTEGER}],
});

export const PREDEFINED_ACLS: ReadonlyMap<string, AclTest> = new Map<string, AclTest>([
	['TRUE', always(true)],
	['FALSE', always(false)],
	// In this engine a request that reaches a rule is HTTP.
	['HTTP', always(true)],
	[
		'LOCALHOST',
		{
			sample: sampleOf('src'),
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
			sample: sampleOf('req.hdr_val', 'content-length'),
			match: 'int',
			ignoreCase: false,
			patterns: [{kind: 'range', min: 1, max: Number.MAX_SAFE_INTEGER}],
		},
	],
	[
		'HTTP_URL_ABS',
		{
			sample: sampleOf('url'),
			match: 'reg',
			ignoreCase: false,
			patterns: [{kind: 'regex', source: '^[^/:]*://'}],
		},
	],
	...['1.0', '1.1', '2.0'].map((version): [string, AclTest] => [
		`HTTP_${version}`,
		{sample: sampleOf('req.ver'), match: 'str', ignoreCase: false, patterns: texts(version)},
	]),
	['REQ_CONTENT', atLeastOne('req.len')],
	['RDP_COOKIE', atLeastOne('req.rdp_cookie_cnt')],
	['WAIT_END', {sample: sampleOf('wait_end'), match: 'bool', ignoreCase: false, patterns: []}],
	['HTTP_URL_SLASH', url('beg', '/')],
	['HTTP_URL_STAR', url('str', '*')],
]);
