/**
 * The configuration as the rest of hapair sees it: plain, frozen data with units in the names.
 *
 * Decides what a configuration can say. Leaves reading text to the parser and cross-checks to `validate`.
 * Times are milliseconds; an absent timeout means "wait for ever" (HAProxy's default).
 * The file is long because a reader of the model wants all of it in one place.
 * `listen` sections arrive here as one frontend and one backend of the same name.
 */

/** Where something stands in the user's files; lines and columns count from 1. */
export interface Position {
	readonly file: string;
	readonly line: number;
	readonly column: number;
}

export interface Configuration {
	/** Which lexing rules were used: 1.4 had no quotes and no `$VAR`. */
	readonly syntax: '1.4' | 'modern';
	readonly global: GlobalSettings;
	readonly userlists: readonly Userlist[];
	/** In the order of the file; rules name them. */
	readonly stickTables: readonly StickTable[];
	/** Everything that patterns and maps are looked up in; they can be changed at run time. By place. */
	readonly patternLists: readonly PatternList[];
	readonly frontends: readonly Frontend[];
	readonly backends: readonly Backend[];
	readonly pair?: Pair;
}

export type ProxyMode = 'tcp' | 'http';

/** A `log` line. `level` drops what is less severe, `minLevel` caps severity (HAProxy manual, `log`). 0 emerg … 7 debug. */
export interface LogTarget {
	readonly address: SocketAddress;
	readonly facility: number;
	readonly level: number;
	readonly minLevel: number;
	/** Longest message in bytes, 80–65535; 1024 by default. */
	readonly lengthBytes: number;
	/** `format raw`: the text alone, without priority, date and tag. `journal`: the native protocol of journald. Absent: RFC 3164. */
	readonly format?: 'raw' | 'rfc5424' | 'priority' | 'short' | 'timed' | 'iso' | 'journal';
	/** `sample RANGES:SIZE`: of every SIZE messages those whose number from 1 on lies in a range. */
	readonly sample?: LogSampling;
}

export interface LogSampling {
	readonly size: number;
	readonly ranges: readonly {readonly from: number; readonly to: number}[];
}

/** Where to connect or listen. `fd` is an inherited, already listening descriptor (`fd@N`). */
export type SocketAddress =
	| {readonly kind: 'ip'; readonly host: string; readonly port: number}
	| {readonly kind: 'unix'; readonly path: string}
	| {readonly kind: 'fd'; readonly fd: number}
	| {readonly kind: 'stream'; readonly name: 'stdout' | 'stderr'};

export interface GlobalSettings {
	readonly logTargets: readonly LogTarget[];
	readonly logTag?: string;
	/** `log-send-hostname`: the name to send; the empty string means this machine's. */
	readonly logSendHostname?: string;
	/** Connections over all frontends of the process. */
	readonly maxconn: number;
	readonly user?: string;
	readonly group?: string;
	readonly uid?: number;
	readonly gid?: number;
	readonly daemon: boolean;
	readonly pidfile?: string;
	readonly chroot?: string;
	/** Worker threads; absent means one per processor. */
	readonly nbthread?: number;
	readonly statsSockets: readonly StatsSocket[];
	/** `stats timeout`: how long a connection to a stats socket may be silent. */
	readonly statsTimeoutMs: number;
	/** `stats maxconn`: connections that the stats sockets serve at a time. */
	readonly statsMaxconn: number;
	/** `spread-checks`: percent of jitter added to check intervals, 0–50. */
	readonly spreadChecksPercent: number;
	/** `tune.bufsize`: bytes; the head of a message must fit in it less `tune.maxrewrite`. */
	readonly bufsizeBytes: number;
	readonly maxrewriteBytes: number;
	/** `hard-stop-after`: longest soft stop; absent for ever. */
	readonly hardStopAfterMs?: number;
	/** `maxconnrate`, `maxsessrate`: a second over all frontends; absent or 0 no limit. */
	readonly connectionRate?: number;
	readonly sessionRate?: number;
	/** `h1-case-adjust`: spellings by lower-case name. */
	readonly headerCases?: Readonly<Record<string, string>>;
	/** `setenv`, `unsetenv` and their kin: what they leave of the environment; null for what is gone. */
	readonly environment: Readonly<Record<string, string | null>>;
	/** `set-var`, `set-var-fmt`: variables of the process (`proc.…`) at the start. */
	readonly variables: readonly GlobalVariable[];
	/** `tune.maxaccept`, `node`, `description` and the like that are only shown. */
	readonly node?: string;
	readonly description?: string;
}

/** With a sample, or with a text that has variables. */
export type GlobalVariable =
	| {readonly kind: 'set-var'; readonly name: string; readonly sample: SampleExpression}
	| {readonly kind: 'set-var-fmt'; readonly name: string; readonly value: string};

export interface StatsSocket {
	readonly address: SocketAddress;
	readonly level: 'user' | 'operator' | 'admin';
	readonly mode?: number;
	/** Who owns the socket's file, by name or by number. */
	readonly user?: string;
	readonly group?: string;
	readonly uid?: number;
	readonly gid?: number;
	readonly position: Position;
}

/** The statistics page of a proxy (HAProxy manual, `stats uri` and its kin). */
export interface StatsPage {
	/** Any target that begins with it is answered. */
	readonly uri: string;
	/** Who may see it; everybody when empty. */
	readonly auth: readonly {readonly user: string; readonly password: string}[];
	readonly realm: string;
	/** How often a browser loads it again, in whole seconds. */
	readonly refreshS?: number;
	readonly hideVersion: boolean;
	/** Names of the proxies to show, `.` is the own one; all when empty. */
	readonly scope: readonly string[];
	/** `stats show-desc`: the text, empty for that of the global section. */
	readonly description?: string;
	/** `stats show-node`: the name, empty for that of the global section. */
	readonly node?: string;
	readonly showLegends: boolean;
	/** `stats http-request`, in the order of the file; the first whose condition holds decides. */
	readonly rules: readonly StatsRule[];
	/** Who may change servers on the page: whoever meets one of these. */
	readonly admin: readonly Condition[];
}

export interface StatsRule {
	readonly kind: 'allow' | 'deny' | 'auth';
	readonly realm?: string;
	readonly condition?: Condition;
}

/** Timeouts of a proxy, in milliseconds, absent = infinite or as the manual's fallback says. */
export interface Timeouts {
	readonly clientMs?: number;
	readonly serverMs?: number;
	readonly connectMs?: number;
	/** Waiting in a queue; falls back to `connectMs`. */
	readonly queueMs?: number;
	/** The whole request head; falls back to `clientMs`. */
	readonly httpRequestMs?: number;
	/** Idle between requests; falls back to `httpRequestMs`. */
	readonly httpKeepAliveMs?: number;
	/** Reading a check's answer. */
	readonly checkMs?: number;
	/** Upgraded and TCP connections; falls back to client/server. */
	readonly tunnelMs?: number;
	readonly clientFinMs?: number;
	readonly serverFinMs?: number;
	readonly tarpitMs?: number;
}

/** How connections are kept (HAProxy manual: `option http-keep-alive`, `http-server-close`, `httpclose`, `forceclose`, `http-tunnel`). */
export type ConnectionMode = 'keep-alive' | 'server-close' | 'close' | 'tunnel';

export interface ForwardFor {
	readonly header: string;
	/** Networks whose clients get no header. */
	readonly except: readonly Network[];
	readonly ifNone: boolean;
}

/** An address block. `bits` is the prefix length, `family` 4 or 6. */
export interface Network {
	readonly address: string;
	readonly bits: number;
	readonly family: 4 | 6;
}

/** What a frontend and a backend have in common. */
export interface ProxyCommon {
	readonly name: string;
	/** `iid` of the statistics, from 2; both halves of a `listen` share it. */
	readonly id: number;
	/** It is said by `id`. */
	readonly isIdGiven?: boolean;
	readonly position: Position;
	readonly mode: ProxyMode;
	readonly timeouts: Timeouts;
	readonly connectionMode: ConnectionMode;
	readonly logTargets: readonly LogTarget[];
	readonly forwardFor?: ForwardFor;
	/** `option http-restrict-req-hdr-names`: what becomes of names with other characters than letters, digits and `-`. */
	readonly unusualNames?: 'preserve' | 'delete' | 'reject';
	readonly acls: readonly Acl[];
	/** `block`, `http-request`, `req*` and `redirect` rules in the order in which they run. */
	readonly httpRequestRules: readonly HttpRequestRule[];
	/** `http-response` and `rsp*` rules in the order in which they run. */
	readonly httpResponseRules: readonly HttpResponseRule[];
	readonly afterResponseRules: readonly AfterResponseRule[];
	/** `errorloc` and its kin: a redirect in place of an error page. */
	readonly errorLocations: readonly ErrorLocation[];
	/** `option originalto`. */
	readonly originalTo?: AddressHeader;
	/** Files by status code; the whole raw response (`errorfile`). */
	readonly errorFiles: readonly ErrorFile[];
	/** `http-error`: an answer made of words; no status is also in one of the two lists above. */
	readonly errorReplies?: readonly ErrorReply[];
	readonly disabled: boolean;
	/** `tcp-request`; absent without any such line. */
	readonly tcpRequest?: TcpRequest;
	/** `option nolinger`: a connection is not kept in the kernel once it is closed, whatever has not left. */
	readonly noLinger?: boolean;
	/** `option h1-case-adjust-bogus-client` of a frontend, `-server` of a backend. */
	readonly adjustsCase?: boolean;
	/** `option http-buffer-request`: rules wait for the body. */
	readonly buffersRequest?: boolean;
	/** Only in mode http. */
	readonly stats?: StatsPage;
	/** Keywords were accepted that have no effect here; each was reported as a notice. */
	readonly fromListen: boolean;
}

export interface ErrorReply {
	readonly status: number;
	readonly reply: Reply;
	readonly position: Position;
}

export interface ErrorLocation {
	readonly status: number;
	readonly code: 302 | 303;
	readonly location: string;
}

/** A header with an address, and the networks for which it is not added. */
export interface AddressHeader {
	readonly header: string;
	readonly except: readonly Network[];
}

export interface ErrorFile {
	readonly status: number;
	readonly path: string;
	readonly position: Position;
}

export interface Frontend extends ProxyCommon {
	readonly binds: readonly Bind[];
	/** 2000 unless given. */
	readonly maxconn: number;
	readonly backlog?: number;
	/** `option socket-stats`: each of `binds` has a row of its own in the statistics. */
	readonly socketStats?: boolean;
	/** Each of `binds` is counted by itself, as something asks for `dst_conn`. */
	readonly countsSockets?: boolean;
	/** `rate-limit sessions`: new connections a second; absent = no limit. */
	readonly sessionRate?: number;
	readonly defaultBackend?: string;
	readonly useBackends: readonly UseBackend[];
	readonly log: FrontendLog;
	/** `monitor-uri`: answered 200 by the proxy itself, never logged. */
	readonly monitorUri?: string;
	readonly monitorFail: readonly Condition[];
	/** `monitor-net`: clients from there are answered at once, and never logged. */
	readonly monitorNet?: Network;
	/** `option idle-close-on-response`: a soft stop waits for one more request of idle clients. */
	readonly closesOnResponse?: boolean;
	/** `option clitcpka`: TCP keep-alive on connections of clients. */
	readonly probesClients: boolean;
	readonly captureRequestHeaders: readonly Capture[];
	readonly captureResponseHeaders: readonly Capture[];
	/** `unique-id-format` and `unique-id-header`. */
	readonly uniqueIdFormat?: string;
	readonly uniqueIdHeader?: string;
	readonly captureCookie?: {readonly name: string; readonly lengthBytes: number; readonly prefix: boolean};
}

export interface Capture {
	/** Empty: rules fill it. */
	readonly header: string;
	readonly lengthBytes: number;
}

export interface FrontendLog {
	/** `json`: one object a line, in both modes. */
	readonly format: 'http' | 'clf' | 'json' | 'tcp' | 'default' | 'custom';
	/** `option anonymize`: how many bits of a client's address stay, 0–32 and 0–128. */
	readonly anonymize?: {readonly bits4: number; readonly bits6: number};
	/** `log-format`, for `custom`. */
	readonly text?: string;
	/** `log-format-sd`: structured data of RFC 5424 messages. */
	readonly structuredData?: string;
	/** `log-tag` of the section. */
	readonly tag?: string;
	/** `option dontlognull`: connections without a byte are not logged. */
	readonly dontLogNull: boolean;
	readonly dontLogNormal: boolean;
	readonly logAsap: boolean;
	readonly separateErrors: boolean;
}

export interface Bind {
	readonly address: SocketAddress;
	/** The text of the configuration, for messages and statistics. */
	readonly text: string;
	readonly name?: string;
	/** `sid` of the statistics; the place among the binds, from 1, unless given. */
	readonly id?: number;
	readonly v6only: boolean;
	readonly transparent: boolean;
	readonly interface?: string;
	/** Connections begin with a header of the PROXY protocol. */
	readonly acceptProxy?: boolean;
	readonly mode?: number;
	readonly position: Position;
}

export interface UseBackend {
	/** Its name; with `isFormat` a text with variables that becomes it. */
	readonly backend: string;
	readonly isFormat?: boolean;
	readonly condition?: Condition;
	readonly position: Position;
}

/** `use-server` */
export interface UseServer {
	/** Its name; with `isFormat` a text with variables that becomes it. */
	readonly server: string;
	readonly isFormat?: boolean;
	readonly condition: Condition;
	readonly position: Position;
}

/** A failure of a server, or the status that it answers. */
export type RetryReason =
	| 'conn-failure'
	| 'empty-response'
	| 'junk-response'
	| 'response-timeout'
	| '0rtt-rejected'
	| number;

export type BalanceAlgorithm =
	| 'roundrobin'
	| 'static-rr'
	| 'leastconn'
	| 'first'
	| 'random'
	| 'source'
	| 'uri'
	| 'url_param'
	| 'hdr'
	| 'rdp-cookie';

/** What `balance` says after the name of its algorithm. */
export interface BalanceOptions {
	/** `uri len`: characters that count, `uri depth`: directory levels that count; 0 = all. */
	readonly uriLength: number;
	readonly uriDepth: number;
	/** `uri whole`: the query counts too. */
	readonly uriWhole: boolean;
	/** `uri path-only`: scheme and authority of an absolute URI do not count. */
	readonly uriPathOnly: boolean;
	/** Parameter of `url_param`, header of `hdr`, cookie of `rdp-cookie`; empty for the others. */
	readonly name: string;
	/** `url_param … check_post`: the body of a POST is searched too. */
	readonly checkPost: boolean;
	/** `hdr … use_domain_only`: of a host name only the label before the top-level domain. */
	readonly domainOnly: boolean;
	/** `random(N)`: servers drawn, of which the least loaded one wins. */
	readonly draws: number;
}

/** How a hash becomes a server (HAProxy manual, `hash-type`). */
export interface HashType {
	readonly method: 'map-based' | 'consistent';
	readonly function: 'sdbm' | 'djb2' | 'crc32';
	/** Scrambles the function's result. */
	readonly avalanche: boolean;
}

export interface Backend extends ProxyCommon {
	readonly balance: BalanceAlgorithm;
	/** Absent: nothing was said after the algorithm's name. */
	readonly balanceOptions?: BalanceOptions;
	/** Absent: map-based. */
	readonly hashType?: HashType;
	readonly cookie?: CookiePersistence;
	/** `stick` rules in the order of the file; absent without any. */
	readonly stickRules?: readonly StickRule[];
	readonly appSession?: AppSession;
	readonly servers: readonly Server[];
	/** `option http_proxy`, `option transparent`: of `servers` only the one without an address is balanced to. */
	readonly sendsOnward?: boolean;
	/** Connection attempts after the first. */
	readonly retries: number;
	/** `hash-balance-factor`: percent of the mean load that a server may have; absent no limit. */
	readonly hashBalanceFactor?: number;
	/** `persist rdp-cookie`: the cookie with a server's address. */
	readonly persistCookie?: string;
	/** `retry-on`: what else is retried; absent as `conn-failure`, empty nothing at all. */
	readonly retryOn?: readonly RetryReason[];
	/** `tcp-response`; absent without any such line. */
	readonly tcpResponse?: TcpResponse;
	/** In the order of the file; absent without any. */
	readonly useServers?: readonly UseServer[];
	readonly redispatch: boolean;
	/** `option persist`: try a server that is down when a cookie names it. */
	readonly persist: boolean;
	/** `force-persist`, `ignore-persist`: in the order of the file, the first of each kind that holds counts. */
	readonly persistRules: readonly PersistRule[];
	/** `http-send-name-header`: tells the server its name. */
	readonly sendNameHeader?: string;
	/** `option http-pretend-keepalive`: the server is not told that its connection will be closed. */
	readonly pretendKeepAlive: boolean;
	/** `option checkcache`: a cacheable response that sets a cookie is refused. */
	readonly checkCache: boolean;
	/** `option srvtcpka`: TCP keep-alive on connections to servers. */
	readonly probesServers: boolean;
	readonly abortOnClose: boolean;
	readonly allBackups: boolean;
	readonly check: CheckKind;
	readonly fullconn?: number;
	/** `load-server-state-from-file`: where states of servers are found at the start. */
	readonly stateFile?: string;
	readonly logHealthChecks: boolean;
	/** `option httpchk` rule replaced by `http-check disable-on-404`. */
	readonly disableOn404: boolean;
	/** `http-check send-state`: checks carry X-Haproxy-Server-State. */
	readonly sendState?: boolean;
	/** `http-check expect`: what makes an answer good, in place of 2xx and 3xx. */
	readonly httpExpect?: HttpExpect;
}

export interface PersistRule {
	readonly kind: 'force' | 'ignore';
	readonly condition: Condition;
	readonly position: Position;
}

export interface CookiePersistence {
	readonly name: string;
	readonly mode: 'insert' | 'rewrite' | 'prefix' | 'passive';
	readonly indirect: boolean;
	readonly nocache: boolean;
	readonly postonly: boolean;
	readonly preserve: boolean;
	readonly httponly: boolean;
	readonly secure: boolean;
	readonly domains: readonly string[];
	readonly maxidleS?: number;
	readonly maxlifeS?: number;
}

export type CheckKind =
	| {readonly kind: 'tcp'}
	| HttpCheck
	| {readonly kind: 'ssl-hello'}
	/** `option smtpchk`: the greeting to send, such as `HELO localhost`. */
	| {readonly kind: 'smtp'; readonly hello: string}
	/** `option mysql-check`: without a user only the server's greeting is read. */
	| {readonly kind: 'mysql'; readonly user?: string; readonly protocol: 'pre-41' | 'post-41'}
	| {readonly kind: 'pgsql'; readonly user: string}
	| {readonly kind: 'ldap'}
	| {readonly kind: 'redis'}
	| {readonly kind: 'tcp-check'; readonly steps: readonly TcpCheckStep[]};

/** `option httpchk [METHOD] URI [VERSION]` and `http-check send`. */
export interface HttpCheck {
	readonly kind: 'http';
	readonly method: string;
	readonly uri: string;
	/** May carry extra headers after `\r\n` (1.4 manual). */
	readonly version: string;
	/** `http-check send … hdr`: whole lines without their ends. */
	readonly headers?: readonly string[];
	/** `http-check send … body`. */
	readonly body?: string;
	/** More than one request and what is expected of it: all steps, in their order. */
	readonly script?: readonly HttpCheckStep[];
}

/** Opens a connection of a check. */
export interface CheckConnect {
	readonly kind: 'connect';
	/** Absent: the port of the check. */
	readonly port?: number | SampleExpression;
	readonly address?: string;
	readonly sendsProxy?: boolean;
	readonly comment?: string;
}

/** Kept from one step of a check to later ones. */
export type CheckVariable = Extract<MessageAction, {kind: 'set-var' | 'set-var-fmt' | 'unset-var'}> & {
	readonly comment?: undefined;
};

export interface CheckComment {
	readonly kind: 'comment';
	readonly text: string;
	readonly comment?: undefined;
}

/** Header lines are texts with variables; so are URI and body where they say so. */
export interface HttpCheckRequest {
	readonly method: string;
	readonly uri: string;
	readonly isUriFormat?: boolean;
	readonly version: string;
	readonly headers?: readonly string[];
	readonly body?: string;
	readonly isBodyFormat?: boolean;
}

/** One `http-check` line. */
export type HttpCheckStep =
	| CheckConnect
	| CheckVariable
	| CheckComment
	| {readonly kind: 'send'; readonly request: HttpCheckRequest; readonly comment?: string}
	| {readonly kind: 'expect'; readonly expect: HttpExpect; readonly comment?: string};

/** `http-check expect [!] …`. */
export type HttpExpect = {readonly negate: boolean} & (
	| {readonly match: 'status'; readonly ranges: readonly {readonly min: number; readonly max: number}[]}
	| {readonly match: 'rstatus'; readonly regex: string}
	| {readonly match: 'rstring'; readonly regex: string}
	| {readonly match: 'string'; readonly text: string}
);

/** One `tcp-check` line. Bytes are latin1 text. */
export type TcpCheckStep =
	| CheckConnect
	| CheckVariable
	| CheckComment
	| {readonly kind: 'send'; readonly bytes: string; readonly comment?: string}
	/** A text with variables, or one that becomes the digits of bytes. */
	| {readonly kind: 'send-format'; readonly format: 'text' | 'hex'; readonly value: string; readonly comment?: string}
	/** `text` is the pattern as the file has it, for messages. */
	| {
			readonly kind: 'expect';
			readonly negate: boolean;
			readonly match: 'string' | 'rstring' | 'binary';
			/** `min-recv`: bytes before it is judged. */
			readonly minBytes?: number;
			readonly pattern: string;
			readonly text: string;
			readonly comment?: string;
	  };

export interface Server {
	readonly name: string;
	/** `sid` of the statistics, from 1 in each backend. */
	readonly id: number;
	/** It is said by `id`. */
	readonly isIdGiven?: boolean;
	/** Dense index over all servers of all backends, from 0: the row in the shared table. */
	readonly index: number;
	readonly address: SocketAddress;
	/** The server listens where the client connected (port `+0` or absent); offset to add. */
	readonly portOffset?: number;
	readonly cookie?: string;
	readonly weight: number;
	readonly backup: boolean;
	readonly disabled: boolean;
	readonly check?: ServerCheck;
	/** `agent-check`: a program beside the server is asked for its state. */
	readonly agent?: ServerAgent;
	/** Concurrent connections; 0 = no limit. */
	readonly maxconn: number;
	readonly minconn: number;
	/** Requests waiting for this server; 0 = no limit. */
	readonly maxqueue: number;
	/** Where connections and checks come from. */
	readonly sourceAddress?: string;
	/** More than an address: `source ADDRESS:PORTS usesrc … interface …`. */
	readonly source?: ServerSource;
	/** It has no address of its own. */
	readonly target?: ServerTarget;
	/** `send-proxy`, `send-proxy-v2`: the server is told who the client is. */
	readonly sendProxy?: ServerProxyHeader;
	/** `redir`: GET and HEAD are answered with this and the target, not forwarded. */
	readonly redirect?: string;
	/** `track`: the server whose health this one copies, as `Server.index`. */
	readonly tracks?: number;
	/** Weight and maxconn grow from nothing to all over this long after the server has come back; absent or 0 = at once. */
	readonly slowstartMs?: number;
	readonly observe?: ServerObserve;
	/** `non-stick`: `stick` rules remember nothing of it. */
	readonly isForgotten?: boolean;
	/** `on-marked-down shutdown-sessions` */
	readonly endSessionsWhenDown?: boolean;
	/** `on-marked-up shutdown-backup-sessions` */
	readonly endBackupSessionsWhenUp?: boolean;
	readonly position: Position;
}

export interface ServerProxyHeader {
	readonly version: 1 | 2;
	readonly uniqueId: boolean;
	readonly checksum: boolean;
}

/** Where a server without an address is: at the address in the URI (`option http_proxy`), or where the client connected to. */
export type ServerTarget = 'uri' | 'original';

/** HAProxy manual, `source`. */
export interface ServerSource {
	/** Absent: the kernel chooses. */
	readonly address?: string;
	/** Absent: the kernel chooses. */
	readonly ports?: {readonly from: number; readonly to: number};
	/** `usesrc`: an address that need not be this machine's (IP_TRANSPARENT). */
	readonly shown?:
		| {readonly kind: 'client' | 'clientip'}
		| {readonly kind: 'address'; readonly address: string; readonly port: number}
		| {readonly kind: 'header'; readonly name: string; readonly occurrence: number};
	readonly interface?: string;
}

/** `observe`: traffic is judged as checks are. */
export interface ServerObserve {
	readonly layer: 'layer4' | 'layer7';
	/** Errors in a row, from 1. */
	readonly errorLimit: number;
	readonly onError: 'fastinter' | 'fail-check' | 'sudden-death' | 'mark-down';
}

export interface ServerAgent {
	/** The server's own unless given. */
	readonly address?: string;
	readonly port: number;
	readonly interMs: number;
	/** Said first, latin1. */
	readonly send?: string;
}

export interface ServerCheck {
	readonly interMs: number;
	readonly fastinterMs?: number;
	readonly downinterMs?: number;
	readonly rise: number;
	readonly fall: number;
	/** Check another address or port than the service's. */
	readonly address?: string;
	readonly port?: number;
	/** The PROXY protocol's version in which checks say that they are the proxy's own. */
	readonly proxyVersion?: 1 | 2;
}

// --- Conditions -------------------------------------------------------------------------------------------------

/** A named or anonymous ACL test. Several `acl` lines of one name are or-ed. */
export interface Acl {
	readonly name: string;
	readonly test: AclTest;
	readonly position: Position;
}

export type SampleArgument = string;

export interface SampleConverter {
	readonly name: string;
	readonly arguments: readonly SampleArgument[];
}

/** What is taken from a request, a response or a connection, and what is made of it: `hdr(host),lower`. */
export interface SampleExpression {
	/** The canonical name of a row in `samples/fetches.ts`. */
	readonly fetch: string;
	readonly arguments: readonly SampleArgument[];
	readonly converters: readonly SampleConverter[];
}

/** How the sample is compared: `path_beg` is fetch `path`, match `beg`. */
export type AclMatch = 'str' | 'beg' | 'end' | 'sub' | 'dir' | 'dom' | 'reg' | 'ip' | 'int' | 'len' | 'bool' | 'found';

/** Patterns of an ACL, or keys and values of a map. */
export interface PatternList {
	/** `#id` on the stats socket. */
	readonly id: number;
	/** Absent for patterns that stand on the line of their ACL. */
	readonly file?: string;
	/** Entries have values: some map uses it. */
	readonly isMap: boolean;
	/** Some ACL uses it. */
	readonly isAcl: boolean;
	/** Where it is used, in words. */
	readonly description: string;
	/** Each way in which it is looked up, once. */
	readonly uses: readonly PatternUse[];
	readonly entries: readonly PatternEntry[];
}

export interface PatternUse {
	readonly match: PatternMatch;
	readonly ignoreCase: boolean;
	/** What a map makes of its values. */
	readonly output: MapOutput;
	readonly of: 'acl' | 'map';
}

export interface PatternEntry {
	readonly key: string;
	/** Empty in lists of ACLs. */
	readonly value: string;
}

export type MapOutput = 'str' | 'int' | 'ip';

/** As `AclMatch`; `regm` puts groups of the match into the value. */
export type PatternMatch = AclMatch | 'regm';

export interface AclTest {
	readonly sample: SampleExpression;
	readonly match: AclMatch;
	readonly ignoreCase: boolean;
	/** Those of its own line. */
	readonly patterns: readonly AclPattern[];
	/** `-f`: files whose lines are patterns too. */
	readonly files?: readonly string[];
	/** `-M`: those files have keys and values. */
	readonly filesAreMaps?: boolean;
	/** `-u`: the number of its own patterns on the stats socket. */
	readonly listId?: number;
	/** Its own patterns' place in `Configuration.patternLists`. */
	readonly list?: number;
}

export type AclPattern =
	| {readonly kind: 'text'; readonly text: string}
	| {readonly kind: 'regex'; readonly source: string}
	| {readonly kind: 'network'; readonly network: Network}
	| {readonly kind: 'range'; readonly min: number; readonly max: number};

/** `if A B || !C`: or of ands; `unless` is `negate`. */
export interface Condition {
	readonly negate: boolean;
	readonly anyOf: readonly (readonly ConditionTerm[])[];
}

export interface ConditionTerm {
	readonly negate: boolean;
	/** All tests of the ACL name; true when one is. Resolved by the parser: predefined and anonymous ACLs too. */
	readonly name: string;
	readonly tests: readonly AclTest[];
}

/** When a rule runs: the kinds of one proxy come one after the other, in this order (HAProxy manual 1.4, and 2.6 for the last). */
export type RuleStage = 'block' | 'http-request' | 'req' | 'reqadd' | 'redirect';

interface RuleFrame {
	readonly condition?: Condition;
	readonly position: Position;
}

/** What a rule may do to either message. Values are texts with variables (`%ci`, `%[src]`); a percent sign of its own is `%%`. */
export type MessageAction =
	| {readonly kind: 'set-header' | 'add-header'; readonly name: string; readonly value: string}
	| {readonly kind: 'del-header'; readonly name: string; readonly match?: 'str' | 'beg' | 'end' | 'sub' | 'reg'}
	/** `replacement` is a text with variables, then with `\0` to `\9` for the groups. */
	| {
			readonly kind: 'replace-header' | 'replace-value';
			readonly name: string;
			readonly regex: string;
			readonly replacement: string;
	  }
	| {
			readonly kind: 'set-var';
			readonly name: string;
			readonly conditions?: readonly VariableCondition[];
			readonly sample: SampleExpression;
	  }
	| {
			readonly kind: 'set-var-fmt';
			readonly name: string;
			readonly conditions?: readonly VariableCondition[];
			readonly value: string;
	  }
	| {readonly kind: 'unset-var'; readonly name: string}
	/** Changes the patterns of a file: key and value are texts with variables. */
	| {readonly kind: 'set-map'; readonly file: string; readonly key: string; readonly value: string}
	| {readonly kind: 'del-map' | 'add-acl' | 'del-acl'; readonly file: string; readonly key: string}
	/** `reqadd`, `rspadd`: a whole line, as it is. */
	| {readonly kind: 'add-line'; readonly text: string}
	/** `reqdel`, `rsprep` and the like: whole lines against a regular expression. */
	| LineRule;

/** When `set-var` changes its variable: all of them must hold (HAProxy manual, `http-request set-var`). */
export type VariableCondition =
	| 'ifexists'
	| 'ifnotexists'
	| 'ifempty'
	| 'ifnotempty'
	| 'ifset'
	| 'ifnotset'
	| 'ifgt'
	| 'iflt';

export interface LineRule {
	readonly kind: 'line';
	readonly action: 'del' | 'rep' | 'deny' | 'allow' | 'pass' | 'tarpit' | 'setbe';
	readonly regex: string;
	readonly ignoreCase: boolean;
	/** What a matching line becomes, with `\0` to `\9`. */
	readonly replacement?: string;
	readonly backend?: string;
}

/** An answer that a rule gives. `body` is a text with variables. */
export interface Reply {
	readonly status: number;
	readonly contentType?: string;
	readonly body?: string;
	/** In place of `body`: a file with it. */
	readonly file?: string;
	/** In place of everything: a file with a whole response. */
	readonly errorFile?: string;
	/** Name of a section `http-errors`; `errorFile` stands in its place once the file has been read. */
	readonly errorFiles?: string;
	/** `default-errorfiles`: the error page of the status. */
	readonly isPage?: boolean;
	readonly headers: readonly {readonly name: string; readonly value: string}[];
}

/** What the rules behind it do with a rewrite that fails: leave it out, or end the message. */
export interface StrictMode {
	readonly kind: 'strict-mode';
	readonly isOn: boolean;
}

/** `normalize-uri`: HAProxy manual. */
export interface Normalizer {
	readonly name:
		| 'fragment-encode'
		| 'fragment-strip'
		| 'path-merge-slashes'
		| 'path-strip-dot'
		| 'path-strip-dotdot'
		| 'percent-decode-unreserved'
		| 'percent-to-uppercase'
		| 'query-sort-by-name';
	/** `full`: `..` goes too where nothing stands before it. */
	readonly isFull: boolean;
	/** `strict`: a percent sign without two digits makes it 400. */
	readonly isStrict: boolean;
}

/** What a rule changes of the session around a message. */
export type SessionAction =
	/** Of packets to the client. */
	| {readonly kind: 'set-packets'; readonly what: 'tos' | 'mark'; readonly number: number}
	/** 0 emerg … 7 debug */
	| {readonly kind: 'set-log-level'; readonly level: number | 'silent'}
	/** `slot`: place among `captureRequestHeaders` or `captureResponseHeaders`. */
	| {
			readonly kind: 'capture';
			readonly sample: SampleExpression;
			readonly slot: number;
			readonly of: 'request' | 'response';
	  }
	/** An expression gives milliseconds. */
	| {
			readonly kind: 'set-timeout';
			readonly side: 'server' | 'tunnel';
			readonly value: number | SampleExpression;
	  }
	| {
			readonly kind: 'set-end';
			readonly end: 'src' | 'src-port' | 'dst' | 'dst-port';
			readonly sample: SampleExpression;
	  };

/** Rules go on once the body is there, or this much of it (0: all), or as much as a buffer holds; after the time it is 408. */
export interface WaitForBody {
	readonly kind: 'wait-for-body';
	readonly timeMs: number;
	readonly atLeastBytes: number;
}

export type RequestAction =
	| MessageAction
	| SessionAction
	| {readonly kind: 'reject' | 'silent-drop'}
	/** Only connections are retried for this request. */
	| {readonly kind: 'disable-l7-retry'}
	| {readonly kind: 'normalize-uri'; readonly normalizer: Normalizer}
	/** A header of a 103 response; `value` is a text with variables. */
	| {readonly kind: 'early-hint'; readonly name: string; readonly value: string}
	| StrictMode
	| WaitForBody
	| CounterAction
	| {readonly kind: 'redirect'; readonly redirect: Redirect}
	| {readonly kind: 'deny' | 'tarpit'; readonly status: number; readonly reply?: Reply}
	| {readonly kind: 'allow'}
	| {readonly kind: 'auth'; readonly realm?: string}
	| {readonly kind: 'return'; readonly reply: Reply}
	| {readonly kind: 'set-method' | 'set-path' | 'set-pathq' | 'set-query' | 'set-uri'; readonly value: string}
	| {
			readonly kind: 'replace-path' | 'replace-pathq' | 'replace-uri';
			readonly regex: string;
			readonly replacement: string;
	  };

export type ResponseAction =
	| MessageAction
	| SessionAction
	| CounterAction
	| {readonly kind: 'redirect'; readonly redirect: Redirect}
	| {readonly kind: 'deny'; readonly status: number; readonly reply?: Reply}
	| {readonly kind: 'allow'}
	| {readonly kind: 'return'; readonly reply: Reply}
	| {readonly kind: 'silent-drop'}
	| WaitForBody
	| StrictMode
	| {readonly kind: 'set-status'; readonly status: number; readonly reason?: string};

export type HttpRequestRule = RequestAction & RuleFrame & {readonly stage: RuleStage};
export type HttpResponseRule = ResponseAction & RuleFrame & {readonly stage: 'http-response' | 'rsp' | 'rspadd'};
/** `http-after-response`: on every response, those of the proxy itself included. */
export type AfterResponseRule = ResponseAction & RuleFrame & {readonly stage: 'http-after-response'};

/** A `userlist` section (HAProxy manual, "Userlists"). */
export interface Userlist {
	readonly name: string;
	readonly users: readonly UserlistUser[];
	readonly position: Position;
}

export interface UserlistUser {
	readonly name: string;
	/** As crypt(3) writes it, or in clear. Absent: nobody can be this user. */
	readonly password?: {readonly kind: 'crypt' | 'clear'; readonly text: string};
	readonly groups: readonly string[];
}

export interface Redirect {
	readonly type: 'location' | 'prefix' | 'scheme';
	/** With variables, as the value of `set-header`. */
	readonly to: string;
	readonly code: 301 | 302 | 303 | 307 | 308;
	readonly dropQuery: boolean;
	/** No redirect when there is nowhere to go. */
	readonly ignoreEmpty?: boolean;
	readonly appendSlash: boolean;
	readonly setCookie?: string;
	readonly clearCookie?: string;
}

// --- Stick tables -----------------------------------------------------------------------------------------------

/** What a table may store of each key (HAProxy manual, `stick-table … store`). */
export type StickColumnName =
	| 'server_id'
	| `gpt${number}`
	| `gpc${number}`
	| `gpc${number}_rate`
	| 'conn_cnt'
	| 'conn_rate'
	| 'conn_cur'
	| 'sess_cnt'
	| 'sess_rate'
	| 'http_req_cnt'
	| 'http_req_rate'
	| 'http_err_cnt'
	| 'http_err_rate'
	| 'bytes_in_cnt'
	| 'bytes_in_rate'
	| 'bytes_out_cnt'
	| 'bytes_out_rate'
	| 'http_fail_cnt'
	| 'http_fail_rate';

export interface StickColumn {
	readonly name: StickColumnName;
	/** Of a rate: over how long it is taken. */
	readonly periodMs?: number;
	/** It is an element of `gpc(N)`, `gpt(N)` or `gpc_rate(N,T)`. */
	readonly isElement?: boolean;
}

export interface StickTable {
	/** That of its section. */
	readonly name: string;
	readonly type: 'ip' | 'ipv6' | 'integer' | 'string' | 'binary';
	/** Longest key. */
	readonly keyBytes: number;
	/** Most entries. */
	readonly size: number;
	/** How long an entry lives after its last use; absent for ever. */
	readonly expireMs?: number;
	/** `srvkey addr`: servers are shown by their address. */
	readonly showsAddresses?: boolean;
	/** When full, no new entry is made; else the oldest goes. */
	readonly nopurge: boolean;
	/** `stick` rules use it: then `server_id` is stored whether it was asked for or not. */
	readonly holdsServers: boolean;
	/** In the order in which `show table` writes them. */
	readonly columns: readonly StickColumn[];
	readonly position: Position;
}

/** `appsession`: a client stays on the server that set its application's cookie (HAProxy 1.4 manual). */
export interface AppSession {
	readonly cookie: string;
	/** Characters of the value that count, 1–4096. */
	readonly lengthBytes: number;
	/** A value that is not used for this long is forgotten. */
	readonly holdMs: number;
	/** What a request shows is learned too, when the response sets nothing. */
	readonly requestLearn: boolean;
	/** The name only begins so: the rest of it is part of the value. */
	readonly prefix: boolean;
	/** Where a URL may carry the value: `/path;NAME=VALUE` or `?NAME=VALUE`. */
	readonly mode: 'path-parameters' | 'query-string';
	/** The stick table that remembers. */
	readonly table: string;
	readonly position: Position;
}

/** `stick …`: `on` matches and stores what the request shows. */
export interface StickRule {
	readonly kind: 'on' | 'match' | 'store-request' | 'store-response';
	readonly key: SampleExpression;
	readonly table: string;
	readonly condition?: Condition;
	readonly position: Position;
}

/** What a rule does with the counters of a session, 0 to 2. */
export type CounterAction =
	| {readonly kind: 'track'; readonly counter: number; readonly key: SampleExpression; readonly table: string}
	| {
			readonly kind: 'sc-inc';
			readonly counter: number;
			readonly column: `gpc${number}`;
			/** Only an element of `gpc(N)` counts. */
			readonly isElement?: boolean;
	  }
	/** To a number, or to what a sample is. */
	| {
			readonly kind: 'sc-set';
			readonly counter: number;
			readonly column: `gpt${number}`;
			readonly isElement?: boolean;
			readonly tag: number | SampleExpression;
	  };

export interface TcpRequestRule {
	readonly action:
		| {readonly kind: 'accept' | 'reject' | 'silent-drop'}
		| CounterAction
		| SessionAction
		| Extract<MessageAction, {kind: 'set-var' | 'set-var-fmt' | 'unset-var'}>;
	readonly condition?: Condition;
	readonly position: Position;
}

export interface TcpResponseRule {
	readonly action:
		| {readonly kind: 'accept' | 'close' | 'reject' | 'silent-drop'}
		| Exclude<CounterAction, {kind: 'track'}>
		| Extract<SessionAction, {kind: 'set-log-level' | 'set-packets'}>
		| Extract<MessageAction, {kind: 'set-var' | 'set-var-fmt' | 'unset-var'}>;
	readonly condition?: Condition;
	readonly position: Position;
}

/** Rules for the first bytes of a server's answer. */
export interface TcpResponse {
	readonly content: readonly TcpResponseRule[];
	/** How long the bytes that a rule needs are waited for; 0 not at all. */
	readonly inspectDelayMs: number;
}

/** Rules for connections: before and after the session exists, and when the first bytes are there. */
export interface TcpRequest {
	readonly connection: readonly TcpRequestRule[];
	readonly session: readonly TcpRequestRule[];
	readonly content: readonly TcpRequestRule[];
	/** How long the bytes that a content rule needs are waited for; 0 not at all. */
	readonly inspectDelayMs: number;
}

// --- The pair ---------------------------------------------------------------------------------------------------

export interface Pair {
	readonly name: string;
	readonly position: Position;
	/** Exactly two. */
	readonly nodes: readonly [PairNode, PairNode];
	readonly virtualAddresses: readonly VirtualAddress[];
	/** Time between advertisements, 10–40000 ms; 200 by default. */
	readonly advertIntervalMs: number;
	/** UDP port of the heartbeat; 3694 by default. */
	readonly port: number;
	/** TCP port on which the nodes' daemons talk; the heartbeat's plus one by default. Absent: they do not. */
	readonly channelPort?: number;
	/** Open connections live on at the old master after a planned failover, where the kernels can do it; on by default. */
	readonly secondChance: boolean;
	readonly secretFiles: readonly string[];
	/** Further heartbeat paths, one address per node in the order of `nodes`. The first path is the nodes' own addresses. */
	readonly paths: readonly (readonly [string, string])[];
	readonly witness?: {readonly host: string; readonly port: number};
	readonly preempt: {readonly mode: 'off'} | {readonly mode: 'on'} | {readonly mode: 'after'; readonly delayMs: number};
	/** What a node does when its peer is silent on every path and no witness is configured. */
	readonly onIsolation: 'claim' | 'hold';
	/** No claim before this long after start, so that both nodes can find each other. */
	readonly startDelayMs: number;
	readonly tracks: readonly Track[];
	/** What delivers the virtual addresses besides `ip`, which every node does: adding and announcing them on its interface. */
	readonly drivers: readonly TakeoverDriver[];
	readonly hooks: readonly Hook[];
	/** Absent when it is off. */
	readonly admin?: AdminAddress;
	readonly certificates: readonly WatchedCertificate[];
	/** `keep-history`: days after which a line of the history goes; absent: when the file is full. */
	readonly historyDays?: number;
	/** When the address is moved to prove that it moves. */
	readonly drill?: DrillSchedule;
	/** When a node is in maintenance by itself. */
	readonly maintenanceWindows: readonly MaintenanceWindow[];
	/** The only times at which the address moves by preference; empty: at any time. */
	readonly failoverWindows: readonly TimeWindow[];
}

/** The five fields of crontab(5), read by `findCronProblem`, in this machine's time zone unless one is named. */
export interface Schedule {
	readonly cron: string;
	readonly timezone?: string;
	readonly position: Position;
}

export interface DrillSchedule extends Schedule {
	/** No drill sooner than this after the last move of the address, ms. */
	readonly settleMs: number;
	/** Does the address come back where nobody prefers a node (`preempt off`)? */
	readonly returns: boolean;
	/** What the probe asks the first frontend for. */
	readonly probePath: string;
}

/** Open from each time of the schedule on. */
export interface TimeWindow extends Schedule {
	readonly forMs: number;
}

export interface MaintenanceWindow extends TimeWindow {
	readonly node: string;
}

/** `admin`: where the daemon answers operators over HTTP. */
export interface AdminAddress {
	/** A literal unicast address, or `node` for the own address of each node. */
	readonly host: string;
	readonly port: number;
	/** Holds the token; absent: the daemon keeps one beside its state. */
	readonly tokenFile?: string;
	/** Further names under which it may be asked, as behind another proxy; lower case. */
	readonly hostNames: readonly string[];
}

export interface PairNode {
	readonly name: string;
	readonly address: string;
	/** 1–254; 100 by default. */
	readonly priority: number;
	readonly position: Position;
}

export interface VirtualAddress {
	readonly address: string;
	readonly prefixLength: number;
	readonly family: 4 | 6;
	readonly interface: string;
	readonly position: Position;
}

export type Track =
	| {readonly kind: 'frontend'; readonly frontend: string; readonly position: Position}
	| {readonly kind: 'backend'; readonly backend: string; readonly minUp: number; readonly position: Position}
	| ({
			readonly kind: 'script';
			readonly argv: readonly string[];
			readonly position: Position;
	  } & TrackTiming)
	| {readonly kind: 'interface'; readonly interface: string; readonly position: Position}
	| ({readonly kind: 'gateway'; readonly address: string; readonly position: Position} & TrackTiming)
	| ({readonly kind: 'process'; readonly process: string; readonly position: Position} & TrackTiming)
	/** `present`: fit while the file is there; else while it is not. */
	| ({
			readonly kind: 'file';
			readonly path: string;
			readonly present: boolean;
			readonly position: Position;
	  } & TrackTiming)
	/** Per cent of the CPU time that the hypervisor gave to others. */
	| ({readonly kind: 'steal'; readonly percent: number; readonly position: Position} & TrackTiming)
	/** How late the daemon's own timers are, ms. */
	| ({readonly kind: 'delay'; readonly delayMs: number; readonly position: Position} & TrackTiming);

export interface TrackTiming {
	readonly everyMs: number;
	readonly timeoutMs: number;
	readonly rise: number;
	readonly fall: number;
}

export type TakeoverDriver = ExecDriver | BgpDriver | ProviderDriver;

/** `takeover exec`: the program is called with `read`, `assign` or `release` and the address. */
export interface ExecDriver {
	readonly kind: 'exec';
	readonly argv: readonly string[];
	/** Whom it runs as. */
	readonly user: string;
	readonly timeoutMs: number;
	readonly position: Position;
}

/** `takeover bgp`: BIRD 2 announces the virtual addresses, which are host routes. */
export interface BgpDriver {
	readonly kind: 'bgp';
	/** The file that bird.conf includes and this driver writes. */
	readonly file: string;
	/** BIRD's control socket. */
	readonly control: string;
	readonly position: Position;
}

export type ProviderDriver = HetznerCloudDriver | DigitalOceanDriver | OpenStackDriver | AwsDriver;

interface ProviderBase {
	/** Which machine of the provider each node is: a server, droplet, port or network interface. One entry for each node. */
	readonly members: readonly {readonly node: string; readonly id: string}[];
	/** What moves, by the provider's name for it; empty = every virtual address. */
	readonly targets: readonly string[];
	readonly position: Position;
}

export interface HetznerCloudDriver extends ProviderBase {
	readonly kind: 'hetzner-cloud';
	readonly tokenFile: string;
	readonly api: string;
}

export interface DigitalOceanDriver extends ProviderBase {
	readonly kind: 'digitalocean';
	readonly tokenFile: string;
	readonly api: string;
}

/** Targets are floating IPs; without any the virtual addresses move as allowed address pairs of the ports. */
export interface OpenStackDriver extends ProviderBase {
	readonly kind: 'openstack';
	/** Keystone, up to and with `/v3`. */
	readonly authUrl: string;
	/** Id of an application credential; its secret is in the file. */
	readonly credential: string;
	readonly secretFile: string;
	readonly region?: string;
	/** Neutron, where the catalog does not say it. */
	readonly networkUrl?: string;
}

/** Targets are allocations of elastic IPs; without any the virtual addresses move as secondary private addresses. */
export interface AwsDriver extends ProviderBase {
	readonly kind: 'aws';
	readonly region: string;
	/** Absent = the credentials of the instance's role. */
	readonly credentialsFile?: string;
	readonly api: string;
	readonly metadata: string;
}

/**
 * What a hook can be told. States after RFC 5798 §6.4 and keepalived's fault; `solo` is a master alone and `paired` its end,
 * `drift` two unlike configurations and `agreed` their end. `change` is every change of state, `any` every event.
 */
export type HookEvent =
	| 'any'
	| 'change'
	| 'master'
	| 'backup'
	| 'fault'
	| 'stop'
	| 'solo'
	| 'paired'
	| 'drift'
	| 'agreed'
	| 'flap'
	| 'witness'
	| 'drill'
	| 'server-down'
	| 'server-up'
	| 'backend-down'
	| 'backend-up'
	| 'cert-expiry';

/** What every hook line may say before `exec`, `webhook` or `mail`. */
interface HookBase {
	readonly on: HookEvent;
	/** Subjects of events that are told, and that are not; `*` stands for any text. Absent: all, none. */
	readonly only?: readonly string[];
	readonly unless?: readonly string[];
	/** The state in which this node must be when the event happens. */
	readonly whileState?: 'master' | 'backup' | 'fault';
	/** Of one run or one attempt, 100–300000 ms. */
	readonly timeoutMs: number;
	readonly position: Position;
}

/** The body of a webhook as a receiver wants it. */
export type WebhookForm = 'slack' | 'teams' | 'ntfy' | 'pagerduty';

export type MailTransport =
	| {readonly kind: 'sendmail'; readonly path: string}
	| {
			readonly kind: 'smtp';
			readonly host: string;
			readonly port: number;
			/** From the first byte (`smtps://`); else STARTTLS when it is offered. */
			readonly tls: boolean;
			readonly user?: string;
	  };

export type Hook =
	| (HookBase & {readonly kind: 'exec'; readonly argv: readonly string[]})
	| (HookBase & {
			readonly kind: 'webhook';
			readonly url: string;
			/** Absent: hapair's own JSON. */
			readonly form?: WebhookForm;
			/** File with the key of the signature header; absent = unsigned. */
			readonly secretFile?: string;
			/** File with the receiver's token: PagerDuty's routing key, elsewhere `Authorization: Bearer`. */
			readonly tokenFile?: string;
			/** File with the body's text. */
			readonly templateFile?: string;
	  })
	| (HookBase & {
			readonly kind: 'mail';
			readonly to: readonly string[];
			readonly from?: string;
			readonly via: MailTransport;
			readonly passwordFile?: string;
			/** File with the mail's text; a first line `Subject: …` is its subject. */
			readonly templateFile?: string;
	  });

/** A certificate whose end the daemon watches, for `on cert-expiry`. */
export interface WatchedCertificate {
	readonly path: string;
	/** Told when it ends in fewer days than this, 1–365. */
	readonly warnDays: number;
	/** Part of the one configuration of both nodes: copied by `hapair sync`, and a difference is drift. */
	readonly isShared: boolean;
	readonly position: Position;
}
