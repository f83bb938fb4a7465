/**
 * `npm run bench:admin`: does traffic at the admin address disturb a failover?
 *
 * Decides the order: in each round each event without the load and with it, turn by turn, so that a slow hour of the machine touches both.
 * It reports and never judges; interrupted, it reports what it has.
 */
import {parseArgs} from 'node:util';
import {sweepLabs} from '../test/lab/lab.ts';
import {type AdminFigures, adminEvents, measureEvent} from './admin/measure.ts';
import {formatAdminTable} from './admin/table.ts';
import {isWithin, MeasuringCommand, whyNot} from './measuring-command.ts';

const command = new MeasuringCommand('bench:admin');

const help = `Usage: npm run bench:admin -- [--rounds N] [--rate N] [--servers N] [--json]

Builds a pair with a thousand servers in network namespaces again and again and moves its address, planned and by a power cut, while the
admin address of one node is asked once a second for its metrics, or besides with the token a thousand times a second for the
status, the metrics, the history and a ping. Prints how long clients were without service, how long the metrics took, how late the
timers of the heartbeat and of the daemon were, and what the requests were answered. Root on Linux only. The load runs on the
same processors as the pair. A round takes about a minute and a half.

  --rounds N   rounds, 1 to 100 (3)
  --rate N     requests a second, 1 to 10000 (1000)
  --servers N  servers in the configuration, 0 to 60000 (1000)
  --json       every round as JSON

Example: npm run bench:admin -- --rounds 1
`;

/** What was measured so far. */
const results = adminEvents.map(({name: event}) => ({
	event,
	quiet: [] as AdminFigures[],
	loaded: [] as AdminFigures[],
}));
let report: (() => string) | undefined;

async function main(): Promise<number> {
	const {values} = parseArgs({
		options: {
			rounds: {type: 'string', default: '3'},
			rate: {type: 'string', default: '1000'},
			servers: {type: 'string', default: '1000'},
			json: {type: 'boolean', default: false},
			help: {type: 'boolean', short: 'h', default: false},
		},
	});
	if (values.help) return command.say(help);
	const [rounds, rate, servers] = [values.rounds, values.rate, values.servers].map(Number) as [number, number, number];
	if (!isWithin(rounds, 1, 100)) return command.complain('--rounds takes 1 to 100');
	if (!isWithin(rate, 1, 10_000)) return command.complain('--rate takes 1 to 10000');
	if (!isWithin(servers, 0, 60_000)) return command.complain('--servers takes 0 to 60000');
	if (process.getuid?.() !== 0)
		return command.complain('only root may make network namespaces: sudo npm run bench:admin');
	report = () => (values.json ? `${JSON.stringify(results)}\n` : formatAdminTable(results, rate));
	for (let round = 1; round <= rounds; round++) await playRound(`round ${round}/${rounds}`, rate, servers);
	return command.say(report());
}

async function playRound(title: string, rate: number, servers: number): Promise<void> {
	for (const [index, event] of adminEvents.entries()) {
		for (const [kind, perSecond] of [
			['quiet', 0],
			['loaded', rate],
		] as const) {
			try {
				const figures = await measureEvent(event, perSecond, servers);
				results[index]?.[kind].push(figures);
				process.stderr.write(`${title}  ${event.name}, ${perSecond} requests/s: ${figures.gapMs} ms\n`);
			} catch (error) {
				// One measurement that came to nothing is no reason to lose the others.
				process.stderr.write(`${title}  ${event.name}, ${perSecond} requests/s: not measured (${whyNot(error)})\n`);
			}
		}
	}
}

await command.run(main, {soFar: () => report?.() ?? '', cleanUp: sweepLabs});
