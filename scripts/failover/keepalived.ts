/**
 * The pair that hapair is measured against: Debian's keepalived and haproxy on the nodes of a lab.
 *
 * Decides their configuration: VRRPv3 over unicast, a check each second that haproxy runs, the article's directives in the spelling
 * haproxy 2.6 takes.
 */
import type {ChildProcess} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {addressOf, bindOf, type Family, virtualAddresses} from '../../test/lab/families.ts';
import type {Lab} from '../../test/lab/lab.ts';
import {killPid, runIn, spawnIn} from '../../test/lab/namespaces.ts';
import type {NodeRole} from '../../test/lab/network.ts';
import {findTool} from '../../test/lab/tools.ts';
import {letPassMs, waitFor} from '../../test/lab/wait.ts';
import type {PairSettings, Stack} from './stack.ts';

const nodes = ['lb1', 'lb2'] as const;
const webs = ['web1', 'web2', 'web3'] as const;

const haproxyConfig = (family: Family) => `global
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
    bind ${bindOf(family)}
    default_backend web_servers
backend web_servers
    balance roundrobin
    option httpchk HEAD /health_check.php HTTP/1.0
    cookie SERVERID insert indirect nocache
${webs.map(role => `    server ${role} ${addressOf(family, role)}:80 check cookie ${role} inter 2000 rise 2 fall 3`).join('\n')}
`;

function keepalivedConfig(
	node: NodeRole,
	family: Family,
	haproxyPid: number,
	{interval, preempt}: PairSettings,
): string {
	const peer = node === 'lb1' ? 'lb2' : 'lb1';
	// One instance speaks one family; the address of the other one moves along. With /128 keepalived keeps IPv6 addresses from being sources.
	const [first, ...others] = virtualAddresses(family).map(address => `${address.replace('/64', '/128')} dev eth0`);
	return `global_defs {
    vrrp_version 3
    vrrp_startup_delay 0
    enable_script_security
    script_user root
}
vrrp_script haproxy {
    script "/bin/kill -0 ${haproxyPid}"
    interval 1
    fall 1
    rise 1
}
vrrp_instance lab {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority ${node === 'lb1' ? 150 : 100}
    advert_int ${interval === 'fast' ? '0.05' : '0.2'}
    ${preempt === true ? '' : 'nopreempt'}
    unicast_src_ip ${addressOf(family, node)}
    unicast_peer {
        ${addressOf(family, peer)}
    }
    virtual_ipaddress {
        ${first}
    }
${others.map(other => `    virtual_ipaddress_excluded {\n        ${other}\n    }\n`).join('')}    track_script {
        haproxy
    }
}
`;
}

export class KeepalivedStack implements Stack {
	readonly lab: Lab;
	readonly #daemons = new Map<NodeRole, ChildProcess>();
	readonly #proxies = new Map<NodeRole, ChildProcess>();

	constructor(lab: Lab) {
		this.lab = lab;
	}

	async start(settings: PairSettings): Promise<void> {
		await Promise.all(webs.map(role => this.lab.startWeb(role)));
		const haproxy = join(this.lab.directory, 'haproxy.cfg');
		const {family} = this.lab.network;
		writeFileSync(haproxy, haproxyConfig(family));
		for (const node of nodes) {
			const namespace = this.lab.network.namespaceOf(node);
			const proxy = spawnIn(namespace, [findTool('haproxy'), '-db', '-q', '-f', haproxy], {stdio: 'ignore'});
			this.#proxies.set(node, proxy);
			const own = join(this.lab.directory, `${node}.keepalived.conf`);
			writeFileSync(own, keepalivedConfig(node, family, proxy.pid ?? 0, settings), {mode: 0o600});
			const file = (word: string) => join(this.lab.directory, `${node}.${word}.pid`);
			const argv = [findTool('keepalived'), '-n', '-P', '-f', own, '-p', file('keepalived'), '-r', file('vrrp')];
			this.#daemons.set(node, spawnIn(namespace, argv, {stdio: 'ignore'}));
			if (node === 'lb1') await this.waitForHolder('lb1');
		}
		// lb2 says nothing that could be waited for.
		await letPassMs(2000);
		await this.waitForHolder('lb1');
	}

	async waitForHolder(node: NodeRole): Promise<void> {
		const namespace = this.lab.network.namespaceOf(node);
		const holds = () =>
			runIn(namespace, [findTool('ip'), 'addr', 'show', 'dev', 'eth0']).includes(` ${this.lab.virtualAddress}/`);
		await waitFor(`${node} to hold the address`, holds, {deadlineMs: 60_000});
	}

	/** The whole process group: keepalived's parent would start its child again. */
	signalElection(signal: NodeJS.Signals): void {
		killPid(-(this.#daemons.get('lb1')?.pid ?? 0), signal);
	}

	signalProxy(signal: NodeJS.Signals): void {
		killPid(-(this.#proxies.get('lb1')?.pid ?? 0), signal);
	}

	async stop(): Promise<void> {
		this.signalElection('SIGTERM');
		await letPassMs(2000);
	}

	electionPids(): number[] {
		return [Number(readFileSync(join(this.lab.directory, 'lb1.vrrp.pid'), 'latin1'))];
	}
}
