/**
 * Every number that holds when the user says nothing, and every limit on what may be said: unit in the name, the manual's
 * keyword beside it. Nothing else in this package writes such a number down.
 */
import type {BalanceOptions} from './model.ts';

// --- Limits of the text ---------------------------------------------------------------------------------------------

/** Largest file that is read. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;
/** Longest line with modern lexing. */
export const MAX_LINE_BYTES = 64 * 1024;
/** Longest line with 1.4 lexing (1.4 manual, section 2). */
export const MAX_LINE_BYTES_1_4 = 2047;
/** Most words of a line with 1.4 lexing. */
export const MAX_WORDS_1_4 = 64;
/** Remarks after which reading stops. */
export const MAX_DIAGNOSTICS = 1000;
/** Addresses that all `bind` lines of all files together may make with their port ranges. */
export const MAX_BINDS = 4096;
/** `log` lines of one section. */
export const MAX_LOG_TARGETS = 16;
/** Longest name of a proxy, server, ACL or node. */
export const MAX_NAME_LENGTH = 128;

// --- global ---------------------------------------------------------------------------------------------------------

/** Global `maxconn`: connections. */
export const GLOBAL_MAXCONN = 2000;
export const MAXCONN_MAX = 1_000_000;
/** `tune.bufsize`: bytes. */
export const BUFSIZE_BYTES = 16_384;
export const BUFSIZE_MIN_BYTES = 1024;
export const BUFSIZE_MAX_BYTES = 1_048_576;
/** `tune.maxrewrite`: bytes. */
export const MAXREWRITE_BYTES = 1024;
/** `maxconnrate`, `maxsessrate`: a second. */
export const MAX_RATE = 1_048_575;
/** `spread-checks`: percent. */
export const SPREAD_CHECKS_PERCENT = 0;
export const SPREAD_CHECKS_MAX_PERCENT = 50;
/** `nbthread`: threads. */
export const NBTHREAD_MAX = 64;
/** `log`: UDP port of syslog. */
export const SYSLOG_PORT = 514;
/** `log … len`: bytes. */
export const LOG_LENGTH_BYTES = 1024;
export const LOG_LENGTH_MIN_BYTES = 80;
export const LOG_LENGTH_MAX_BYTES = 65_535;
/** `log … <level>`: 7 is debug, so nothing is dropped. */
export const LOG_LEVEL = 7;
/** `log … <minlevel>`: 0 is emerg, so nothing is capped. */
export const LOG_MIN_LEVEL = 0;

/** `stats timeout`: milliseconds. */
export const STATS_TIMEOUT_MS = 10_000;
/** `stats maxconn`: connections to the stats sockets. */
export const STATS_MAXCONN = 10;
/** `stats uri`, `stats realm` of a page whose lines do not say. */
export const STATS_URI = '/haproxy?stats';
export const STATS_REALM = 'HAProxy Statistics';
/** `stats refresh`: seconds at most. */
export const STATS_REFRESH_MAX_S = 86_400;

// --- proxies --------------------------------------------------------------------------------------------------------

/** `mode`. */
export const PROXY_MODE = 'tcp';
/** First number given to a proxy (`id`); HAProxy 2.x counts from here too. */
export const FIRST_PROXY_ID = 2;
/** `maxconn` of a frontend: connections. */
export const FRONTEND_MAXCONN = 2000;
export const BACKLOG_MAX = 1_000_000;
/** `server-template`: servers of one line. */
export const TEMPLATE_SERVERS_MAX = 4096;
/** `retries`: attempts after the first. */
export const RETRIES = 3;
export const RETRIES_MAX = 1000;
/** `balance`. */
export const BALANCE = 'roundrobin';
/** `balance rdp-cookie`: name of the cookie. */
export const RDP_COOKIE = 'mstshash';
/** `persist rdp-cookie`: name of the cookie. */
export const PERSIST_COOKIE = 'msts';
/** `hash-balance-factor`: percent. */
export const HASH_FACTOR_MAX = 65_535;
/** `balance random`: servers drawn. */
export const RANDOM_DRAWS = 2;
/** What `balance` means when nothing follows the algorithm. */
export const PLAIN_BALANCE: BalanceOptions = {
	uriLength: 0,
	uriDepth: 0,
	uriWhole: false,
	uriPathOnly: false,
	name: '',
	checkPost: false,
	domainOnly: false,
	draws: RANDOM_DRAWS,
};
/** `option smtpchk`: greeting. */
export const SMTP_HELLO = 'HELO localhost';
/** `option forwardfor`: header. */
export const FORWARDED_FOR_HEADER = 'X-Forwarded-For';
export const ORIGINAL_TO_HEADER = 'X-Original-To';
/** `option httpchk`: method, URI, version. */
export const HTTP_CHECK_METHOD = 'OPTIONS';
export const HTTP_CHECK_URI = '/';
export const HTTP_CHECK_VERSION = 'HTTP/1.0';
/** Statuses of error pages that a file may replace (`errorfile`). */
export const ERROR_STATUSES: readonly number[] = [
	200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 425, 429, 500, 501, 502, 503, 504,
];
/** `http-request deny`: status. */
export const DENY_STATUS = 403;
export const TARPIT_STATUS = 500;
export const REFUSED_RESPONSE_STATUS = 502;
/** `redirect … code`. */
export const REDIRECT_CODE = 302;
/** `capture … len`: bytes at most. */
export const CAPTURE_MAX_BYTES = 8192;
/** `fullconn`: this part of what the frontends let in (HAProxy 2.x). */
export const FULLCONN_DIVISOR = 10;

// --- servers --------------------------------------------------------------------------------------------------------

/** `weight`. */
export const SERVER_WEIGHT = 1;
export const SERVER_WEIGHT_MAX = 256;
/** `inter`: milliseconds. */
export const CHECK_INTER_MS = 2000;
/** `rise`, `fall`: checks. */
export const CHECK_RISE = 2;
export const CHECK_FALL = 3;
export const CHECK_STREAK_MAX = 65_535;
/** `maxconn`, `minconn`, `maxqueue` of a server: 0 is no limit. */
export const SERVER_UNLIMITED = 0;
/** `error-limit`: errors in a row. */
export const ERROR_LIMIT = 10;
/** `on-error`. */
export const ON_ERROR = 'fail-check';
/** Longest wait that a timer can hold: milliseconds. */
export const TIME_MAX_MS = 2_147_483_647;

// --- the pair -------------------------------------------------------------------------------------------------------

/** UDP port of `hapair witness`. */
export const WITNESS_PORT = 3695;

/** `advertise`: milliseconds, and the named profiles. */
export const ADVERTISE_MS = 200;
export const ADVERTISE_MIN_MS = 10;
export const ADVERTISE_MAX_MS = 40_000;
export const ADVERTISE_PROFILES_MS: Readonly<Record<string, number>> = {calm: 1000, default: ADVERTISE_MS, fast: 50};
/** `port` of the pair: UDP. */
export const PAIR_PORT = 3694;
/** `priority` of a node. */
export const NODE_PRIORITY = 100;
export const NODE_PRIORITY_MAX = 254;
/** `start-delay`: milliseconds. */
export const START_DELAY_MS = 3000;
export const START_DELAY_MAX_MS = 3_600_000;
/** `preempt after`: milliseconds at most. */
export const PREEMPT_DELAY_MAX_MS = 86_400_000;
/** `admin`: this machine only. */
export const ADMIN_HOST = '127.0.0.1';
export const ADMIN_PORT = 8404;
/** `on isolation`. */
export const ON_ISOLATION = 'claim';
/** `track … every / timeout`: milliseconds; `rise / fall`: results. */
export const TRACK_EVERY_MS = 2000;
export const TRACK_EVERY_MIN_MS = 100;
export const TRACK_EVERY_MAX_MS = 3_600_000;
export const TRACK_TIMEOUT_MS = 1000;
export const TRACK_RISE = 2;
export const TRACK_FALL = 2;
/** `track backend … min-up`: servers. */
export const TRACK_MIN_UP = 1;
/** `option anonymize`: bits that stay, as European authorities commonly ask. */
export const ANONYMIZE_BITS4 = 24;
export const ANONYMIZE_BITS6 = 64;
/** Bytes of a log message where the line does not say `len` and more than HAProxy's 1024 is needed: JSON, journald. */
export const LOG_LENGTH_LONG_BYTES = 8192;
/** `drill`: no drill sooner than this after a node became master or was heard again. */
export const DRILL_SETTLE_MS = 600_000;
export const DRILL_SETTLE_MAX_MS = 86_400_000;
/** `maintenance window` and `failover window`: how long one is open. */
export const WINDOW_MIN_MS = 60_000;
export const WINDOW_MAX_MS = 86_400_000;
/** `keep-history`: days. */
export const KEEP_HISTORY_MAX_DAYS = 3650;
/** Where journald listens for its native protocol. */
export const JOURNALD_SOCKET = '/run/systemd/journal/socket';
/** `on EVENT exec`: milliseconds until the command is ended. */
export const HOOK_EXEC_TIMEOUT_MS = 10_000;
/** `on EVENT webhook … timeout`, `on EVENT mail … timeout`: milliseconds. */
export const HOOK_WEBHOOK_TIMEOUT_MS = 5000;
export const HOOK_MAIL_TIMEOUT_MS = 30_000;
export const HOOK_TIMEOUT_MIN_MS = 100;
export const HOOK_TIMEOUT_MAX_MS = 300_000;
/** `on EVENT mail`: recipients of one line, and the program without `via`. */
export const HOOK_RECIPIENTS_MAX = 20;
export const SENDMAIL_PATH = '/usr/sbin/sendmail';
/** `certificate … warn`: days. */
export const CERTIFICATE_WARN_DAYS = 21;
export const CERTIFICATE_WARN_MAX_DAYS = 365;
/** `takeover exec`: milliseconds until a call is ended, and whom the program runs as. */
export const DRIVER_EXEC_TIMEOUT_MS = 10_000;
export const DRIVER_EXEC_TIMEOUT_MAX_MS = 60_000;
export const DRIVER_EXEC_USER = 'nobody';
/** `takeover … api`, `metadata`: where the providers' documentation says that they are. */
export const HETZNER_CLOUD_API = 'https://api.hetzner.cloud/v1';
export const DIGITALOCEAN_API = 'https://api.digitalocean.com/v2';
export const AWS_METADATA_URL = 'http://169.254.169.254';
/** `takeover bgp … control`: where Debian's BIRD 2 listens. */
export const BIRD_CONTROL = '/run/bird/bird.ctl';
