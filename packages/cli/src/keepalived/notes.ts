/**
 * What of a keepalived.conf does not come along, and why: the sentences. Pure.
 *
 * Decides for each keyword whether it is `lost` (the reader has to do something or do without), `changed` (carried over in another
 * way) or `moot` (nothing to say in hapair). Leaves what is carried over to `pair-lines.ts`.
 */
export interface Note {
	readonly file: string;
	readonly line: number;
	readonly kind: 'lost' | 'changed' | 'moot';
	readonly message: string;
}

type Reason = readonly [Note['kind'], string];

const garp: Reason = [
	'lost',
	'announcements go out at 0, 50, 100, 200 and 400 ms, four more 1.1 s apart, then every 30 s; that cannot be set',
];
const mail: Reason = [
	'lost',
	'hapair sends no mail; call a program: on change exec PATH (deploy/hooks/notify-mail.sh)',
];
const wire: Reason = ['moot', 'advertisements are not VRRP: signed UDP datagrams to the address of the other node'];
const mac: Reason = ['lost', 'there is no virtual MAC address; neighbours learn the new one from the announcements'];
const withAddress: Reason = [
	'lost',
	'set it in a program called by on master exec, and take it back in one called by on backup exec',
];
const network: Reason = ['lost', "this belongs into the machine's own network configuration"];
const lvs: Reason = ['lost', 'LVS is not hapair; write a frontend and a backend, in mode tcp where it is not HTTP'];
const own: Reason = ['moot', 'the heartbeat is a process of its own and raises its own priority'];
const feed: Reason = ['lost', 'instead of a FIFO: hapair watch --json, a line for each happening'];

const REASONS: Readonly<Record<string, Reason>> = {
	state: ['moot', 'the nodes find out who is master; priority says who is preferred'],
	virtual_router_id: ['moot', "the pair's name and its key tell pairs apart"],
	authentication: [
		'changed',
		'advertisements are signed with the key of "secret file"; make it with: hapair keygen (a VRRP password travels in clear)',
	],
	lower_prio_no_advert: ['moot', 'both nodes advertise always; between two masters the higher term decides'],
	higher_prio_send_advert: ['moot', 'both nodes advertise always; between two masters the higher term decides'],
	check_unicast_src: ['moot', "a datagram without the pair's signature is always refused"],
	track_src_ip: ['lost', 'a node that lost its own address is silent on that path; add a second path'],
	track_bfd: ['lost', 'there is no BFD; advertise fast finds a dead peer in a quarter of a second'],
	bfd_instance: ['lost', 'there is no BFD; advertise fast finds a dead peer in a quarter of a second'],
	track_file: ['lost', 'values of files are not added to a priority; track file PATH present or absent is there'],
	vrrp_track_file: ['lost', 'values of files are not added to a priority; track file PATH present or absent is there'],
	down_timer_adverts: ['lost', 'a master is replaced after three intervals and a skew; shorten advertise instead'],
	no_accept: ['lost', 'the master accepts packets to the virtual address'],
	accept: ['moot', 'the master accepts packets to the virtual address'],
	strict_mode: ['moot', 'advertisements are not VRRP'],
	vrf: ['lost', 'VRFs are not known'],
	promote_secondaries: ['lost', 'set the sysctl net.ipv4.conf.INTERFACE.promote_secondaries yourself'],
	notify_master_rx_lower_pri: ['lost', 'use on change exec'],
	notify_deleted: ['lost', 'use on stop exec'],
	notify_priority_changes: ['moot', 'priorities do not change while it runs'],
	script_user: [
		'changed',
		'programs run as the user of the daemon, root; a program that others could change is refused',
	],
	enable_script_security: ['moot', 'a program that others could change is always refused'],
	net_namespace: ['lost', 'start the service itself in the network namespace'],
	group: ['moot', 'all addresses of a pair move together'],
	global_tracking: ['moot', 'all addresses of a pair move together'],
	debug: ['moot', 'hapair run --log-level debug'],
	dynamic_interfaces: ['moot', 'an interface may appear later; until then the node cannot hold the address'],
	vrrp_strict: wire,
	SSL: lvs,
};

const PATTERNS: readonly (readonly [RegExp, Reason])[] = [
	[/garp|gna_/, garp],
	[/smtp|notification_email/, mail],
	[/^(vrrp_)?version$|native_ipv6|checksum|mcast_(group|dst)|unicast_(ttl|fault)|_rx_buf|linkbeat/, wire],
	[/use_vmac|vmac_xmit|use_ipvlan|vmac_prefix/, mac],
	[/^virtual_(routes|rules)$/, withAddress],
	[/^static_/, network],
	[/^virtual_server|^real_server|^lvs_|^checker_/, lvs],
	[/priority$|no_swap$|rt_|rlimit|cpu_affinity/, own],
	[/fifo/, feed],
	[/snmp|dbus/, ['lost', 'hapair status --json, hapair watch --json and the statistics of the proxy tell instead']],
];

/** Why a statement is not carried over as it is. */
export function explainKeyword(keyword: string): Reason {
	const known = Object.hasOwn(REASONS, keyword) ? REASONS[keyword] : undefined;
	return (
		known ??
		PATTERNS.find(([pattern]) => pattern.test(keyword))?.[1] ?? ['lost', 'hapair has nothing that corresponds to it']
	);
}
