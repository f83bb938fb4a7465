/**
 * What makes an address arrive where the network alone does not: the drivers of a pair.
 *
 * A part of the model (`../model.ts`).
 */
import type {Position} from './position.ts';

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
