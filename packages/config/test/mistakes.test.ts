/** Whole files with many mistakes: every mistake is told, at its place, with what to do, and none is told twice. */
import test from 'ava';
import {remarks} from './helpers/parse.ts';

test('ten mistakes of a web farm are ten errors', t => {
	const text = `global
	maxconn ten
	lgo 127.0.0.1 local0
defaults
	mode htpp
	timeout client 5x
	timeout conect 5s
	timeout server 50s
frontnd web
	bind *:99999
	acl static path_bgn /static
	use_backend statics if static
	default_backend app
backend app
	balance roundrobn
	server a 10.0.0.1:80 chek
`;
	t.deepEqual(remarks(text), [
		"error 2:10 maxconn: 'ten' is not a whole number (a number from 1 to 1000000)",
		"error 3:2 unknown keyword 'lgo' in section 'global' (did you mean 'log'?)",
		"error 5:7 mode: 'htpp' is not known (did you mean 'http'?)",
		"error 6:17 the timeout: '5x' is not a time (digits and one of us, ms, s, m, h, d; without a unit it is milliseconds)",
		"error 7:10 unknown 'timeout conect' in section 'defaults' (did you mean 'connect'?)",
		"error 9:1 unknown section 'frontnd' (did you mean 'frontend'?)",
		"error 10:9 '99999' is not a port (a number from 1 to 65535, or a range such as 8000-8009)",
		"error 11:13 'path_bgn' is not an ACL criterion (did you mean 'path_beg'?)",
		"error 12:14 there is no backend 'statics' (add a section 'backend statics')",
		"error 15:10 'roundrobn' is not a balance algorithm (did you mean 'roundrobin'?)",
		"error 16:23 'chek' is not a server option (did you mean 'check'?)",
	]);
});

test('ten mistakes of a backend are ten errors', t => {
	const text = `defaults
 mode http
 timeout client 5s
 timeout server 5s
 timeout connect 5s
 errorfile 599 /etc/hapair/599.http
frontend web
 bind 10.0.0.1
 option httplogg
 redirect location /new code 304 if { path /old }
 default_backend app
backend app
 cookie SERVERID insert prefix
 option httpchk HEAD health
 server a 10.0.0.300:80 check
 server b 10.0.0.2:80 weight 300
 server b 10.0.0.3:80
 server c 10.0.0.4 check
 server d
`;
	t.deepEqual(remarks(text), [
		"error 6:12 errorfile: '599' is not a status it can replace (one of 200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 425, 429, 500, 501, 502, 503, 504)",
		"error 8:7 '10.0.0.1' has no port (write 10.0.0.1:80)",
		"error 9:9 unknown 'option httplogg' in section 'frontend' (did you mean 'httplog'?)",
		"error 10:30 '304' is not a redirect code (one of 301, 302, 303, 307, 308)",
		"error 13:25 'prefix' and 'insert' exclude each other (keep one of insert, rewrite, prefix)",
		"error 14:22 'health' is not a URI (a path that begins with /, such as /health)",
		"error 15:11 '10.0.0.300' is not an IPv4 address (four numbers from 0 to 255, as in 10.0.0.1)",
		'error 16:30 weight: 300 is out of range (a number from 0 to 256)',
		"error 17:9 the name 'b' is taken by the server on line 16 (server names are unique in their backend)",
		"error 18:9 server 'c' is checked and has no port to check (give its address a port, or say 'port N')",
		"error 19:9 the address of server 'd' is missing at the end of this line (server NAME ADDRESS:PORT [check] [weight N] …)",
	]);
});

test('ten mistakes of a pair are ten errors', t => {
	const text = `pair oslo
 node lb1 10.0.0.11 priority 255
 node lb2 10.0.0
 virtual-ip 10.0.0.100 dev eth0
 virtual-ip 10.0.0.101/24 eth0
 advertise fasst
 secret /etc/hapair/pair.key
 path 192.168.7.11 192.168.7
 preempt later
 track backend web min-up 1
 track script "check" every 2s
 takeover ipp
 on mastr exec /etc/hapair/hooks/notify
 on master webhook ftp://example.com/
 on isolation claimm
`;
	t.deepEqual(remarks(text), [
		'error 2:30 priority: 255 is out of range (a number from 1 to 254)',
		"error 3:11 the address of node 'lb2': '10.0.0' is not an address (a literal address; names are not resolved here)",
		"error 4:13 the virtual address '10.0.0.100' has no prefix length (write 10.0.0.100/24, as on the interface)",
		"error 5:27 'eth0' is not 'dev' (virtual-ip ADDRESS/LENGTH dev INTERFACE)",
		"error 6:12 advertise: 'fasst' is neither a time nor a profile (did you mean 'fast'?)",
		"error 7:9 '/etc/hapair/pair.key' is not 'file' (secret file PATH: keys stand in files, never in the configuration)",
		"error 8:20 the second node's address: '192.168.7' is not an address (a literal address; names are not resolved here)",
		"error 9:10 preempt: 'later' is not known (one of off, on, after)",
		"error 10:16 there is no backend 'web' to track",
		"error 11:15 'check' is not an absolute path (name the program by its full path; no shell is used)",
		"error 12:11 unknown 'takeover ipp' in section 'pair' (did you mean 'ip'?)",
		"error 13:5 unknown 'on mastr' in section 'pair' (did you mean 'master'?)",
		"error 14:20 'ftp://example.com/' is not an http or https URL (such as https://alerts.example.com/hapair)",
		"error 15:15 on isolation: 'claimm' is not known (did you mean 'claim'?)",
	]);
});

test('ten mistakes of text and logs are ten errors', t => {
	const text = `bind *:80
global
 log 127.0.0.1 locale0
 log 127.0.0.1:99999 local0
 log stdout format rawr daemon
 stats socket /run/x.sock level root
 pidfile hapair.pid
 nbthread 0
 user "root
 node \\x4
 no maxconn 5
 no
defaults x y
`;
	t.deepEqual(remarks(text), [
		"error 1:1 'bind' stands outside of any section (a file begins with global, defaults, frontend, listen, backend, pair, userlist, http-errors)",
		"error 3:16 'locale0' is not a log facility (did you mean 'local0'?)",
		'error 4:6 the port: 99999 is out of range (a number from 1 to 65535)',
		"error 5:20 'rawr' is not a log format (rfc3164, local, raw, rfc5424, priority, short, timed, iso)",
		"error 6:33 level: 'root' is not known (one of user, operator, admin)",
		"error 7:10 'hapair.pid' is not an absolute path (a path from the root, such as /run/hapair.pid)",
		'error 8:11 nbthread: 0 is out of range (a number from 1 to 64)',
		'error 9:7 the double quote is never closed (close it on the same line, or write \\" for a quote that is text)',
		'error 10:7 a \\x needs two hexadecimal digits after it (write \\x20 for a space)',
		"error 11:2 'no' cannot stand before 'maxconn' (it inverts 'option' lines and 'log')",
		"error 12:2 'no' needs a keyword after it (such as no option redispatch)",
		"error 13:12 'y' is one word too many here (defaults [NAME] [from DEFAULTS])",
	]);
});

const basis = (frontend: string, backend: string) =>
	`defaults\n mode http\n timeout client 5s\n timeout server 5s\n timeout connect 5s\nfrontend web\n bind *:80\n${frontend} default_backend app\nbackend app\n cookie S insert\n${backend} server s 10.0.0.1:80 cookie c\n`;

/** Each is one mistake, whatever hangs on it. */
const single: Readonly<Record<string, string>> = {
	'a mistyped mode': basis('', '').replace('mode http', 'mode htpp'),
	'a mistyped mode of the backend alone': basis('', ' mode htpp\n')
		.replace(' mode http\n', '')
		.replace('frontend web\n', 'frontend web\n mode http\n'),
	'a quote on a line that is wrong otherwise too': basis('', '').replace('*:80', '*:99999 "x'),
	'a mode of later': basis(' redirect location /\n', '').replace('mode http', 'mode log'),
	'a mistyped timeout': basis('', '').replace('timeout connect', 'timeout conect'),
	'a mistyped word timeout': basis('', '').replace('timeout connect', 'timeuot connect'),
	'a bind line that is none': basis('', '').replace('bind', 'bnid'),
	'a bind line that is refused': basis('', '').replace('*:80', '*:x'),
	'a mistyped acl keyword': basis(' acll s path /\n redirect location / if s\n', ''),
	'a refused acl': basis(' acl s pth /\n redirect location / if s\n', ''),
	'a mistyped server': basis('', '')
		.replace(' server', ' sever')
		.concat(
			'pair p\n node a 10.0.0.1 priority 2\n node b 10.0.0.2\n virtual-ip 10.0.0.3/24 dev eth0\n secret file /k\n track backend app\n',
		),
	'a mistyped section': basis('', '').replace('\nbackend app', '\nbakcend app'),
	'a section word in capitals': basis('', '').replace('\nfrontend', '\nFrontend'),
	'a section of later': `${basis('', '')}peers p\n peer a 10.0.0.1:1024\n table t\n`,
	'a bad section name': basis('', '').replace('frontend web', 'frontend we/b'),
	'a bad backend name': basis('', '').replaceAll('app', 'a/pp').replace('default_backend a/pp\n', ''),
	'an unknown server option with a value': basis('', ' server t 10.0.0.2:80 wieght 5 check\n'),
	'a server option of later': basis('', ' server t 10.0.0.2:80 ssl verify none ca-file /x check\n'),
	'a bind option of later': basis(' bind *:443 ssl crt /etc/x.pem alpn h2\n', ''),
	'a quote that never closes in an acl': basis(' acl s path "/x\n redirect location / if s\n', ''),
	'a mistyped node':
		'pair p\n ndoe a 10.0.0.1 priority 2\n node b 10.0.0.2\n virtual-ip 10.0.0.3/24 dev eth0\n secret file /k\n',
	'a mistyped virtual-ip':
		'pair p\n node a 10.0.0.1 priority 2\n node b 10.0.0.2\n virtal-ip 10.0.0.3/24 dev eth0\n secret file /k\n',
};

for (const [name, text] of Object.entries(single)) {
	test(`one mistake is one remark: ${name}`, t => {
		t.deepEqual(remarks(text).length, 1, remarks(text).join('\n'));
	});
}

test('without the mistake nothing is said', t => {
	t.deepEqual(remarks(basis('', '')), []);
});
