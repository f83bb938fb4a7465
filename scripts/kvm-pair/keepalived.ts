/**
 * Debian's keepalived and haproxy in the same guests, to measure the same event with.
 *
 * Decides their configuration: VRRPv3 over unicast with the interval of hapair's pair, and the same servers behind. hapair is stopped for it
 * and stays stopped: this comes last.
 */
import {addresses, virtualAddress} from '../../test/lab/network.ts';
import {letPassMs, waitFor} from '../../test/lab/wait.ts';
import type {Guest} from './guest.ts';
import {askEveryMs, otherThan, type Pair, powerAll, type Roles} from './pair.ts';
import type {Stage} from './stage.ts';

export const keepalivedPackages = ['keepalived', 'haproxy'];

const haproxyConfig = `global
    maxconn 4096
defaults
    mode http
    retries 3
    option redispatch
    timeout connect 5s
    timeout client 50s
    timeout server 50s
frontend http-in
    bind *:80
    default_backend web_servers
backend web_servers
    balance roundrobin
    option httpchk HEAD / HTTP/1.0
    cookie SERVERID insert indirect nocache
${(['web1', 'web2', 'web3'] as const).map(role => `    server ${role} ${addresses[role]}:80 check cookie ${role} inter 2000 rise 2 fall 3`).join('\n')}
`;

const keepalivedConfig = (node: 'lb1' | 'lb2', intervalSeconds: number) => `global_defs {
    vrrp_version 3
}
vrrp_instance main {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority ${node === 'lb1' ? 150 : 100}
    advert_int ${intervalSeconds}
    nopreempt
    unicast_src_ip ${addresses[node]}
    unicast_peer {
        ${addresses[node === 'lb1' ? 'lb2' : 'lb1']}
    }
    virtual_ipaddress {
        ${virtualAddress}/24 dev eth0
    }
}
`;

export class KeepalivedPair implements Pair {
	readonly title = 'keepalived + haproxy';
	readonly stage: Stage;

	constructor(stage: Stage) {
		this.stage = stage;
	}

	async make(intervalSeconds: number): Promise<void> {
		await powerAll(this.stage);
		for (const node of ['lb1', 'lb2'] as const) {
			const write = (path: string, text: string) => `cat >${path} <<'END'\n${text}END\n`;
			await this.stage.guests[node].mustRun(
				`systemctl disable --now hapair 2>&1
${write('/etc/haproxy/haproxy.cfg', haproxyConfig)}${write('/etc/keepalived/keepalived.conf', keepalivedConfig(node, intervalSeconds))}
systemctl enable --now haproxy keepalived 2>&1`,
				{limitMs: 120_000},
			);
		}
	}

	async awaitPair(): Promise<Roles> {
		await powerAll(this.stage);
		const {lb1, lb2} = this.stage.guests;
		return waitFor(
			'one node with the address',
			async () => {
				const [one, other] = await Promise.all([this.#holds(lb1), this.#holds(lb2)]);
				if (one === other) return undefined;
				return one ? {master: lb1, backup: otherThan(lb1, this.stage)} : {master: lb2, backup: lb1};
			},
			{deadlineMs: 120_000, everyMs: askEveryMs[this.stage.accelerator.name]},
		);
	}

	async awaitHolder(guest: Guest): Promise<void> {
		const everyMs = askEveryMs[this.stage.accelerator.name];
		await letPassMs(everyMs);
		await waitFor(`${guest.name} to hold the address`, () => this.#holds(guest), {deadlineMs: 120_000, everyMs});
	}

	async #holds(guest: Guest): Promise<boolean> {
		const {stdout} = await guest.run('systemctl is-active keepalived haproxy; ip -4 addr show dev eth0');
		return stdout.startsWith('active\nactive\n') && stdout.includes(` ${virtualAddress}/`);
	}
}
