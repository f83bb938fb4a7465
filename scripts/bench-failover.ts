/**
 * `npm run bench:failover`: how long clients are without service, event by event, as medians of several fresh pairs.
 *
 * Decides the order: in each round every event once, hapair and keepalived + haproxy (when both are installed) turn by turn, so
 * that a slow hour of the machine touches all of them. It reports and never judges. Events are in `failover/events.ts`.
 */
import {parseArgs} from 'node:util';
import type {Family} from '../test/lab/families.ts';
import {sweepLabs} from '../test/lab/lab.ts';
import {maybeFindTool} from '../test/lab/tools.ts';
import {events, type Outage} from './failover/events.ts';
import {formatTable} from './failover/table.ts';

const help = `Usage: npm run bench:failover -- [--rounds N] [--only WORD,…] [--ipv6 | --dual] [--alone] [--short]
                                      [--json] [--list]

Builds a pair in network namespaces again and again, breaks it under load and prints how long clients were without
service, for how long both nodes answered, and how often the address moved. Root on Linux only. Debian's keepalived and
haproxy are measured in the same rounds when they are installed. A round takes about eleven minutes, with --short four.

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
	if (values.help) return say(help);
	const beside = !values.alone && ['keepalived', 'haproxy'].every(tool => maybeFindTool(tool) !== undefined);
	const words = values.only?.split(',');
	const chosen = events.filter(({name, needs, isLong}) => {
		if (values.short && isLong) return false;
		return (beside || needs === undefined) && (words?.some(word => name.includes(word)) ?? true);
	});
	if (values.list) return say(`${chosen.map(({name}) => name).join('\n')}\n`);
	const rounds = Number(values.rounds);
	if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) return complain('--rounds takes 1 to 100');
	if (chosen.length === 0) return complain('no event has such a name; see --list');
	if (process.getuid?.() !== 0) return complain('only root may make network namespaces: sudo npm run bench:failover');
	if (values.ipv6 && values.dual) return complain('--ipv6 or --dual, not both');
	const outages = await measure(chosen, rounds, values.ipv6 ? 'ipv6' : values.dual ? 'dual' : 'ipv4');
	return say(values.json ? `${JSON.stringify(Object.fromEntries(outages))}\n` : formatTable(outages));
}

async function measure(
	chosen: typeof events,
	rounds: number,
	family: Family,
): Promise<ReadonlyMap<string, readonly Outage[]>> {
	const outages = new Map<string, Outage[]>();
	for (let round = 1; round <= rounds; round++) {
		for (const {name, run} of chosen) {
			try {
				const outage = await run(family);
				outages.set(name, [...(outages.get(name) ?? []), outage]);
				process.stderr.write(`round ${round}/${rounds}  ${name}: ${outage.gapMs} ms\n`);
			} catch (error) {
				// One round that a busy machine has spoilt is no reason to lose the others.
				const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
				process.stderr.write(`round ${round}/${rounds}  ${name}: not measured (${why})\n`);
			}
		}
	}
	return outages;
}

function say(text: string): number {
	process.stdout.write(text);
	return 0;
}

function complain(message: string): number {
	process.stderr.write(`bench:failover: ${message}\n`);
	return 64;
}

for (const [signal, number] of [
	['SIGINT', 2],
	['SIGTERM', 15],
] as const) {
	// Labs clean up when the process exits.
	process.on(signal, () => process.exit(128 + number));
}

try {
	process.exitCode = await main();
} catch (error) {
	process.exitCode = complain(error instanceof Error ? error.message : String(error));
} finally {
	if (process.platform === 'linux') sweepLabs();
}
