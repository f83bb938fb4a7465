/**
 * The demo itself: builds the lab, opens the door for the host, shows what happens, obeys commands, tidies up.
 *
 * Runs where namespaces may be made: as root, or as the root of a user namespace. The listening socket comes from
 * outside (`demo.ts`), because a user namespace has a loopback of its own.
 */
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {chmodSync, writeFileSync} from 'node:fs';
import {connect, type Server, type Socket} from 'node:net';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {Lab} from '../../test/lab/lab.ts';
import {spawnIn} from '../../test/lab/namespaces.ts';
import {addresses, type NodeRole, virtualAddress, type WebRole} from '../../test/lab/network.ts';
import type {LabStatus} from '../../test/lab/status.ts';
import {letPassMs, monotonicMs, waitFor} from '../../test/lab/wait.ts';
import {listenForCommands} from './commands.ts';
import type {FromRelay} from './relay.ts';
import {type DemoState, findMaster, renderChange, renderCommands, renderDashboards, renderScreen} from './view.ts';
import {Visits} from './visits.ts';

const relayProgram = fileURLToPath(new URL('relay.ts', import.meta.url));
const refreshMs = 250;
/** Of both nodes, inside the lab. */
const adminPort = 8404;
const nodeRoles = ['lb1', 'lb2'] as const;
const webRoles = ['web1', 'web2', 'web3'] as const;

/** Sockets of the host that listen, and the URLs under which they do. */
export interface DemoDoors {
	readonly site: Server;
	/** The admin addresses of both nodes. */
	readonly admins: readonly [Server, Server];
	readonly siteUrl: string;
	readonly adminUrls: readonly [string, string];
}

export interface DemoOptions {
	/** End after the first served visit. */
	readonly once: boolean;
	/** End by itself after so long; absent: never. */
	readonly seconds: number | undefined;
	/** Aborted by Ctrl-C and the like. */
	readonly signal: AbortSignal;
}

/** Runs the demo to its end and removes everything it made. */
export async function runDemo(doors: DemoDoors, options: DemoOptions): Promise<void> {
	const lab = new Lab('demo');
	try {
		await new Demo(lab, doors, options).run();
	} finally {
		for (const listener of [doors.site, ...doors.admins]) listener.close();
		await stopDaemons(lab);
		lab.dispose();
	}
}

class Demo {
	readonly #lab: Lab;
	readonly #doors: DemoDoors;
	readonly #options: DemoOptions;
	readonly #visits = new Visits();
	readonly #doorPath: string;
	readonly #token = randomBytes(12).toString('base64url');
	#lastChange = '';
	#drawnLines = 0;

	constructor(lab: Lab, doors: DemoDoors, options: DemoOptions) {
		this.#lab = lab;
		this.#doors = doors;
		this.#options = options;
		this.#doorPath = join(lab.directory, 'door.sock');
	}

	async run(): Promise<void> {
		const tokenFile = join(this.#lab.directory, 'admin.token');
		writeFileSync(tokenFile, `${this.#token}\n`);
		chmodSync(tokenFile, 0o600);
		const admin = `admin node:${adminPort} token file ${tokenFile} host localhost`;
		this.#lab.writeConfig({name: 'demo', lines: ['track frontend http-in', admin]});
		await Promise.all(webRoles.map(role => this.#lab.startWeb(role)));
		for (const node of nodeRoles) this.#lab.startDaemon(node);
		await this.#startRelay();
		this.#doors.site.on('connection', near => relay(near, this.#doorPath));
		for (const [index, node] of nodeRoles.entries())
			this.#doors.admins[index]?.on('connection', near => relay(near, `${this.#doorPath}.${node}`));
		const commands = listenForCommands(this.#lab.directory, words => this.#obey(words));
		try {
			await this.#waitForService();
			if (!process.stdout.isTTY) await this.#introduce();
			await this.#show();
		} finally {
			commands.close();
		}
	}

	async #startRelay(): Promise<void> {
		const argv = [process.execPath, relayProgram, this.#doorPath, virtualAddress, '80'];
		for (const node of nodeRoles) argv.push(`${this.#doorPath}.${node}`, addresses[node], String(adminPort));
		const namespace = this.#lab.network.namespaceOf('client');
		const relay = spawnIn(namespace, argv, {stdio: ['ignore', 'ignore', 'inherit', 'ipc']});
		relay.on('message', (message: FromRelay) => message.type === 'visit' && this.#visits.add(message.outcome));
		await once(relay, 'message');
	}

	async #waitForService(): Promise<void> {
		const served = () => this.#ended || this.#visits.summarize(monotonicMs()).lastWeb !== undefined;
		await waitFor('the first answer from the virtual address', served, {deadlineMs: 20_000}).catch(error => {
			const said = nodeRoles.map(node => `${node} said:\n${this.#lab.daemon(node).output.slice(-3000)}`);
			throw new Error(`${error instanceof Error ? error.message : error}\n${said.join('\n')}`);
		});
	}

	async #introduce(): Promise<void> {
		const state = await this.#observe();
		console.log(`hapair demo: open ${state.siteUrl}`);
		console.log(`  dashboard: ${renderDashboards(state)}`);
		for (const line of renderCommands(state)) console.log(`  ${line}`);
	}

	async #show(): Promise<void> {
		const {once: single, seconds} = this.#options;
		const endMs = seconds === undefined ? Number.POSITIVE_INFINITY : monotonicMs() + seconds * 1000;
		do {
			this.#draw(await this.#observe());
			if (single) return;
			await letPassMs(Math.max(0, Math.min(refreshMs, endMs - monotonicMs())));
		} while (!this.#ended && monotonicMs() < endMs);
	}

	get #ended(): boolean {
		return this.#options.signal.aborted;
	}

	#draw(state: DemoState): void {
		if (process.stdout.isTTY) {
			const lines = renderScreen(state).map(line => `${line}\u001B[K\n`);
			const up = this.#drawnLines > 0 ? `\u001B[${this.#drawnLines}A` : '\u001B[2J\u001B[H';
			this.#drawnLines = lines.length;
			process.stdout.write(up + lines.join(''));
			return;
		}

		const change = renderChange(state);
		if (change === this.#lastChange) return;
		this.#lastChange = change;
		const {longestGapMs, failed} = state.visits;
		console.log(`${new Date().toISOString()}  ${change}  longest pause ${longestGapMs} ms, failed ${failed}`);
	}

	async #observe(): Promise<DemoState> {
		const ask = (node: NodeRole): Promise<LabStatus | undefined> => this.#lab.readStatus(node).catch(() => undefined);
		const [lb1, lb2] = await Promise.all([ask('lb1'), ask('lb2')]);
		const pids = webRoles.map(role => [role, this.#lab.webPid(role)] as const);
		return {
			siteUrl: this.#doors.siteUrl,
			adminUrls: this.#doors.adminUrls,
			token: this.#token,
			nodes: {lb1, lb2},
			webPids: Object.fromEntries(pids) as Record<WebRole, number | undefined>,
			socketPaths: {lb1: this.#lab.socketPathOf('lb1'), lb2: this.#lab.socketPathOf('lb2')},
			visits: this.#visits.summarize(monotonicMs()),
		};
	}

	async #obey([verb = '', ...names]: readonly string[]): Promise<string> {
		if ((verb !== 'start' && verb !== 'kill') || names.length === 0) {
			return 'hapair demo: say "start" or "kill", then lb1, lb2, web1, web2, web3 or master';
		}

		const answers: string[] = [];
		for (const name of names) answers.push(await this.#obeyOne(verb, name));
		return answers.join('\n');
	}

	async #obeyOne(verb: 'start' | 'kill', name: string): Promise<string> {
		const role = name === 'master' ? findMaster(await this.#observe()) : name;
		const web = webRoles.find(candidate => candidate === role);
		const node = nodeRoles.find(candidate => candidate === role);
		if (web !== undefined) return this.#obeyWeb(verb, web);
		if (node !== undefined) return this.#obeyNode(verb, node);
		return name === 'master' ? 'no node is master now' : `${name} is not part of the demo`;
	}

	async #obeyWeb(verb: 'start' | 'kill', role: WebRole): Promise<string> {
		const pid = this.#lab.webPid(role);
		if (verb === 'kill') {
			this.#lab.killWeb(role);
			return pid === undefined ? `${role} is dead already` : `${role} (pid ${pid}) is killed`;
		}

		if (pid !== undefined) return `${role} runs already`;
		await this.#lab.startWeb(role);
		return `${role} runs again: pid ${this.#lab.webPid(role)}`;
	}

	#obeyNode(verb: 'start' | 'kill', role: NodeRole): string {
		if (verb === 'kill') {
			this.#lab.cutPower(role);
			return `${role} has lost its power: every process is killed and its cable pulled`;
		}

		if (this.#lab.maybeDaemon(role)?.running === true) return `${role} runs already`;
		return `${role} boots again: pid ${this.#lab.restorePower(role).pid}`;
	}
}

/** A polite end: each daemon releases and goes; who does not within the deadline is killed by `dispose`. */
async function stopDaemons(lab: Lab): Promise<void> {
	const daemons = nodeRoles.map(node => lab.maybeDaemon(node)).filter(daemon => daemon?.running === true);
	await Promise.all(daemons.map(daemon => daemon?.stop(3000).catch(() => {})));
}

/** One connection of the host, byte for byte to the client's namespace. */
function relay(near: Socket, doorPath: string): void {
	const far = connect({path: doorPath, allowHalfOpen: true});
	near.on('error', () => far.destroy());
	far.on('error', () => near.destroy());
	near.on('close', () => far.destroy());
	far.on('close', () => near.destroy());
	near.pipe(far).pipe(near);
}
