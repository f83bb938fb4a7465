/**
 * What is known while files are still being read: the model's data, unfinished and mutable.
 *
 * Decides what a `defaults` section hands down and what belongs to one section only. Leaves final values to `build` and
 * questions between sections to `validate`. It is long because every value that a line can leave behind stands in one place.
 */
import type {Place} from './diagnostics.ts';
import type {DefaultPath} from './file-paths.ts';
import type {Environment, SyntaxMode} from './lexer.ts';
import type {
	Acl,
	AclTest,
	AddressHeader,
	AdminAddress,
	AppSession,
	BalanceAlgorithm,
	BalanceOptions,
	Bind,
	Capture,
	CheckKind,
	CookiePersistence,
	DrillSchedule,
	ErrorFile,
	ErrorLocation,
	ForwardFor,
	FrontendLog,
	GlobalVariable,
	HashType,
	Hook,
	HttpCheckStep,
	LogTarget,
	MaintenanceWindow,
	Network,
	PairNode,
	PersistRule,
	ProxyMode,
	Reply,
	RequestAction,
	ResponseAction,
	RetryReason,
	RuleStage,
	SampleExpression,
	ServerObserve,
	ServerSource,
	ServerTarget,
	SocketAddress,
	StatsPage,
	StatsRule,
	StatsSocket,
	StickRule,
	StickTable,
	TakeoverDriver,
	TcpCheckStep,
	TcpRequestRule,
	TcpResponseRule,
	Timeouts,
	TimeWindow,
	Track,
	UserlistUser,
	VirtualAddress,
	WatchedCertificate,
} from './model.ts';

/** `unix-bind` */
/** Of the file of a UNIX socket. */
export interface SocketOwner {
	mode?: number;
	user?: string;
	uid?: number;
	group?: string;
	gid?: number;
}

export interface UnixBind extends SocketOwner {
	prefix?: string;
}

export type Mutable<T> = {-readonly [K in keyof T]: T[K]};

/** A name that must exist somewhere. */
export interface Reference {
	readonly name: string;
	readonly place: Place;
}

export interface GlobalDraft {
	logTargets: LogTarget[];
	statsSockets: StatsSocket[];
	statsTimeoutMs?: number;
	statsMaxconn?: number;
	daemon: boolean;
	maxconn?: number;
	logTag?: string;
	logSendHostname?: string;
	user?: string;
	group?: string;
	uid?: number;
	gid?: number;
	pidfile?: string;
	chroot?: string;
	nbthread?: number;
	spreadChecksPercent?: number;
	defaultPath?: DefaultPath;
	unixBind?: UnixBind;
	hardStopAfterMs?: number;
	connectionRate?: number;
	sessionRate?: number;
	zeroWarning?: Place;
	headerCases?: Readonly<Record<string, string>>;
	bufsizeBytes?: number;
	serverStateBase?: string;
	serverStateFile?: string;
	/** The environment as it is at this line. */
	surroundings: Record<string, string | undefined>;
	/** What of it the configuration has changed. */
	environment: Record<string, string | null>;
	variables: GlobalVariable[];
	maxrewriteBytes?: number;
	maxrewritePlace?: Place;
	node?: string;
	description?: string;
}

export type ProxyFlag =
	| 'dontlognull'
	| 'socket-stats'
	| 'dontlog-normal'
	| 'logasap'
	| 'log-separate-errors'
	| 'redispatch'
	| 'persist'
	| 'abortonclose'
	| 'clitcpka'
	| 'srvtcpka'
	| 'allbackups'
	| 'log-health-checks'
	| 'disable-on-404'
	| 'http-pretend-keepalive'
	| 'checkcache'
	| 'http-buffer-request'
	| 'nolinger'
	| 'idle-close-on-response'
	| 'h1-case-adjust-bogus-client'
	| 'h1-case-adjust-bogus-server'
	| 'send-state';

export type ConnectionOption = 'httpclose' | 'forceclose' | 'http-server-close' | 'http-keep-alive' | 'http-tunnel';

/** What a server line, a `default-server` line or both say. */
export interface ServerOptions {
	weight?: number;
	backup?: boolean;
	disabled?: boolean;
	check?: boolean;
	interMs?: number;
	fastinterMs?: number;
	downinterMs?: number;
	rise?: number;
	fall?: number;
	maxconn?: number;
	minconn?: number;
	maxqueue?: number;
	sendProxy?: 1 | 2;
	proxyUniqueId?: boolean;
	proxyChecksum?: boolean;
	checkSendProxy?: boolean;
	checkPort?: number;
	checkAddress?: string;
	agent?: boolean;
	agentPort?: number;
	agentAddress?: string;
	agentInterMs?: number;
	agentSend?: string;
	cookie?: string;
	source?: ServerSource;
	redirect?: string;
	id?: {readonly value: number; readonly place: Place};
	slowstartMs?: number;
	observe?: ServerObserve['layer'] | 'none';
	errorLimit?: number;
	onError?: ServerObserve['onError'];
	isForgotten?: boolean;
	endSessionsWhenDown?: boolean;
	endBackupSessionsWhenUp?: boolean;
	/** `[BACKEND/]SERVER`; without a backend it is the own one. */
	track?: {readonly backend?: string; readonly server: string; readonly place: Place};
}

/** What `http-check send` says; the rest comes from `option httpchk`. */
export interface HttpSendDraft {
	method?: string;
	uri?: string;
	isUriFormat?: boolean;
	isBodyFormat?: boolean;
	version?: string;
	headers?: readonly string[];
	body?: string;
}

export type HttpStepDraft =
	| Exclude<HttpCheckStep, {kind: 'send'}>
	| {readonly kind: 'send'; readonly request: HttpSendDraft; readonly comment?: string};

/** What `stats` lines of a proxy say; any of them turns the page on. `stats admin` is kept apart: it is not handed down. */
export type StatsDraft = Partial<Mutable<Omit<StatsPage, 'admin' | 'rules'>>>;

/** Everything that a `defaults` section can hand down. */
export interface ProxySettings {
	mode?: ProxyMode;
	/** The mode was said and could not be read: nothing is concluded from it. */
	modeRefused: boolean;
	timeouts: Mutable<Timeouts>;
	/** Timeouts that were spoken of, well or badly: their absence needs no warning. */
	spokenTimeouts: Set<string>;
	connection: ConnectionOption[];
	logTargets: LogTarget[];
	logGlobal: boolean;
	logFormat?: FrontendLog['format'];
	logText?: string;
	anonymize?: NonNullable<FrontendLog['anonymize']>;
	structuredData?: string;
	logTag?: string;
	uniqueIdFormat?: string;
	uniqueIdHeader?: string;
	forwardFor?: ForwardFor;
	unusualNames?: 'preserve' | 'delete' | 'reject';
	originalTo?: AddressHeader;
	sendNameHeader?: string;
	monitorNet?: Network;
	/** In the order of the file; of several for one status the last one counts. */
	errorPages: ErrorPageDraft[];
	flags: Set<ProxyFlag>;
	disabled: boolean;
	maxconn?: number;
	backlog?: number;
	defaultBackend?: Reference;
	monitorUri?: string;
	balance?: BalanceAlgorithm;
	balanceOptions?: BalanceOptions;
	hashType?: HashType;
	cookie?: CookiePersistence;
	retries?: number;
	retryOn?: readonly RetryReason[];
	hashBalanceFactor?: number;
	/** `persist rdp-cookie` */
	persistCookie?: string;
	check?: CheckKind;
	/** `http-check` lines. */
	httpSteps?: readonly HttpStepDraft[];
	tcpSteps: readonly TcpCheckStep[];
	sessionRate?: number;
	fullconn?: number;
	source?: ServerSource;
	/** `option http_proxy`, `option transparent` */
	target?: {readonly kind: ServerTarget; readonly place: Place};
	/** Never changed in place: sections share it. */
	stats?: StatsDraft;
	defaultServer: ServerOptions;
	/** `load-server-state-from-file`, `server-state-file-name` */
	stateFrom?: 'global' | 'local' | 'none';
	stateFileName?: string;
}

/** A line that says what is answered in place of error pages. */
export type ErrorPageDraft =
	| {readonly kind: 'file'; readonly file: ErrorFile}
	| {readonly kind: 'location'; readonly location: ErrorLocation}
	| {readonly kind: 'reply'; readonly reply: Reply; readonly place: Place}
	/** All files of a section `http-errors`, or those for `statuses`. */
	| {
			readonly kind: 'import';
			readonly section: Reference;
			readonly statuses: readonly {readonly status: number; readonly place: Place}[];
	  };

/** A section `http-errors`. */
export interface HttpErrorsDraft {
	readonly name: string;
	readonly place: Place;
	files: ErrorFile[];
}

export interface ServerDraft {
	readonly name: string;
	readonly place: Place;
	/** Absent when it could not be read; the error was reported. */
	readonly address?: SocketAddress;
	readonly portOffset?: number;
	readonly target?: ServerTarget;
	readonly options: ServerOptions;
	readonly cookiePlace?: Place;
	/** The server that `track` names; found by `validate`. */
	tracks?: ServerDraft;
}

export interface PendingTerm {
	readonly negate: boolean;
	readonly name: string;
	readonly place: Place;
	/** Present for an anonymous test; a name is looked up when the section is complete. */
	readonly tests?: readonly AclTest[];
}

export interface PendingCondition {
	readonly negate: boolean;
	readonly anyOf: readonly (readonly PendingTerm[])[];
}

export interface StatsRuleDraft {
	readonly kind: StatsRule['kind'];
	readonly realm?: string;
	readonly condition?: PendingCondition;
}

export interface RuleDraft {
	readonly stage: RuleStage;
	readonly action: RequestAction;
	readonly condition?: PendingCondition;
	readonly place: Place;
}

export interface ResponseRuleDraft {
	readonly stage: 'http-response' | 'rsp' | 'rspadd' | 'http-after-response';
	readonly action: ResponseAction;
	readonly condition?: PendingCondition;
	readonly place: Place;
}

export interface PersistRuleDraft {
	readonly kind: PersistRule['kind'];
	readonly condition: PendingCondition;
	readonly place: Place;
}

/** `table` names the own one when it is absent. */
export interface StickRuleDraft {
	readonly kind: StickRule['kind'];
	readonly key: SampleExpression;
	readonly table?: Reference;
	readonly condition?: PendingCondition;
	readonly place: Place;
}

export interface TcpRuleDraft {
	readonly stage: 'connection' | 'session' | 'content';
	readonly action: TcpRequestRule['action'];
	readonly condition?: PendingCondition;
	readonly place: Place;
}

export interface TcpResponseRuleDraft {
	readonly action: TcpResponseRule['action'];
	readonly condition?: PendingCondition;
	readonly place: Place;
}

export interface UserlistDraft {
	readonly name: string;
	readonly place: Place;
	users: {readonly user: UserlistUser; readonly place: Place}[];
	groups: {readonly name: string; readonly users: readonly string[]; readonly place: Place}[];
}

export type ProxyKind = 'defaults' | 'frontend' | 'backend' | 'listen';

export interface ProxyDraft {
	readonly kind: ProxyKind;
	readonly name: string;
	readonly place: Place;
	readonly syntax: SyntaxMode;
	readonly settings: ProxySettings;
	/** Shared by all proxies: addresses so far. */
	readonly budget: Budget;
	id?: {readonly value: number; readonly place: Place};
	binds: Bind[];
	/** A bind line was refused: the proxy is not without addresses. */
	bindRefused: boolean;
	servers: ServerDraft[];
	acls: Acl[];
	aclNames: Set<string>;
	useBackends: {
		readonly backend: Reference;
		readonly isFormat?: boolean;
		readonly condition?: PendingCondition;
		readonly place: Place;
	}[];
	useServers: {
		readonly server: Reference;
		readonly isFormat?: boolean;
		readonly condition: PendingCondition;
		readonly place: Place;
	}[];
	rules: RuleDraft[];
	responseRules: ResponseRuleDraft[];
	persistRules: PersistRuleDraft[];
	stickTable?: StickTable;
	appSession?: AppSession;
	stickRules: StickRuleDraft[];
	tcpRules: TcpRuleDraft[];
	inspectDelayMs?: number;
	tcpResponseRules: TcpResponseRuleDraft[];
	responseDelayMs?: number;
	/** The only server stands on a `dispatch` line. */
	dispatch?: Place;
	monitorFail: PendingCondition[];
	statsAdmin: PendingCondition[];
	statsRules: StatsRuleDraft[];
	captureRequestHeaders: Capture[];
	captureResponseHeaders: Capture[];
	captureCookie?: {readonly name: string; readonly lengthBytes: number; readonly prefix: boolean};
	/** Keywords of this section that need `mode http`. */
	httpOnly: Reference[];
	/** `http-check` and `tcp-check` lines of this section, which need their option. */
	checkRules: {readonly kind: 'http' | 'tcp-check'; readonly name: string; readonly place: Place}[];
}

/** Shared by all proxies of a configuration. */
export interface Budget {
	/** Addresses so far. */
	binds: number;
	/** `unix-bind`, as far as it has been read. */
	unix?: UnixBind | undefined;
}

export interface PairDraft {
	readonly name: string;
	readonly place: Place;
	nodes: {readonly node?: PairNode; readonly place: Place}[];
	virtualAddresses: VirtualAddress[];
	virtualAddressRefused: boolean;
	advertIntervalMs?: number;
	port?: number;
	secretFiles: string[];
	secretRefused: boolean;
	paths: {readonly addresses: readonly [string, string]; readonly place: Place}[];
	preempt?: {readonly mode: 'off'} | {readonly mode: 'on'} | {readonly mode: 'after'; readonly delayMs: number};
	onIsolation?: 'claim' | 'hold';
	channelPort?: number | 'off';
	secondChance?: {readonly on: boolean; readonly place: Place};
	onIsolationPlace?: Place;
	witness?: {readonly host: string; readonly port: number; readonly place: Place};
	startDelayMs?: number;
	admin?: {readonly address?: AdminAddress; readonly place: Place};
	tracks: Track[];
	trackPlaces: Map<Track, Place>;
	drivers: {readonly driver?: TakeoverDriver; readonly place: Place}[];
	hooks: Hook[];
	certificates: WatchedCertificate[];
	drill?: DrillSchedule;
	maintenanceWindows: {readonly window: MaintenanceWindow; readonly nodePlace: Place}[];
	failoverWindows: TimeWindow[];
	failoverWindowPlaces: Place[];
	historyDays?: number;
}

export function createGlobalDraft(environment: Environment): GlobalDraft {
	return {
		logTargets: [],
		statsSockets: [],
		daemon: false,
		surroundings: {...environment},
		environment: {},
		variables: [],
	};
}

export function createSettings(): ProxySettings {
	return {
		modeRefused: false,
		timeouts: {},
		spokenTimeouts: new Set(),
		connection: [],
		logTargets: [],
		logGlobal: false,
		errorPages: [],
		flags: new Set(),
		disabled: false,
		tcpSteps: [],
		defaultServer: {},
	};
}

/** What a proxy inherits: changing the copy leaves the `defaults` section as it is. */
export function inheritSettings(from: ProxySettings): ProxySettings {
	return {
		...from,
		timeouts: {...from.timeouts},
		spokenTimeouts: new Set(from.spokenTimeouts),
		connection: [...from.connection],
		logTargets: [...from.logTargets],
		errorPages: [...from.errorPages],
		flags: new Set(from.flags),
		defaultServer: {...from.defaultServer},
	};
}

export function createProxyDraft(
	kind: ProxyKind,
	name: string,
	place: Place,
	syntax: SyntaxMode,
	settings: ProxySettings,
	budget: Budget,
): ProxyDraft {
	return {
		kind,
		name,
		place,
		syntax,
		settings,
		budget,
		binds: [],
		bindRefused: false,
		servers: [],
		acls: [],
		aclNames: new Set(),
		useBackends: [],
		useServers: [],
		rules: [],
		responseRules: [],
		persistRules: [],
		stickRules: [],
		tcpRules: [],
		tcpResponseRules: [],
		monitorFail: [],
		statsAdmin: [],
		statsRules: [],
		captureRequestHeaders: [],
		captureResponseHeaders: [],
		httpOnly: [],
		checkRules: [],
	};
}

export function createPairDraft(name: string, place: Place): PairDraft {
	return {
		name,
		place,
		nodes: [],
		virtualAddresses: [],
		virtualAddressRefused: false,
		secretFiles: [],
		secretRefused: false,
		paths: [],
		tracks: [],
		trackPlaces: new Map(),
		drivers: [],
		hooks: [],
		certificates: [],
		maintenanceWindows: [],
		failoverWindows: [],
		failoverWindowPlaces: [],
	};
}
