/**
 * `npm run bench`: the engine beside haproxy and nginx on this machine, turn by turn.
 *
 * Decides what is measured and in which order: in each round every proxy once, so that whatever else the machine does touches all
 * of them. It reports and never judges: absolute figures are the machine's, only ratios within a run mean something.
 */
import {cpus, release} from 'node:os';
import {dirname} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {type Backend, startBackend} from './bench/backend.ts';
import {
	type Contender,
	type ContenderName,
	type Features,
	hapairMain,
	listContenders,
	type RunningProxy,
	startProxy,
} from './bench/contenders.ts';
import {IDLE_CONNECTIONS, type IdleMemory, measureIdleMemory} from './bench/idle-memory.ts';
import {type Figures, type Load, putLoad} from './bench/load.ts';
import {run, stop} from './bench/processes.ts';
import {formatIdle, formatLoad, formatStartUp, type Round} from './bench/report.ts';
import {measureStartUp} from './bench/start-up.ts';
import {SyslogSink} from './bench/syslog-sink.ts';
import {findPrograms, type Program} from './bench/tools.ts';
import {isWithin, MeasuringCommand} from './measuring-command.ts';

const command = new MeasuringCommand('bench');

const help = `Usage: npm run bench -- [--rounds N] [--seconds N] [--only NAME,…] [--json] [--no-install]

Measures hapair's engine beside Debian's haproxy and nginx on loopback, one thread each, with the cookie, forwardfor and
checks, and a log line a request except in "small" and "rules". CPU time is the proxy's alone. Root on Debian or Ubuntu: missing packages (haproxy,
nginx-light, wrk) are installed, their services are not started. Elsewhere what is missing is left out.

  --rounds N      rounds, 1 to 100 (5)
  --seconds N     length of each run under load, 1 to 60 (3)
  --only NAME,…   some of: small, log, close, large, upload, rules, idle, start
  --without NAME  leave a proxy out: haproxy, nginx
  --json          every round as JSON
  --no-install    use what is installed

Example: npm run bench -- --only small,large --rounds 9 --seconds 2
`;

/** Headers as a browser sends them; the cookie of a client that has been here before. */
const browser = [
	'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
	'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
	'Accept-Language: en-US,en;q=0.5',
];
const returning = [...browser, 'Cookie: session=1f0e9d8c7b6a; SERVERID=web1'];

interface Case {
	readonly title: string;
	readonly load: Load;
	readonly features: Features;
}

const KEPT = {connections: 32, headers: returning, closes: false} as const;
const MIB = 1_048_576;

const loads: ReadonlyMap<string, Case> = new Map<string, Case>([
	[
		'small',
		{
			title: 'small keep-alive requests (200 bytes, 32 connections, client with cookie)',
			load: {path: '/small', ...KEPT},
			features: {},
		},
	],
	[
		'log',
		{
			title: 'the same with option httplog to a UDP syslog',
			load: {path: '/small', ...KEPT},
			features: {logs: true},
		},
	],
	[
		'close',
		{
			title: 'one request a connection (200 bytes, 32 at a time, client without cookie)',
			load: {path: '/small', connections: 32, headers: browser, closes: true},
			features: {logs: true},
		},
	],
	[
		'large',
		{
			title: 'responses of 1 MiB (8 keep-alive connections, client with cookie)',
			load: {path: '/large', ...KEPT, connections: 8},
			features: {logs: true},
		},
	],
	[
		'upload',
		{
			title: 'requests of 1 MiB (8 keep-alive connections, client with cookie)',
			load: {path: '/upload', ...KEPT, connections: 8, uploadBytes: MIB},
			features: {logs: true},
		},
	],
	[
		'rules',
		{
			title: 'small requests behind 200 ACLs and 50 use_backend rules, none of which matches',
			load: {path: '/small', ...KEPT},
			features: {rules: true},
		},
	],
]);
const names = [...loads.keys(), 'idle', 'start'];
/** Before the first round: code gets compiled (3 s of 1 MiB bodies are too few requests for that), connections get made. */
const WARM_UP_SECONDS = 5;

interface Bench {
	readonly contenders: readonly Contender[];
	readonly programs: ReadonlyMap<Program, string>;
	readonly backend: Backend;
	readonly sink: SyslogSink;
	readonly logPort: number;
	readonly rounds: number;
	readonly seconds: number;
}

async function main(): Promise<number> {
	const {values} = parseArgs({
		options: {
			rounds: {type: 'string', default: '5'},
			seconds: {type: 'string', default: '3'},
			only: {type: 'string'},
			without: {type: 'string', multiple: true, default: []},
			json: {type: 'boolean', default: false},
			'no-install': {type: 'boolean', default: false},
			help: {type: 'boolean', short: 'h', default: false},
		},
	});
	if (values.help) return command.say(help);
	const rounds = Number(values.rounds);
	const seconds = Number(values.seconds);
	const chosen = values.only?.split(',') ?? names;
	if (!isWithin(rounds, 1, 100)) return command.complain('--rounds takes 1 to 100');
	if (!isWithin(seconds, 1, 60)) return command.complain('--seconds takes 1 to 60');
	const unknown = chosen.find(name => !names.includes(name));
	if (unknown !== undefined) return command.complain(`"${unknown}" is none of ${names.join(', ')}`);
	await run([process.execPath, fileURLToPath(new URL('build.mjs', import.meta.url)), dirname(hapairMain)]);
	const programs = findPrograms(!values['no-install'], text => command.note(text));
	const contenders = listContenders(programs).filter(({name}) => !values.without.includes(name));
	const backend = await startBackend(programs.get('nginx'));
	const sink = new SyslogSink();
	const bench: Bench = {contenders, programs, backend, sink, logPort: await sink.open(), rounds, seconds};
	try {
		await report(bench, chosen, values.json);
	} finally {
		sink.close();
		await stop(backend.process);
	}
	return 0;
}

async function report(bench: Bench, chosen: readonly string[], asJson: boolean): Promise<void> {
	const machine = await describeMachine(bench);
	const raw: Record<string, unknown> = {machine};
	const show = (
		name: string,
		rounds: readonly Round<unknown>[] | readonly ReadonlyMap<string, number>[],
		text: string,
	) => {
		raw[name] = rounds.map(round => Object.fromEntries(round));
		if (!asJson) command.say(`\n${text}`);
	};
	if (!asJson) command.say(`${machine}\n`);
	for (const [name, one] of loads) {
		if (!chosen.includes(name)) continue;
		const rounds = await measureLoad(bench, name, one);
		show(name, rounds, formatLoad(one.title, rounds));
	}
	if (chosen.includes('idle')) {
		const rounds = await measureIdle(bench);
		show('idle', rounds, formatIdle(`${IDLE_CONNECTIONS} idle keep-alive connections`, rounds));
	}
	if (chosen.includes('start')) {
		const rounds: Map<string, number>[] = [];
		for (let round = 0; round < bench.rounds; round++) {
			rounds.push(await measureStartUp(bench.programs.get('haproxy'), bench.backend.port, bench.logPort));
		}
		show('start', rounds, formatStartUp('process start', rounds));
	}
	if (asJson) command.say(`${JSON.stringify(raw)}\n`);
}

async function measureLoad(bench: Bench, name: string, one: Case): Promise<readonly Round<Figures>[]> {
	const {backend, logPort, rounds, seconds, programs, sink} = bench;
	const {load, features} = one;
	// nginx has no rules of this kind.
	const contenders = bench.contenders.filter(({name}) => !(features.rules && name === 'nginx'));
	const wrk = programs.get('wrk');
	const proxies: RunningProxy[] = [];
	const measured: Map<ContenderName, Figures>[] = [];
	try {
		for (const contender of contenders) proxies.push(await startProxy(contender, backend.port, logPort, features));
		for (const proxy of proxies) await warmUp(proxy, one, wrk, sink);
		for (let round = 1; round <= rounds; round++) {
			const figures = new Map<ContenderName, Figures>();
			for (const proxy of proxies) figures.set(proxy.name, await putLoad(proxy, load, seconds, wrk));
			measured.push(figures);
			const cpu = [...figures].map(([proxy, {userUs, systemUs}]) => `${proxy} ${(userUs + systemUs).toFixed(1)} µs`);
			process.stderr.write(`${name} ${round}/${rounds}: ${cpu.join(', ')}\n`);
		}
	} finally {
		for (const proxy of proxies) await stop(proxy.process);
	}
	return measured;
}

/** A proxy that logs nothing would be compared unfairly: it is an error. */
async function warmUp(proxy: RunningProxy, one: Case, wrk: string | undefined, sink: SyslogSink): Promise<void> {
	const before = sink.lines;
	await putLoad(proxy, one.load, WARM_UP_SECONDS, wrk);
	if (one.features.logs && sink.lines === before) throw new Error(`${proxy.name} sent no log line`);
}

async function measureIdle({contenders, backend, logPort, rounds}: Bench): Promise<readonly Round<IdleMemory>[]> {
	const measured: Map<ContenderName, IdleMemory>[] = [];
	for (let round = 0; round < rounds; round++) {
		const memory = new Map<ContenderName, IdleMemory>();
		for (const contender of contenders) {
			memory.set(contender.name, await measureIdleMemory(contender, backend.port, logPort));
		}
		measured.push(memory);
	}
	return measured;
}

async function describeMachine({programs, backend, rounds, seconds}: Bench): Promise<string> {
	const haproxy = programs.get('haproxy');
	const version = haproxy ? /version (\S+)/.exec(await run([haproxy, '-v']))?.[1] : undefined;
	const load = programs.has('wrk') ? 'wrk' : 'own client';
	const processors = cpus();
	return [
		`${processors.length} × ${processors[0]?.model ?? 'processor'}, Linux ${release()}, Node ${process.version}`,
		`haproxy ${version ?? '-'}, load by ${load}, web server ${backend.name}, ${rounds} rounds of ${seconds} s`,
	].join('; ');
}

await command.run(main);
