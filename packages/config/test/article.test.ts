import {readFileSync} from 'node:fs';
import test from 'ava';
import {formatDiagnostics, parseConfiguration} from '../src/index.ts';
import {configurationOf, remarks} from './helpers/parse.ts';

const article = readFileSync(new URL('../../../deploy/examples/article.cfg', import.meta.url), 'utf8');
/** Every directive of the article as HAProxy spells it today. */
const today = article
	.replace('contimeout 5000', 'timeout connect 5s')
	.replace('clitimeout 50000', 'timeout client 50s')
	.replace('srvtimeout 50000', 'timeout server 50000ms');

const log = {
	address: {kind: 'ip', host: '127.0.0.1', port: 514},
	facility: 16,
	level: 7,
	minLevel: 0,
	lengthBytes: 1024,
};
const common = {
	mode: 'http',
	timeouts: {connectMs: 5000, clientMs: 50_000, serverMs: 50_000},
	connectionMode: 'keep-alive',
	logTargets: [log],
	acls: [],
	httpRequestRules: [],
	errorFiles: [],
	errorLocations: [],
	httpResponseRules: [],
	afterResponseRules: [],
	disabled: false,
	fromListen: false,
};

function server(index: number, line: number) {
	const number = index + 1;
	return {
		name: `web${number}`,
		id: number,
		index,
		address: {kind: 'ip', host: `10.0.0.${number}`, port: 80},
		cookie: `web${number}`,
		weight: 1,
		backup: false,
		disabled: false,
		check: {interMs: 2000, rise: 2, fall: 3},
		maxconn: 0,
		minconn: 0,
		maxqueue: 0,
		position: {file: 'test.cfg', line, column: 8},
	};
}

const expected = {
	global: {
		logTargets: [log],
		maxconn: 4096,
		user: 'haproxy',
		group: 'haproxy',
		daemon: true,
		statsSockets: [],
		environment: {},
		variables: [],
		spreadChecksPercent: 0,
		statsTimeoutMs: 10_000,
		statsMaxconn: 10,
		bufsizeBytes: 16_384,
		maxrewriteBytes: 1024,
	},
	userlists: [],
	stickTables: [],
	patternLists: [],
	frontends: [
		{
			...common,
			name: 'http-in',
			id: 2,
			position: {file: 'test.cfg', line: 18, column: 10},
			binds: [
				{
					address: {kind: 'ip', host: '0.0.0.0', port: 80},
					text: '*:80',
					v6only: false,
					transparent: false,
					position: {file: 'test.cfg', line: 19, column: 6},
				},
			],
			maxconn: 2000,
			useBackends: [],
			defaultBackend: 'web_servers',
			log: {format: 'http', dontLogNull: true, dontLogNormal: false, logAsap: false, separateErrors: false},
			monitorFail: [],
			captureRequestHeaders: [],
			probesClients: false,
			captureResponseHeaders: [],
		},
	],
	backends: [
		{
			...common,
			name: 'web_servers',
			id: 3,
			position: {file: 'test.cfg', line: 21, column: 9},
			balance: 'roundrobin',
			servers: [server(0, 26), server(1, 27)],
			cookie: {
				name: 'SERVERID',
				mode: 'insert',
				indirect: true,
				nocache: true,
				postonly: false,
				preserve: false,
				httponly: false,
				secure: false,
				domains: [],
			},
			retries: 3,
			redispatch: true,
			persist: false,
			persistRules: [],
			pretendKeepAlive: false,
			probesServers: false,
			checkCache: false,
			abortOnClose: false,
			allBackups: false,
			check: {kind: 'http', method: 'HEAD', uri: '/health_check.php', version: 'HTTP/1.0'},
			logHealthChecks: false,
			disableOn404: false,
		},
	],
};

test('the article is read unchanged, and its model is what it says', t => {
	t.deepEqual<unknown, unknown>(configurationOf(article), {syntax: '1.4', ...expected});
});

test('one notice says that it is read as a file of 1.4, and nothing else is said', t => {
	t.deepEqual(remarks(article), [
		"notice 15:1 'contimeout' is of HAProxy 1.4, so this file is read as 1.4: quotes and $ are ordinary characters (choose `--syntax modern` or `--syntax 1.4` to say so yourself)",
	]);
});

test('in the spelling of today it is the same, without a word', t => {
	t.notRegex(today, /contimeout|clitimeout|srvtimeout/);
	t.deepEqual<unknown, unknown>(configurationOf(today), {syntax: 'modern', ...expected});
	t.deepEqual(remarks(today), []);
	t.deepEqual<unknown, unknown>(configurationOf(article, {syntax: 'modern'}), {syntax: 'modern', ...expected});
});

test('any one directive taken away or mistyped is noticed', t => {
	for (const [index, line] of article.trimEnd().split('\n').entries()) {
		const lines = article.trimEnd().split('\n');
		lines[index] = line.replace(/^(\w)(\w*)/, '$1zq$2');
		const sources = [{name: 'test.cfg', text: `${lines.join('\n')}\n`}];
		const {diagnostics} = parseConfiguration(sources, {environment: {}});
		const found = diagnostics.filter(({severity}) => severity === 'error');
		t.true(found.length >= 1, line);
		t.is(found[0]?.line, index + 1, formatDiagnostics(diagnostics, sources, {colour: false}));
	}
});
