/**
 * Would the network accept that the virtual address moves here? Judged from a rehearsal with an address that nobody uses.
 *
 * Decides what each outcome means for `takeover ip`, and by what name such networks go. Where a driver moves the address the
 * announcement need not work, so it is no failure then. Leaves the frames to `rehearsal-program.ts` and the choice of device and
 * addresses to `../rehearse.ts`.
 */
import {type Finding, finding} from '../finding.ts';

const check = 'announcement';

/** What the program reported. */
export interface Rehearsal {
	/** The peer's hardware address; absent when it did not answer. */
	readonly peerMac?: string;
	/** The peer answers an echo from this node's own address. */
	readonly echo: boolean;
	/** Addresses that were asked for and answered, with who answered. */
	readonly used: ReadonlyMap<string, string>;
	/** What was rehearsed with; absent when every candidate was used. */
	readonly address?: string;
	/** The peer asked for it by ARP when a packet came from it; `early`: it knew it already. */
	readonly asked?: 'yes' | 'no' | 'early';
	/** It learned it by gratuitous ARP, else by an ordinary ARP answer. */
	readonly garp?: boolean;
	readonly answer?: boolean;
	/** The peer answered ARP to the virtual address itself, and an echo from it; absent when not asked. */
	readonly sender?: boolean;
	readonly virtualEcho?: boolean;
}

export interface AnnouncementFacts {
	readonly device: string;
	readonly peer: string;
	readonly virtualAddress: string;
	/** Drivers of the pair: the announcement need not work then. */
	readonly drivers: readonly string[];
	/** Why there was no rehearsal, as a sentence, with what to do. */
	readonly obstacle?: {readonly message: string; readonly hint?: string; readonly isFatal?: boolean};
	readonly rehearsal?: Rehearsal;
}

/** What `takeover ip` needs is missing; words for the network and for the clients. */
const noAnnouncement = 'let the network pass it, or say takeover with a driver (docs/drivers.md)';

export function judgeAnnouncement(facts: AnnouncementFacts): Finding {
	const {device, obstacle, rehearsal} = facts;
	if (obstacle !== undefined) {
		if (obstacle.isFatal === true) return unusable(facts, obstacle.message, obstacle.hint);
		return finding(check, 'unknown', obstacle.message, obstacle.hint);
	}
	if (rehearsal?.peerMac === undefined) {
		const message = `${facts.peer} does not answer ARP on ${device}, so no takeover could be rehearsed`;
		return finding(check, 'unknown', message, `is ${facts.peer} up, and on the same segment?`);
	}
	const {address, used} = rehearsal;
	if (address === undefined) return judgeCrowd(facts, used);
	if (rehearsal.asked === 'yes') return judgeLearning(facts, rehearsal, address);
	if (rehearsal.asked === 'early' || !rehearsal.echo) {
		const message = `${facts.peer} answers no echo, so whether it accepts an announcement on ${device} is not known`;
		return finding(check, 'unknown', message, `permit ICMP echo between the nodes, then run it again`);
	}
	return judgeFilter(facts, rehearsal, 'anti-spoof: the network drops packets from addresses that it does not know');
}

/** Every candidate was answered for. */
function judgeCrowd(facts: AnnouncementFacts, used: ReadonlyMap<string, string>): Finding {
	const answering = new Set(used.values());
	if (answering.size === 1) {
		const [mac] = answering;
		return unusable(
			facts,
			`proxy ARP: ${mac} answers on ${facts.device} for every address, so an announcement decides nothing`,
		);
	}
	const message = `no free address was found on ${facts.device} to rehearse a takeover with`;
	return finding(check, 'unknown', message, 'run it again: other addresses are tried');
}

/** The peer got a packet from the address and asked who has it. */
function judgeLearning(facts: AnnouncementFacts, rehearsal: Rehearsal, address: string): Finding {
	const {device, peer} = facts;
	if (rehearsal.garp === true) {
		return finding(
			check,
			'ok',
			`${peer} learned by gratuitous ARP that ${address} is here: ${device} accepts announcements`,
		);
	}
	if (rehearsal.answer === true) {
		const message = `no gratuitous ARP: ${device} passes ordinary ARP and drops announcements, so neighbours learn of a takeover only when their entries run out`;
		return unusable(facts, message);
	}
	return judgeFilter(
		facts,
		rehearsal,
		'MAC lock: the network drops ARP for addresses that it does not tie to this machine',
	);
}

/** Unknown addresses are dropped. The virtual address may be an exception (an allowed address pair). */
function judgeFilter(facts: AnnouncementFacts, {sender, virtualEcho}: Rehearsal, what: string): Finding {
	const {virtualAddress} = facts;
	if (sender === true && virtualEcho !== false) {
		return finding(check, 'ok', `${what}, and lets ${virtualAddress} through`);
	}
	if (sender === undefined) {
		const message = `${what}; whether ${virtualAddress} is an exception cannot be tried here while another node may hold it`;
		return finding(
			check,
			facts.drivers.length > 0 ? 'ok' : 'warn',
			message,
			'run hapair doctor on the node that holds it',
		);
	}
	return unusable(
		facts,
		`${what}, ${virtualAddress} too`,
		`permit ${virtualAddress} for both machines, or say takeover with a driver (docs/drivers.md)`,
	);
}

function unusable({drivers}: AnnouncementFacts, message: string, hint = noAnnouncement): Finding {
	if (drivers.length === 0) return finding(check, 'fail', message, hint);
	return finding(
		check,
		'ok',
		`${message}; here ${drivers.map(name => `takeover ${name}`).join(' and ')} moves the address`,
	);
}

/** From the program's lines; undefined when it did not come to its end. */
export function readRehearsal(output: string): Rehearsal | undefined {
	const lines = output.split('\n').map(line => line.split(' '));
	const wordAfter = (name: string): string | undefined => lines.find(([word]) => word === name)?.[1];
	const peer = wordAfter('peer');
	const used = new Map(lines.filter(([word]) => word === 'used').map(([, address = '', mac = '']) => [address, mac]));
	if (peer === 'silent') return {echo: false, used};
	if (peer === undefined || wordAfter('end') !== 'yes') return undefined;
	const address = wordAfter('address');
	const asked = wordAfter('asked');
	const flag = <Name extends string>(name: Name, word: string): {readonly [key in Name]?: boolean} => {
		const value = wordAfter(word);
		return value === undefined ? {} : ({[name]: value === 'yes'} as {readonly [key in Name]: boolean});
	};
	return {
		peerMac: peer,
		echo: wordAfter('echo') === 'yes',
		used,
		...(address === undefined || address === 'none' ? {} : {address}),
		...(asked === 'yes' || asked === 'no' || asked === 'early' ? {asked} : {}),
		...flag('garp', 'garp'),
		...flag('answer', 'answer'),
		...flag('sender', 'sender'),
		...flag('virtualEcho', 'vipecho'),
	};
}
