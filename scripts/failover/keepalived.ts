/**
 * The pair that hapair is measured against: Debian's keepalived and haproxy on the nodes of a lab.
 *
 * Decides their configuration: VRRPv3 over unicast at 200 ms, the article's directives in the spelling haproxy 2.6 takes.
 */
import type {ChildProcess} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Lab} from '../../test/lab/lab.ts';
import {killPid, runIn, spawnIn} from '../../test/lab/namespaces.ts';
import {addresses, type NodeRole, virtualAddress} from '../../test/lab/network.ts';
import {findTool} from '../../test/lab/tools.ts';
import {waitFor} from '../../test/lab/wait.ts';

const nodes = ['lb1', 'lb2'] as const;

function haproxyConfig(): string {
	const server = (role: 'web1' | 'web2' | 'web3') =>
		`    server ${role} ${addresses[role]}:80 check cookie ${role} inter 2000 rise 2 fall 3`;
	return `global
    maxconn 4096
    nbthread 2
defaults
    mode http
    retries 3
    option redispatch
    timeout connect 5000
    timeout client 50000
    timeout server 50000
frontend http-in
    bind *:80
    default_backend web_servers
backend web_servers
    balance roundrobin
    option httpchk HEAD /health_check.php HTTP/1.0
    cookie SERVERID insert indirect nocache
${(['web1', 'web2', 'web3'] as const).map(server).join('\n')}
`;
}

function keepalivedConfig(node: NodeRole): string {
	const peer = node === 'lb1' ? 'lb2' : 'lb1';
	return `global_defs {
    vrrp_version 3
    vrrp_startup_delay 0
}
vrrp_instance lab {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority ${node === 'lb1' ? 150 : 100}
    advert_int 0.2
    nopreempt
    unicast_src_ip ${addresses[node]}
    unicast_peer {
        ${addresses[peer]}
    }
    virtual_ipaddress {
        ${virtualAddress}/24 dev eth0
    }
}
`;
}

export class KeepalivedPair {
	readonly #lab: Lab;
	readonly #daemons = new Map<NodeRole, ChildProcess>();

	constructor(lab: Lab) {
		this.#lab = lab;
	}

	/** Starts everything; resolves when `lb1` holds the address and `lb2` has had time to hear it. */
	async start(): Promise<void> {
		await Promise.all((['web1', 'web2', 'web3'] as const).map(role => this.#lab.startWeb(role)));
		const haproxy = join(this.#lab.directory, 'haproxy.cfg');
		writeFileSync(haproxy, haproxyConfig());
		for (const node of nodes) {
			const namespace = this.#lab.network.namespaceOf(node);
			spawnIn(namespace, [findTool('haproxy'), '-db', '-q', '-f', haproxy], {stdio: 'ignore'});
			const own = join(this.#lab.directory, `${node}.keepalived.conf`);
			writeFileSync(own, keepalivedConfig(node), {mode: 0o600});
			const pidFiles = ['-p', 'keepalived', '-r', 'vrrp'].map(word => {
				return word.startsWith('-') ? word : join(this.#lab.directory, `${node}.${word}.pid`);
			});
			const argv = [findTool('keepalived'), '-n', '-P', '-f', own, ...pidFiles];
			this.#daemons.set(node, spawnIn(namespace, argv, {stdio: 'ignore'}));
			await waitFor(`${node} to have started`, () => (node === 'lb1' ? this.#holds('lb1') : true), {
				deadlineMs: 15_000,
			});
		}
		await waitFor('two seconds of peace', () => this.#holds('lb1'));
		await new Promise(resolve => setTimeout(resolve, 2000));
	}

	#holds(node: NodeRole): boolean {
		const shown = runIn(this.#lab.network.namespaceOf(node), [findTool('ip'), '-4', 'addr', 'show', 'dev', 'eth0']);
		return shown.includes(`${virtualAddress}/`);
	}

	async cutPower(): Promise<void> {
		this.#lab.cutPower('lb1');
		await waitFor('lb2 to hold the address', () => this.#holds('lb2'));
	}

	/** The whole process group: keepalived's parent would start its child again. */
	async signalDaemon(name: NodeJS.Signals): Promise<void> {
		killPid(-(this.#daemons.get('lb1')?.pid ?? 0), name);
	}
}
