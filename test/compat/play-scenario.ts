/**
 * Plays a scenario of `scenarios/` with Debian's `varnishtest`, under hapair or under haproxy.
 *
 * Decides what each program reads where they differ: keywords that today's haproxy refuses stand as macros; hapair reads
 * the spelling of 1.4, haproxy today's. Decides how many play at once. Leaves what is played to the tests.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {globSync, readFileSync} from 'node:fs';
import {availableParallelism, tmpdir} from 'node:os';
import {basename} from 'node:path';
import {maybeFindTool} from '../lab/tools.ts';
import {readScenario, type Scenario} from './scenario-head.ts';

const directory = new URL('.', import.meta.url).pathname;
const runner = maybeFindTool('varnishtest');
const haproxyProgram = maybeFindTool('haproxy');
/** A missing program is reported test by test, by name; `npm test` as root on Linux counts it as a failure. */
export const canPlay = runner !== undefined && haproxyProgram !== undefined;

export interface Subject {
	readonly name: string;
	readonly program: string;
	/** `OWN` stands for the address of the run. */
	readonly macros: Readonly<Record<string, string>>;
}

let runs = 0;

/** An address of loopback that no other run takes at the time, for ports that are written out (`${own}`). */
function takeLoopbackAddress(): string {
	runs++;
	return `127.${64 + (runs & 127)}.${(process.pid >> 8) & 255}.${process.pid & 255}`;
}

export const hapair: Subject = {
	name: 'hapair',
	program: `${directory}hapair-as-haproxy`,
	macros: {
		contimeout: 'contimeout',
		clitimeout: 'clitimeout',
		srvtimeout: 'srvtimeout',
		redispatch: 'redispatch',
		reqadd: 'reqadd X-Added:\\ by\\ the\\ proxy',
		reqdel: 'reqdel ^X-Secret:',
		reqidel: 'reqidel ^X-Other:',
		reqrep_path: 'reqrep ^([^\\ ]*)\\ /old/(.*) \\1\\ /new/\\2',
		reqirep_value: 'reqirep ^x-old:\\ old(.*) X-Old:\\ new\\1',
		rspadd: 'rspadd X-Via:\\ the\\ proxy',
		rspdel: 'rspdel ^X-Powered-By:',
		rspidel: 'rspidel ^server:',
		listen_inline: 'listen old OWN:18082',
		frontend_inline: 'frontend older OWN:18083,OWN:18084',
	},
};

export const haproxy: Subject = {
	name: 'haproxy',
	program: haproxyProgram ?? '',
	macros: {
		contimeout: 'timeout connect',
		clitimeout: 'timeout client',
		srvtimeout: 'timeout server',
		redispatch: 'option redispatch',
		reqadd: 'http-request add-header X-Added by\\ the\\ proxy',
		reqdel: 'http-request del-header X-Secret',
		reqidel: 'http-request del-header X-Other',
		reqrep_path: 'http-request replace-uri ^/old/(.*) /new/\\1',
		reqirep_value: 'http-request replace-header X-Old ^old(.*) new\\1',
		rspadd: 'http-response add-header X-Via the\\ proxy',
		rspdel: 'http-response del-header X-Powered-By',
		rspidel: 'http-response del-header Server',
		listen_inline: 'listen old\n\t\tbind OWN:18082',
		frontend_inline: 'frontend older\n\t\tbind OWN:18083,OWN:18084',
	},
};

/** Every scenario by the name of its file, without the ending. */
export function readScenarios(): ReadonlyMap<string, Scenario> {
	const files = globSync(`${directory}scenarios/*.vtc`).sort();
	return new Map(files.map(file => [basename(file, '.vtc'), readScenario(readFileSync(file, 'utf8'))]));
}

export const fileOf = (name: string): string => `${directory}scenarios/${name}.vtc`;

export interface Played {
	readonly passed: boolean;
	readonly log: string;
}

/** Plays one file; a run is ended after `deadlineS` seconds, and has failed then. What it leaves in `scratch` tells why. */
export async function play(
	file: string,
	{program, macros}: Subject,
	deadlineS: number,
	scratch = tmpdir(),
): Promise<Played> {
	const own = takeLoopbackAddress();
	const all = {
		own,
		ask: `${process.execPath} ${directory}ask-socket.ts`,
		full_backlog: `${process.execPath} ${directory}full-backlog.ts`,
		...macros,
	};
	const definitions = Object.entries(all).map(([macro, value]) => `-D${macro}=${value.replaceAll('OWN', own)}`);
	const child = spawn(runner!, ['-t', String(deadlineS), ...definitions, file], {
		env: {...process.env, HAPROXY_PROGRAM: program, HAPAIR_NODE: process.execPath, TMPDIR: scratch},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const output: string[] = [];
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', text => output.push(text));
	}
	const [code] = await once(child, 'close');
	return {passed: code === 0, log: output.join('')};
}

/** The failed expectations with what led to them: all of a log is thousands of lines. */
export function excerpt(log: string): string {
	const lines = log.split('\n');
	const failed = lines.findIndex(line => line.startsWith('----'));
	return lines.slice(Math.max(0, failed - 25), failed < 0 ? undefined : failed + 5).join('\n');
}

/** Lets as many tests of a file play at once as have processors, `each` of them a place. */
export function makePlaces(each: number): (work: () => Promise<void>) => Promise<void> {
	let free = Math.max(1, Math.floor(availableParallelism() / each));
	const waiting: (() => void)[] = [];
	return async work => {
		while (free === 0) await new Promise<void>(resolve => waiting.push(resolve));
		free--;
		try {
			await work();
		} finally {
			free++;
			waiting.shift()?.();
		}
	};
}
