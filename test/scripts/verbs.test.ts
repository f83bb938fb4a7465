import {readFileSync} from 'node:fs';
import test from 'ava';
import {describeProgram} from '../../scripts/pages/command-line.ts';

/** What the file of the API says of an operation. */
interface Operation {
	readonly 'x-command'?: string;
	readonly parameters?: readonly {readonly name: string}[];
	readonly requestBody?: {
		readonly content: {
			readonly 'application/json': {readonly schema: {readonly properties: Readonly<Record<string, object>>}};
		};
	};
}

const {paths}: {readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>} = JSON.parse(
	readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'),
);
const operations = Object.entries(paths).flatMap(([path, methods]) =>
	Object.entries(methods).map(([method, operation]) => ({method, path, ...operation})),
);
const {commands} = describeProgram();

/** Commands that ask no daemon and order nothing of one, with what they are instead. */
const elsewhere: Readonly<Record<string, string>> = {
	run: 'is the daemon',
	upgrade: 'ends the daemon that would have to answer',
	init: 'makes a pair where there is none',
	join: 'makes a second node where there is none',
	keygen: 'makes a file for whoever calls it',
	import: 'translates a file of another program',
	witness: 'is another daemon, on another machine',
	proxy: 'is another program',
};

/** Options that say which daemon, which files and which form of the answer: a request over HTTP has reached its daemon. */
const ofTheWay = ['--socket', '--state-dir', '--file', '--node', '--syntax', '--json', '--help'];

/** Options and arguments whose name over HTTP is not theirs, by command. */
const names: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	drill: {'--now': 'POST', '--history': 'GET'},
	maintenance: {'on|off': 'on'},
	sync: {'--push': 'action', '--pull': 'action'},
	server: {'backend/server': 'backend'},
};

test('Every command that asks or orders something of a daemon has its operation over HTTP, and no operation is without its command', t => {
	const known = new Set(operations.flatMap(({'x-command': command}) => command ?? []));
	t.deepEqual(
		commands.map(({name}) => name).filter(name => !known.has(name)),
		commands.map(({name}) => name).filter(name => name in elsewhere),
		'a command is over HTTP, or elsewhere with a reason',
	);
	t.deepEqual(
		[...known].filter(name => name in elsewhere || !commands.some(command => command.name === name)),
		[],
	);
	t.deepEqual(
		operations.filter(({'x-command': command}) => command === undefined).map(({method, path}) => `${method} ${path}`),
		['get /api/session', 'post /api/login', 'post /api/logout', 'get /api/ping', 'get /metrics'],
		'what is of HTTP alone',
	);
});

test('Every option of such a command has its field', t => {
	const missing = commands.flatMap(({name, options, arguments: parameters}) => {
		const own = operations.filter(({'x-command': command}) => command === name);
		if (own.length === 0) return [];
		const fields = new Set(
			own.flatMap(({method, parameters: queries = [], requestBody}) => [
				method.toUpperCase(),
				...queries.map(query => query.name),
				...Object.keys(requestBody?.content['application/json'].schema.properties ?? {}),
			]),
		);
		const told = [...options.flatMap(({long}) => long ?? []), ...parameters.map(parameter => parameter.name)];
		return told
			.filter(option => !ofTheWay.includes(option))
			.filter(option => {
				const field = names[name]?.[option] ?? camelCase(option.replace(/^--/, ''));
				return !fields.has(field) && !fields.has(`${field}Ms`);
			})
			.map(option => `${name} ${option}`);
	});
	t.deepEqual(missing, []);
});

test('What only reads is GET; what orders something is POST', t => {
	const reading = ['status', 'history', 'why', 'watch'];
	for (const {method, path, 'x-command': command} of operations) {
		if (command === undefined) continue;
		if (reading.includes(command)) t.is(method, 'get', path);
		else if (path !== '/api/drills') t.is(method, 'post', path);
	}
});

function camelCase(words: string): string {
	return words.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
