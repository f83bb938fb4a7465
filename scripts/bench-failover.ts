/**
 * `npm run bench:failover`: how long clients are without service, event by event, as medians of several fresh pairs.
 *
 * Decides the order: in each round every event once, hapair and keepalived + haproxy (when both are installed) turn by turn, so
 * that a slow hour of the machine touches all of them. It reports and never judges; interrupted, it reports what it has. Events are in
 * `failover/events.ts`.
 */
import {parseArgs} from 'node:util';
import type {Family} from '../test/lab/families.ts';
import {sweepLabs} from '../test/lab/lab.ts';
import {maybeFindTool} from '../test/lab/tools.ts';
import {events, type Outage} from './failover/events.ts';
import {formatTable, type Result} from './failover/table.ts';
import {isWithin, MeasuringCommand, whyNot} from './measuring-command.ts';

const command = new MeasuringCommand('bench:failover');

const help = `Usage: npm run bench:failover -- [--rounds N] [--only WORD,…] [--ipv6 | --dual] [--alone] [--short]
                                      [--json] [--list]

Builds a pair in network namespaces again and again, breaks it under load and prints how long clients were without
service, for how long both nodes answered, and how often the address moved: medians of all rounds, with the smallest and the
largest outage. Root on Linux only. Debian's keepalived and haproxy are measured in the same rounds when they are installed, and
stand beside. A round takes about thirteen minutes, with --short six. Ctrl-C prints what there is so far.

  --rounds N      rounds, 1 to 100 (5)
  --only WORD,…   only the events whose name contains one of the words
  --ipv6          the nodes, the servers and the virtual address have IPv6 addresses alone
  --dual          both families everywhere; the nodes speak IPv4, clients ask for the virtual address of IPv4
  --alone         hapair alone, without keepalived
  --short         without the events that take a minute each
  --json          every outage as JSON
  --list          print the events and end

Example: npm run bench:failover -- --only power,planned --rounds 3
`;

async function main(): Promise<number> {
	const {values} = parseArgs({
		options: {
			rounds: {type: 'string', default: '5'},
			only: {type: 'string'},
			ipv6: {type: 'boolean', default: false},
			dual: {type: 'boolean', default: false},
			short: {type: 'boolean', default: false},
			alone: {type: 'boolean', default: false},
			json: {type: 'boolean', default: false},
			list: {type: 'boolean', default: false},
			help: {type: 'boolean', short: 'h', default: false},
		},
	});
	if (values.help) return command.say(help);
	const beside = !values.alone && ['keepalived', 'haproxy'].every(tool => maybeFindTool(tool) !== undefined);
	const words = values.only?.split(',');
	const chosen = events.filter(({name, program, isLong}) => {
		if (values.short && isLong) return false;
		return (beside || program === 'hapair') && (words?.some(word => name.includes(word)) ?? true);
	});
	if (values.list) return command.say(`${chosen.map(({name}) => name).join('\n')}\n`);
	const rounds = Number(values.rounds);
	if (!isWithin(rounds, 1, 100)) return command.complain('--rounds takes 1 to 100');
	if (chosen.length === 0) return command.complain('no event has such a name; see --list');
	if (process.getuid?.() !== 0)
		return command.complain('only root may make network namespaces: sudo npm run bench:failover');
	if (values.ipv6 && values.dual) return command.complain('--ipv6 or --dual, not both');
	report = results => {
		if (!values.json) return formatTable(results);
		return `${JSON.stringify(Object.fromEntries(results.map(({program, event, outages}) => [`${program} ${event}`, outages])))}\n`;
	};
	await measure(chosen, rounds, values.ipv6 ? 'ipv6' : values.dual ? 'dual' : 'ipv4');
	return command.say(report([...results.values()]));
}

/** What was measured so far, by the events' names. */
const results = new Map<string, Result>();
let report: ((results: readonly Result[]) => string) | undefined;

async function measure(chosen: typeof events, rounds: number, family: Family): Promise<void> {
	for (let round = 1; round <= rounds; round++) {
		for (const {name, program, event, run} of chosen) {
			const {outages, spoilt} = results.get(name) ?? {outages: [], spoilt: 0};
			try {
				const outage: Outage = await run(family);
				results.set(name, {program, event, outages: [...outages, outage], spoilt});
				process.stderr.write(`round ${round}/${rounds}  ${name}: ${outage.gapMs} ms\n`);
			} catch (error) {
				// One round that came to nothing is no reason to lose the others.
				results.set(name, {program, event, outages, spoilt: spoilt + 1});
				process.stderr.write(`round ${round}/${rounds}  ${name}: not measured (${whyNot(error)})\n`);
			}
		}
	}
}

await command.run(main, {
	soFar: () => (results.size === 0 ? undefined : report?.([...results.values()])) ?? '',
	cleanUp: sweepLabs,
});
