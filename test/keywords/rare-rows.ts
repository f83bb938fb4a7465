/** For each rare row of the keyword table a configuration that uses it: by its group, with arguments where the keyword alone is not a line. */

const ARGUMENTS: Readonly<Record<string, string>> = {
	'syntax|line limits': `acl a path ${Array.from({length: 60}, (_, n) => `/${n}`).join(' ')}`,
	'syntax|default': 'default option dontlognull',
	'global|nbproc': 'nbproc 1',
	'global|ulimit-n': 'ulimit-n 5000',
	'global|stats maxconn': 'stats maxconn 5',
	'global|maxpipes': 'maxpipes 5',
	'proxy|appsession': 'appsession SID len 10 timeout 1m',
	'proxy|backlog': 'backlog 100',
	'proxy|bind-process': 'bind-process all',
	'proxy|description': 'description text',
	'proxy|dispatch': 'dispatch 127.0.0.1:80',
	'proxy|grace': 'grace 100',
	'proxy|http-send-name-header': 'http-send-name-header X-Name',
	'proxy|monitor-net': 'monitor-net 192.0.2.0/24',
	'proxy|reqsetbe': 'reqsetbe ^X: b',
	'proxy|reqisetbe': 'reqisetbe ^X: b',
	'proxy|server (no address)': 'server s :80',
	'proxy|source usesrc': 'source 127.0.0.1 usesrc clientip',
	'proxy|source interface': 'source 127.0.0.1 interface lo',
	'proxy|stats scope': 'stats scope .',
	'proxy|stick store-response': 'stick-table type ip size 10\n stick store-response src',
	'proxy|stick-table type integer': 'stick-table type integer size 10',
	'proxy|stick-table type string': 'stick-table type string len 8 size 10',
	'proxy|timeout clitimeout': 'timeout clitimeout 1s',
	'proxy|timeout contimeout': 'timeout contimeout 1s',
	'proxy|timeout srvtimeout': 'timeout srvtimeout 1s',
	'proxy option|option mysql-check (no user)': 'option mysql-check',
	'balance argument|whole': 'balance uri whole',
	'balance argument|len': 'balance uri len 5',
	'balance argument|depth': 'balance uri depth 5',
	'balance argument|check_post': 'balance url_param a check_post',
	'balance argument|use_domain_only': 'balance hdr(host) use_domain_only',
	'cookie option|cookie ... preserve': 'cookie X insert preserve',
	'cookie option|cookie ... maxidle': 'cookie X insert maxidle 1m',
	'cookie option|cookie ... maxlife': 'cookie X insert maxlife 1m',
	'redirect option|append-slash': 'redirect prefix / append-slash if { path /a }',
	'redirect option|set-cookie': 'redirect prefix /a set-cookie X=1 if { path /b }',
	'redirect option|clear-cookie': 'redirect prefix /a clear-cookie X= if { path /b }',
	'acl flag|--': 'acl a path -- -i',
	'acl operator|decimal': 'acl a req_ssl_ver 3.1',
	'server option|redir': 'server s 127.0.0.1:80 redir http://x',
	'server option|source usesrc': 'server s 127.0.0.1:80 source 127.0.0.1 usesrc clientip',
	'server option|source interface': 'server s 127.0.0.1:80 source 127.0.0.1 interface lo',
	'bind option|id': 'bind 127.0.0.1:82 id 7',
	'bind option|interface': 'bind 127.0.0.1:82 interface lo',
	'bind option|mss': 'bind 127.0.0.1:82 mss 1400',
	'stick pattern fetch|dst': 'stick-table type ip size 10\n stick on dst',
	'stick pattern fetch|dst_port': 'stick-table type integer size 10\n stick on dst_port',
	'stick pattern conversion|lower': 'stick-table type string len 9 size 10\n stick on hdr(x),lower',
	'stick pattern conversion|upper': 'stick-table type string len 9 size 10\n stick on hdr(x),upper',
	'stick pattern conversion|ipmask': 'stick-table type ip size 10\n stick on src,ipmask(255.255.255.0)',
};

/** The least a criterion can be asked about. */
function criterion(name: string): string {
	if (/^(always_|http_first_req|req_proto_http|wait_end)/.test(name)) return name;
	if (/_ip$/.test(name)) return `${name} 192.0.2.1`;
	if (/^(req|resp)_ver$/.test(name)) return `${name} 1.1`;
	if (name === 'srv_id') return 'srv_id 1';
	if (/_(dir|dom)$/.test(name)) return `${name} a`;
	return name === 'req_rdp_cookie' ? 'req_rdp_cookie(x) a' : `${name} 1`;
}

function lineOf(group: string, keyword: string): string {
	const given = ARGUMENTS[`${group}|${keyword}`];
	if (given !== undefined) return given;
	if (group.startsWith('acl criterion')) return `acl a ${criterion(keyword)}`;
	if (group === 'acl predefined') return `http-request deny if ${keyword}`;
	if (group === 'log') return `log 127.0.0.1 ${keyword.replace('facility ', '')}`;
	if (group === 'bind option') return `bind 127.0.0.1:82 ${keyword}`;
	if (group === 'appsession option') {
		const isSaid = ['len', 'timeout'].includes(keyword);
		return `appsession SID len 10 timeout 1m${isSaid ? '' : ` ${keyword}${keyword === 'mode' ? ' query-string' : ''}`}`;
	}
	if (/^(req|rsp)/.test(keyword)) return `${keyword} ^X:`;
	return keyword.startsWith('tune.') ? `${keyword} 16384` : keyword;
}

/** The configuration, in which only the row's own line can be refused. */
export function configurationOf(group: string, keyword: string): string {
	if (group === 'section') return `${keyword} x\n`;
	const line = lineOf(group, keyword);
	const inGlobal = group === 'global' ? ` ${line}\n` : '';
	const inProxy = group === 'global' ? '' : ` ${line}\n`;
	return `global\n${inGlobal}defaults
 mode http
 timeout connect 1s
 timeout client 1s
 timeout server 1s
backend b
 server s 127.0.0.1:80
listen l 127.0.0.1:81
${inProxy}`;
}
