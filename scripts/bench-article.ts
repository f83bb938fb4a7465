/**
 * `npm run bench:article`: the founding article's story with Debian's Apache and PHP, measured.
 *
 * Decides the order of the experiments and what is printed; it reports and never judges. The experiments are in `article/`. Whatever ends
 * it, nothing is left behind: namespaces, processes and files go with the lab, control groups with the servers.
 */
import {writeFileSync} from 'node:fs';
import {availableParallelism, loadavg} from 'node:os';
import {parseArgs} from 'node:util';
import {Lab, sweepLabs} from '../test/lab/lab.ts';
import {type AloneAndPair, compareAloneAndPair} from './article/alone-and-pair.ts';
import {type LostDatabase, loseDatabase} from './article/lost-database.ts';
import {measureCapacity} from './article/measure.ts';
import {queueLimits} from './article/pair-files.ts';
import {drawPicture} from './article/plot.ts';
import {compareQueueing, patienceMs, type Step} from './article/queueing.ts';
import {formatAloneAndPair, formatLostDatabase, formatSteps, pictureOf} from './article/report.ts';
import {findWebPrograms, type WebPrograms} from './article/requirements.ts';
import {buildServers, coresPerServer, debianWorkers, fewWorkers, paces, type Stage} from './article/stage.ts';
import {MeasuringCommand} from './measuring-command.ts';

const command = new MeasuringCommand('bench:article');

const help = `Usage: npm run bench:article -- [--short] [--svg FILE] [--json]

Runs Debian's Apache (prefork) with PHP and a database in network namespaces, each with ${coresPerServer} of a processor: one server
alone under twice the load it can carry, then a pair of load balancers with three servers behind; a database that goes down;
and a server with and without a queue before it under rising load. Prints throughput, waits, failures and load. Root on Linux only;
about eight minutes. A quiet machine with two processors or more.

  --short       two minutes: less exact
  --svg FILE    the picture of the last experiment
  --json        all figures as JSON; a wait that did not end is null

Example: npm run bench:article -- --svg article.svg
`;

interface Figures {
	/** Pages a second that one server answers. */
	readonly capacity: number;
	readonly aloneAndPair: AloneAndPair;
	readonly lostDatabase: LostDatabase;
	readonly steps: readonly Step[];
}

async function main(): Promise<number> {
	const {values} = parseArgs({
		options: {
			short: {type: 'boolean', default: false},
			svg: {type: 'string'},
			json: {type: 'boolean', default: false},
			help: {type: 'boolean', short: 'h', default: false},
		},
	});
	if (values.help) return command.say(help);
	if (process.getuid?.() !== 0)
		return command.complain('only root may make network namespaces: sudo npm run bench:article');
	const programs = findWebPrograms();
	if ('missing' in programs) {
		return command.complain(
			`Debian packages are missing: apt-get install --no-install-recommends ${programs.missing.join(' ')}\n` +
				'(without the recommended packages no web server is started)',
		);
	}
	if (availableParallelism() < 2)
		command.note('with one processor the servers, the load and the pair disturb each other');
	command.note(`load average of the machine before: ${loadavg()[0]?.toFixed(2)}; ${availableParallelism()} processors`);
	const figures = await measureAll(programs, values.short);
	if (values.svg !== undefined) {
		const limits = {maxconn: queueLimits.maxconn, workers: debianWorkers};
		writeFileSync(values.svg, drawPicture(pictureOf(figures.steps, figures.capacity, limits)));
	}
	return command.say(values.json ? `${JSON.stringify(figures, fromMaps)}\n` : format(figures));
}

async function measureAll(programs: WebPrograms, isShort: boolean): Promise<Figures> {
	const lab = new Lab();
	try {
		const stage: Stage = {
			lab,
			servers: buildServers(lab, programs),
			pace: paces[isShort ? 'short' : 'whole'],
			say: text => command.note(text),
		};
		const [first] = stage.servers;
		await first.start(fewWorkers);
		const capacity = await measureCapacity(lab, first, stage.pace.capacityMs);
		command.note(`one server answers ${capacity.toFixed(1)} pages a second`);
		const aloneAndPair = await compareAloneAndPair(stage, capacity);
		const lostDatabase = await loseDatabase(stage, capacity);
		return {capacity, aloneAndPair, lostDatabase, steps: await compareQueueing(stage, capacity)};
	} finally {
		lab.dispose();
	}
}

function format({capacity, aloneAndPair, lostDatabase, steps}: Figures): string {
	const server = `A server: Apache prefork with PHP, ${coresPerServer} of a processor, MaxRequestWorkers ${fewWorkers} (below: ${debianWorkers}); it answers ${capacity.toFixed(1)} pages a second.`;
	const parts = [formatAloneAndPair(aloneAndPair), formatLostDatabase(lostDatabase), formatSteps(steps, patienceMs)];
	return `${[server, ...parts.map(part => part.trimEnd())].join('\n\n')}\n`;
}

function fromMaps(_key: string, value: unknown): unknown {
	return value instanceof Map ? Object.fromEntries(value) : value;
}

await command.run(main, {cleanUp: sweepLabs});
