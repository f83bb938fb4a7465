/** Configurations for tests: the smallest whole values, with what a test wants laid over them. */
import type {Backend, Bind, Configuration, Frontend, GlobalSettings, ProxyCommon, Server} from '@hapair/config';

const position = {file: 'test.cfg', line: 1, column: 1};

const common: ProxyCommon = {
	name: 'test',
	id: 2,
	position,
	mode: 'http',
	timeouts: {clientMs: 5000, serverMs: 5000, connectMs: 2000},
	connectionMode: 'keep-alive',
	logTargets: [],
	acls: [],
	httpRequestRules: [],
	httpResponseRules: [],
	afterResponseRules: [],
	errorFiles: [],
	errorLocations: [],
	disabled: false,
	fromListen: false,
};

function makeGlobal(over: Partial<GlobalSettings> = {}): GlobalSettings {
	return {
		logTargets: [],
		maxconn: 2000,
		daemon: false,
		statsSockets: [],
		statsTimeoutMs: 10_000,
		statsMaxconn: 10,
		spreadChecksPercent: 0,
		bufsizeBytes: 16384,
		maxrewriteBytes: 1024,
		environment: {},
		variables: [],
		...over,
	};
}

export function makeBind(host = '127.0.0.1', port = 0): Bind {
	return {address: {kind: 'ip', host, port}, text: `${host}:${port}`, v6only: false, transparent: false, position};
}

export function makeFrontend(over: Partial<Frontend> = {}): Frontend {
	return {
		...common,
		name: 'in',
		binds: [makeBind()],
		maxconn: 2000,
		defaultBackend: 'out',
		useBackends: [],
		log: {format: 'http', dontLogNull: false, dontLogNormal: false, logAsap: false, separateErrors: false},
		monitorFail: [],
		captureRequestHeaders: [],
		probesClients: false,
		captureResponseHeaders: [],
		...over,
	};
}

export function makeServer(port: number, over: Partial<Server> = {}): Server {
	return {
		name: 's1',
		id: 1,
		index: 0,
		address: {kind: 'ip', host: '127.0.0.1', port},
		weight: 1,
		backup: false,
		disabled: false,
		maxconn: 0,
		minconn: 0,
		maxqueue: 0,
		position,
		...over,
	};
}

export function makeBackend(servers: readonly Server[], over: Partial<Backend> = {}): Backend {
	return {
		...common,
		name: 'out',
		id: 3,
		balance: 'roundrobin',
		servers,
		retries: 3,
		redispatch: false,
		persist: false,
		persistRules: [],
		pretendKeepAlive: false,
		checkCache: false,
		abortOnClose: false,
		probesServers: false,
		allBackups: false,
		check: {kind: 'tcp'},
		logHealthChecks: false,
		disableOn404: false,
		...over,
	};
}

export function makeConfiguration(
	frontends: readonly Frontend[],
	backends: readonly Backend[],
	global: Partial<GlobalSettings> = {},
): Configuration {
	return {
		syntax: 'modern',
		global: makeGlobal(global),
		userlists: [],
		stickTables: [],
		patternLists: [],
		frontends,
		backends,
	};
}
