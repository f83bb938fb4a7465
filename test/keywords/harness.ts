/**
 * Rows of the HAProxy 1.4 keyword table, each proven by contrast: the same sections with the row's line and without it behave differently.
 *
 * Decides how cases become one haproxy.cfg for one `hapair proxy`, which all of them share: every case stands in it twice, under names of its own.
 * Leaves what is configured and what is looked at to the cases.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {waitFor} from '../lab/wait.ts';
import {startWebServer, type WebServer} from './servers.ts';

const program = fileURLToPath(new URL('../../packages/cli/bin/hapair.mjs', import.meta.url));

/** One of the two runs of a case. */
export interface Run {
	/** What `NAME` stands for in its sections. */
	readonly name: string;
	/** What `PORT` stands for, and the ports behind it up to `PORT9`. */
	readonly port: number;
	/** `PORT`, `PORT1` …: a case may have servers of its own on them. */
	readonly ports: readonly number[];
	readonly servers: readonly [WebServer, WebServer, WebServer];
	/** Log messages that hold the name, in order; `PRI`, tag and pid included. */
	lines(): readonly string[];
	/** Waits for the first message that matches. */
	line(pattern: RegExp): Promise<string>;
	/** A command of the stats socket. */
	command(text: string): Promise<string>;
	/** A cell of `show stat`. */
	cell(proxy: string, server: string, column: string): Promise<string>;
	/** The directory of the configuration. */
	readonly directory: string;
}

export interface Case {
	/** `group|keyword`, as in rows.tsv. */
	readonly rows: readonly string[];
	/** Sections. `NAME`, `PORT` and `PORT1`… are the run's own; `S1` to `S3` are ports of servers, `DIR` a directory; `LINE` is what the rows are about. */
	readonly config: string;
	readonly line: string;
	/** Instead of `line` in the other run; nothing unless given. */
	readonly without?: string;
	/** What is seen; compared with `sees` and `otherwise`. */
	readonly observe: (run: Run) => Promise<string>;
	readonly sees: string | RegExp;
	readonly otherwise: string | RegExp;
	/** Why both runs see the same: hapair always does what the line asks for. */
	readonly always?: string;
}

const PORTS_OF_A_RUN = 4;
/** Cases that run at a time. */
const AT_ONCE = 6;

export interface Group {
	readonly name: string;
	readonly cases: readonly Case[];
	/** Files beside the configuration. */
	readonly files?: Readonly<Record<string, string>>;
	/** Further lines of `global`. */
	readonly global?: string;
}

/** Makes a test of each case. */
export function runGroup({name, cases, files = {}, global = ''}: Group): void {
	const stage = new Stage();
	test.before(() => stage.open(cases, files, global));
	test.after.always(() => stage.close());
	for (const [index, one] of cases.entries()) {
		test(`${name}: ${one.rows.join(', ')}${cases.filter(({rows}) => rows.join() === one.rows.join()).length > 1 ? ` #${index}` : ''}`, async t => {
			await stage.turn(async () => {
				const [seen, otherwise] = await Promise.all([
					one.observe(stage.run(index, true)),
					one.observe(stage.run(index, false)),
				]);
				if (typeof one.sees === 'string') t.is(seen, one.sees, 'with the line');
				else t.regex(seen, one.sees, 'with the line');
				if (typeof one.otherwise === 'string') t.is(otherwise, one.otherwise, 'without the line');
				else t.regex(otherwise, one.otherwise, 'without the line');
				if (one.always === undefined) t.not(seen, otherwise);
			});
		});
	}
}

class Stage {
	#child: ChildProcess | undefined;
	#directory = '';
	#servers: WebServer[] = [];
	#ports: number[] = [];
	readonly #messages: string[] = [];
	readonly #log = createSocket('udp4');
	#said = '';
	#running = 0;
	readonly #waiting: (() => void)[] = [];

	async open(cases: readonly Case[], files: Readonly<Record<string, string>>, global: string): Promise<void> {
		this.#directory = mkdtempSync(join(tmpdir(), 'hapair-keywords-'));
		for (const [name, text] of Object.entries(files)) writeFileSync(join(this.#directory, name), text, 'latin1');
		this.#servers = await Promise.all(['s1', 's2', 's3'].map(startWebServer));
		await new Promise<void>(resolve => this.#log.bind(0, '127.0.0.1', resolve));
		this.#log.on('message', message => this.#messages.push(message.toString('latin1')));
		this.#ports = await findPorts(cases.length * 2 * PORTS_OF_A_RUN);
		const sections = cases.flatMap((one, index) => [
			this.#sectionsOf(one, index, true),
			this.#sectionsOf(one, index, false),
		]);
		const text = `global
    log 127.0.0.1:${this.#log.address().port} local0
    stats socket ${join(this.#directory, 'sock')} level admin
    nbthread 1
${this.#fill(global, 0)}
${DEFAULTS}
${sections.join('\n')}`;
		const file = join(this.#directory, 'haproxy.cfg');
		writeFileSync(file, text, 'latin1');
		const child = spawn(process.execPath, [program, 'proxy', '-db', '-f', file], {stdio: ['ignore', 'pipe', 'pipe']});
		this.#child = child;
		for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (this.#said += String(chunk)));
		const ended = once(child, 'exit').then(() => Promise.reject(new Error(this.#said)));
		const answers = waitFor(
			'the proxy to answer on its socket',
			async () => (await this.#command('show info')).includes('Name:'),
			{
				deadlineMs: 30_000,
			},
		);
		await Promise.race([answers, ended]);
		ended.catch(() => {});
	}

	async close(): Promise<void> {
		const child = this.#child;
		if (child !== undefined && child.exitCode === null) {
			const gone = new Promise(resolve => child.once('exit', resolve));
			child.kill('SIGKILL');
			await gone;
		}
		for (const server of this.#servers) server.close();
		this.#log.close();
		rmSync(this.#directory, {recursive: true, force: true});
	}

	/** Waits until few enough others run. */
	async turn(work: () => Promise<void>): Promise<void> {
		if (this.#running >= AT_ONCE) await new Promise<void>(resolve => this.#waiting.push(resolve));
		this.#running++;
		try {
			await work();
		} finally {
			this.#running--;
			this.#waiting.shift()?.();
		}
	}

	run(index: number, isWith: boolean): Run {
		const name = nameOf(index, isWith);
		const place = placeOf(index, isWith);
		const lines = () => this.#messages.filter(message => message.includes(name));
		return {
			name,
			port: this.#ports[place]!,
			ports: this.#ports.slice(place, place + PORTS_OF_A_RUN),
			servers: this.#servers as unknown as Run['servers'],
			directory: this.#directory,
			lines,
			line: pattern =>
				waitFor(`a message ${pattern}; there are ${lines().slice(-5).join('')}`, () =>
					lines().find(line => pattern.test(line)),
				),
			command: text => this.#command(text),
			cell: async (proxy, server, column) => cellOf(await this.#command('show stat'), proxy, server, column),
		};
	}

	#sectionsOf(one: Case, index: number, isWith: boolean): string {
		const config = one.config.replaceAll('LINE', () => (isWith ? one.line : (one.without ?? '')));
		return this.#fill(config.replaceAll('NAME', nameOf(index, isWith)), placeOf(index, isWith));
	}

	#fill(text: string, place: number): string {
		return text
			.replaceAll(/PORT(\d?)/g, (_, offset: string) => String(this.#ports[place + Number(offset)]))
			.replaceAll(/\bS([123])\b/g, (_, number: string) => String(this.#servers[Number(number) - 1]!.port))
			.replaceAll('LOG', () => `127.0.0.1:${this.#log.address().port}`)
			.replaceAll('DIR', this.#directory);
	}

	#command(text: string): Promise<string> {
		return new Promise(resolve => {
			let got = '';
			const socket = net.connect(join(this.#directory, 'sock'), () => socket.write(`${text}\n`));
			socket.on('data', chunk => (got += String(chunk)));
			socket.on('error', () => resolve(''));
			socket.on('close', () => resolve(got));
		});
	}
}

/** What every case has unless it says otherwise. */
export const DEFAULTS = `
defaults
    mode http
    log global
    option httplog
    option httpclose
    contimeout 5000
    clitimeout 20000
    srvtimeout 20000
    retries 1
`;

/** A run's name holds no digit that a pattern could take for something else, and none is the beginning of another. */
function nameOf(index: number, isWith: boolean): string {
	const letters = [...String(index).padStart(3, '0')].map(digit => 'abcdefghij'[Number(digit)]).join('');
	return `${isWith ? 'with' : 'less'}-${letters}`;
}

function placeOf(index: number, isWith: boolean): number {
	return (index * 2 + (isWith ? 0 : 1)) * PORTS_OF_A_RUN;
}

function cellOf(csv: string, proxy: string, server: string, column: string): string {
	const [header = '', ...lines] = csv.split('\n');
	const columns = header.replace(/^# /, '').split(',');
	const row = lines.map(line => line.split(',')).find(cells => cells[0] === proxy && cells[1] === server);
	return row?.[columns.indexOf(column)] ?? 'none';
}

/** Free ports below those that the kernel gives to clients: nobody takes them before the proxy does. Each process begins elsewhere. */
async function findPorts(count: number): Promise<number[]> {
	const ports: number[] = [];
	for (
		let port = 10_000 + ((process.pid * 700) % 21_000);
		ports.length < count;
		port = port < 32_000 ? port + 1 : 10_000
	) {
		if (await isFree(port)) ports.push(port);
	}
	return ports;
}

function isFree(port: number): Promise<boolean> {
	return new Promise(resolve => {
		const server = net.createServer();
		server.once('error', () => resolve(false));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
	});
}
