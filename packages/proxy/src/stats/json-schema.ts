/**
 * The schema of what `show info json` and `show stat json` write (JSON Schema, draft 4).
 *
 * Pure. The same shapes and words as HAProxy's; the definitions are those that validators understand.
 */
const integer = (minimum: number, maximum?: number) => ({
	type: 'integer',
	minimum,
	...(maximum === undefined ? {} : {maximum}),
});
const text = (...words: readonly string[]) => (words.length > 0 ? {type: 'string', enum: words} : {type: 'string'});
const ref = (name: string) => ({$ref: `#/definitions/${name}`});
const value = (type: string, schema: object) => ({
	properties: {type: text(type), value: schema},
	required: ['type', 'value'],
});

const SHARED = {
	field: ref('field'),
	processNum: ref('processNum'),
	tags: ref('tags'),
	value: ref('typedValue'),
};
const REQUIRED = ['field', 'processNum', 'tags', 'value'];
const SAFE = Number.MAX_SAFE_INTEGER;

const SCHEMA = {
	$schema: 'http://json-schema.org/draft-04/schema#',
	oneOf: [
		{
			title: 'Info',
			type: 'array',
			items: {title: 'InfoItem', type: 'object', properties: SHARED, required: REQUIRED},
		},
		{
			title: 'Stat',
			type: 'array',
			items: {
				type: 'array',
				items: {
					title: 'StatItem',
					type: 'object',
					properties: {
						objType: {enum: ['Frontend', 'Backend', 'Listener', 'Server', 'Unknown']},
						proxyId: integer(0),
						id: integer(0),
						...SHARED,
					},
					required: ['objType', 'proxyId', 'id', ...REQUIRED],
				},
			},
		},
		{title: 'Error', type: 'object', properties: {errorStr: text()}, required: ['errorStr']},
	],
	definitions: {
		field: {type: 'object', properties: {pos: integer(0), name: text()}, required: ['pos', 'name']},
		processNum: integer(1),
		tags: {
			type: 'object',
			properties: {
				origin: text('Metric', 'Status', 'Key', 'Config', 'Product', 'Unknown'),
				nature: text(...'Gauge Limit Min Max Rate Counter Duration Age Time Name Output Avg Unknown'.split(' ')),
				scope: text('Cluster', 'Process', 'Service', 'System', 'Unknown'),
			},
			required: ['origin', 'nature', 'scope'],
		},
		typedValue: {
			type: 'object',
			oneOf: [
				value('s32', integer(-(2 ** 31), 2 ** 31 - 1)),
				value('s64', integer(-SAFE, SAFE)),
				value('u32', integer(0, 2 ** 32 - 1)),
				value('u64', integer(0, SAFE)),
				value('str', text()),
			],
		},
	},
};

export function formatSchema(): string {
	return `${JSON.stringify(SCHEMA)}\n`;
}
