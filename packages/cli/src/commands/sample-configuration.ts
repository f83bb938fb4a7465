/**
 * The pair configuration that `hapair init` writes. Pure.
 *
 * Decides the recommended form: the article's proxy, a pair with sensible tracks, everything else as a comment to uncomment.
 */
export interface SampleAnswers {
	readonly pairName: string;
	/** `lb1`, `10.0.0.11` and a priority, twice. */
	readonly nodes: readonly {readonly name: string; readonly address: string; readonly priority: number}[];
	/** With prefix length. */
	readonly virtualAddress: string;
	readonly interface: string;
	readonly bind: string;
	readonly servers: readonly {readonly name: string; readonly address: string}[];
	readonly keyFile: string;
}

export function writeSampleConfiguration(answers: SampleAnswers): string {
	const nodes = answers.nodes.map(({name, address, priority}) => `    node ${name} ${address} priority ${priority}`);
	const servers = answers.servers.map(
		({name, address}) => `    server ${name} ${address} check cookie ${name} inter 2000 rise 2 fall 3`,
	);
	return `# One file for both nodes: each knows itself by its address. Check it with: hapair check -f FILE
global
    log 127.0.0.1 local0
    maxconn 4096
    user hapair-proxy
    group hapair-proxy

defaults
    log global
    mode http
    option httplog
    option dontlognull
    option redispatch
    retries 3
    maxconn 2000
    timeout connect 5s
    timeout client 50s
    timeout server 50s

frontend http-in
    bind ${answers.bind}
    default_backend web_servers

backend web_servers
    balance roundrobin
    # A page that proves that the server can do its work; 2xx and 3xx pass.
    option httpchk HEAD / HTTP/1.0
    cookie SERVERID insert indirect nocache
${servers.join('\n')}

pair ${answers.pairName}
${nodes.join('\n')}
    virtual-ip ${answers.virtualAddress} dev ${answers.interface}
    advertise 200ms
    secret file ${answers.keyFile}
    preempt off
    track frontend http-in
    track interface ${answers.interface}
    # Tell somebody; the program gets keepalived's four arguments and HAPAIR_* variables:
    # on change exec /etc/hapair/hooks/notify
`;
}
