/**
 * What pairs of other programs are known to suffer from, and the tests that show that this pair does not.
 *
 * Decides nothing; `pains.test.ts` holds the list against docs/pains.md and against the titles of the tests. A row whose pain cannot be
 * shown by a test here says why in docs/operating.md, under "What no test shows".
 */
export interface Pain {
	/** As docs/pains.md has it. */
	readonly name: string;
	/** File and a part of a title in it. */
	readonly tests: readonly (readonly [file: string, part: string])[];
	/** The beginning of the line in docs/operating.md that says why there is no test, or what a test leaves open. */
	readonly untested?: string;
}

const lab = 'test/pair/';
const heartbeat = 'packages/heartbeat/test/';
const daemon = 'packages/cli/test/daemon/';
const hooks = 'packages/cli/test/hooks/';
const takeover = 'packages/takeover/test/';

export const pains: readonly Pain[] = [
	{
		name: 'The provider leaves the address at the wrong node',
		tests: [
			[`${takeover}blinks.test.ts`, 'after 1,000 blinks under lost, late and refused calls'],
			[`${lab}takeover-provider.test.ts`, 'the provider delivers to the master'],
		],
	},
	{
		name: 'A frozen machine wakes as a second master',
		tests: [
			[`${lab}frozen-heartbeat.test.ts`, "SIGSTOP of the master's heartbeat for 5 s: never two answer"],
			[`${lab}heartbeat-fencing.test.ts`, 'SIGSTOP of the master for 5 s: never two answer, and on waking'],
			[`${heartbeat}simulation.test.ts`, 'schedules of trouble violate no invariant'],
		],
	},
	{
		name: 'Neighbours keep the wrong hardware address',
		tests: [
			[`${lab}heartbeat-life.test.ts`, 'Neighbours learn the move without asking'],
			[`${lab}link-cut.test.ts`, 'Link between the nodes cut and healed: one master again, and clients reach it'],
			[`${heartbeat}election/master.test.ts`, '§5.6: when a second speaker has left, the master announces once more'],
		],
	},
	{
		name: 'The network splits the pair, or fails in one direction',
		tests: [
			[`${lab}drops.test.ts`, 'combinations of what can be cut'],
			[`${lab}link-cut.test.ts`, 'Master deaf to the backup'],
			[`${lab}witness.test.ts`, 'Link between the nodes cut, wholly or one way'],
		],
	},
	{
		name: 'There is no order to move the address',
		tests: [
			[`${lab}planned-failover.test.ts`, 'Planned failover there and back'],
			[`${lab}planned-failover.test.ts`, 'A failover asked on the backup moves the address too'],
			[`${heartbeat}election/commands.test.ts`, 'maintenance of a master hands over'],
		],
	},
	{
		name: 'Without preemption a sick master keeps the address',
		tests: [
			[
				`${heartbeat}election/master.test.ts`,
				'§5.3: a master that cannot serve yields at once to a fit peer, sticky or not',
			],
			[`${lab}killed-process.test.ts`, 'kill -9 of the proxy of the master'],
		],
	},
	{
		name: 'Weights add up to a failover that never happens',
		tests: [
			[`${heartbeat}rank.test.ts`, '§5.3: the rank is lexicographic'],
			['packages/cli/test/configuration/outcomes.test.ts', 'The preferred node has it first'],
		],
	},
	{
		name: 'The provider filters what a takeover needs',
		tests: [[`${lab}doctor.test.ts`, 'Hostile networks are named, and harmless ones raise no alarm']],
	},
	{
		name: 'Notify scripts run at once, out of order, or hang',
		tests: [
			[`${lab}hooks.test.ts`, 'Hooks run in order, and what a receiver did not take survives kill -9'],
			[`${hooks}queue.test.ts`, 'a hook that hangs is ended at its deadline'],
			[`${hooks}queue.test.ts`, 'a newer state supersedes the waiting older one'],
			[`${hooks}queue-file.test.ts`, 'kill -9 loses nothing'],
			[`${hooks}events.test.ts`, 'after two masters the one that stays is told master again'],
		],
	},
	{
		name: 'The two configurations drift apart',
		tests: [
			[`${daemon}status-report.test.ts`, 'different digests are drift'],
			[`${daemon}handover.test.ts`, 'is refused with the reason'],
		],
	},
	{
		name: 'A reload moves the address',
		tests: [
			[`${daemon}daemon.test.ts`, 'tells the heartbeat, which goes on; the address stays'],
			['packages/cli/test/reload/reload.test.ts', 'reloads under load lose no request'],
			[`${heartbeat}election/backup.test.ts`, '§5.8 hear before speak'],
		],
	},
	{
		name: 'Monitoring or a slow disk silences the heartbeat',
		tests: [
			[`${lab}heartbeat-life.test.ts`, 'A daemon that hangs for good does not silence the heartbeat'],
			['test/architecture/purity.test.ts', 'The heartbeat touches no disk while it runs'],
		],
	},
	{
		name: 'The event loop stalls',
		tests: [
			[`${heartbeat}takeover.test.ts`, '§5.7: a process that slept between two steps of a claim gives it up'],
			[`${heartbeat}election.test.ts`, '§5.7: a timer that is late'],
			[`${daemon}tracks/starvation.test.ts`, 'Timers that are late fail the track'],
			[
				`${lab}blocked-proxy.test.ts`,
				'The main thread of the proxy is blocked: its workers serve on and nothing moves',
			],
		],
	},
	{
		name: 'Nobody notices that the backup is gone',
		tests: [
			[`${hooks}events.test.ts`, 'solo and drift are no changes of state'],
			[`${heartbeat}election/master.test.ts`, 'Solo is said once when the peer falls silent'],
		],
	},
	{
		name: 'A killed program leaves the address behind',
		tests: [
			[`${lab}killed-process.test.ts`, 'kill -9 of the heartbeat of the master: never two answer'],
			[`${lab}heartbeat-fencing.test.ts`, 'A master is mute within its lease after'],
			[`${lab}heartbeat-life.test.ts`, 'What a killed master left is removed by its next life'],
		],
	},
	{
		name: 'Somebody else removes the address',
		tests: [[`${lab}heartbeat-life.test.ts`, 'An address that somebody removes is back at once, and said so']],
	},
	{
		name: 'A node that boots takes over before it hears',
		tests: [
			[`${lab}power-cut.test.ts`, 'A node that comes back after a power cut becomes backup'],
			[`${heartbeat}election/backup.test.ts`, '§5.8 hear before speak'],
		],
	},
	{
		name: 'A node without a network promotes itself',
		tests: [
			[`${lab}link-cut.test.ts`, "The master's cable is pulled: it gives the address up"],
			[`${daemon}tracks/interface.test.ts`, 'an interface passes while it is up with a carrier'],
			[`${lab}witness.test.ts`, 'The master is cut off from its peer and the witness at once'],
		],
	},
	{
		name: 'Living connections hang or die',
		tests: [
			[`${lab}planned-failover.test.ts`, 'Planned failover there and back'],
			[`${lab}second-chance.test.ts`, 'Downloads and WebSockets of both families live through'],
		],
		untested: '**Living connections hang or die.**',
	},
	{
		name: 'Another pair on the segment has the same id',
		tests: [
			[`${heartbeat}reception.test.ts`, 'A refusal is counted by its name'],
			[`${lab}doctor.test.ts`, 'Another pair of the same name on the segment is found'],
		],
	},
	{
		name: 'Anybody can speak for the peer',
		tests: [
			[`${lab}heartbeat-life.test.ts`, 'Malformed, replayed, foreign and oversized datagrams are counted'],
			[`${heartbeat}replay-guard.test.ts`, 'A recording of a replaced boot stays out'],
		],
	},
	{
		name: 'The clock is set and roles change',
		tests: [['test/architecture/purity.test.ts', 'The heartbeat knows no time of day']],
		untested: '**The clock is set and roles change.**',
	},
	{
		name: 'A check hangs and counts as healthy',
		tests: [
			[`${daemon}tracks/script.test.ts`, 'a script that hangs has failed'],
			[`${daemon}tracks/verdict.test.ts`, 'a track is unknown before its first result'],
		],
	},
	{
		name: 'The address flaps',
		tests: [
			[`${heartbeat}election/damping.test.ts`, 'Five times off and on for five seconds each'],
			[`${lab}delay.test.ts`, 'Advertisements up to 80 ms late, one in ten overtaken, one in ten twice: nobody claims'],
			[`${heartbeat}simulation.test.ts`, 'A broken rule is caught'],
		],
	},
	{
		name: 'The delay before a move back also delays a rescue',
		tests: [
			[`${heartbeat}timers.test.ts`, 'A voluntary move waits three intervals'],
			[`${heartbeat}election/damping.test.ts`, 'A node that cannot serve leaves at once, however often'],
		],
	},
	{
		name: 'The witness dies and takes the address along',
		tests: [[`${lab}witness.test.ts`, 'The witness dies: a healthy pair goes on']],
	},
	{
		name: "The provider's interface is slow and forgets",
		tests: [
			[`${takeover}blinks.test.ts`, 'after 1,000 blinks under lost, late and refused calls'],
			[`${takeover}reconciler.test.ts`, 'an order without an answer is looked after'],
		],
	},
	{
		name: 'A reload of the firewall cuts the heartbeat',
		tests: [
			[
				`${lab}heartbeat-life.test.ts`,
				'A flushed ruleset and routing rule are made again while the master goes on answering',
			],
			[`${lab}heartbeat-fencing.test.ts`, 'A firewall that drops the renewing copy does not silence the master'],
		],
	},
	{
		name: 'IPv6 takes half a minute, or fails at the overlap',
		tests: [
			[`${lab}heartbeat-life.test.ts`, 'Neighbours learn the move without asking'],
			[`${heartbeat}address-text.test.ts`, 'An IPv6 address: no detection'],
			[`${lab}ipv6.test.ts`, 'IPv6 alone: planned failover, a frozen heartbeat, a power cut'],
		],
	},
	{
		name: 'Scripts are a way in',
		tests: [
			[`${hooks}exec.test.ts`, 'the program is judged at each run anew'],
			[`${daemon}tracks/script.test.ts`, 'a program that others can write is not run'],
		],
	},
	{
		name: 'A stranger has the address already',
		tests: [[`${lab}foreign-host.test.ts`, 'A stranger has the address: no node claims it']],
	},
	{
		name: 'The list of peers is incomplete',
		tests: [
			['packages/config/test/validate-pair.test.ts', 'a pair has two nodes, one address and a key'],
			[`${heartbeat}reception.test.ts`, 'A refusal is counted by its name'],
		],
	},
];
