/**
 * Every scenario of `scenarios/` holds for hapair and for haproxy alike, driven by Debian's `varnishtest`.
 *
 * Keywords that today's haproxy refuses stand as macros: hapair reads the spelling of 1.4, haproxy today's.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {globSync, readFileSync} from 'node:fs';
import {availableParallelism, tmpdir} from 'node:os';
import {basename} from 'node:path';
import test from 'ava';
import {maybeFindTool} from '../lab/tools.ts';

const directory = new URL('.', import.meta.url).pathname;
const runner = maybeFindTool('varnishtest');
const haproxy = maybeFindTool('haproxy');
/** A missing program is reported test by test, by name; `npm test` as root on Linux counts it as a failure. */
const scenario = runner === undefined || haproxy === undefined ? test.skip : test;

interface Subject {
	readonly name: string;
	readonly program: string;
	readonly macros: Readonly<Record<string, string>>;
}

const subjects: readonly Subject[] = [
	{
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
			listen_inline: 'listen old 127.0.0.1:18082',
			frontend_inline: 'frontend older 127.0.0.1:18083,:18084',
		},
	},
	{
		name: 'haproxy',
		program: haproxy ?? '',
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
			listen_inline: 'listen old\n\t\tbind 127.0.0.1:18082',
			frontend_inline: 'frontend older\n\t\tbind 127.0.0.1:18083,:18084',
		},
	},
];

/** Runs one scenario; resolves with what varnishtest says when it fails, empty when it passes. */
async function play(file: string, {name, program, macros}: Subject): Promise<string> {
	const definitions = Object.entries(macros).map(([macro, value]) => `-D${macro}=${value}`);
	const child = spawn(runner!, ['-t', '30', ...definitions, file], {
		env: {...process.env, HAPROXY_PROGRAM: program, HAPAIR_NODE: process.execPath, TMPDIR: tmpdir()},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const output: string[] = [];
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', text => output.push(text));
	}
	const [code] = await once(child, 'close');
	return code === 0 ? '' : `${basename(file)} under ${name} ended with ${code}\n${excerpt(output.join(''))}`;
}

/** The failed expectations with what led to them: all of a log is thousands of lines. */
function excerpt(log: string): string {
	const lines = log.split('\n');
	const failed = lines.findIndex(line => line.startsWith('----'));
	return lines.slice(Math.max(0, failed - 25), failed < 0 ? undefined : failed + 5).join('\n');
}

const files = globSync(`${directory}scenarios/*.vtc`).sort();
/** Each test has two runs of its own, so half as many tests as processors. */
let free = Math.max(1, Math.floor(availableParallelism() / 2));
const waiting: (() => void)[] = [];

async function withPlace(work: () => Promise<void>): Promise<void> {
	while (free === 0) await new Promise<void>(resolve => waiting.push(resolve));
	free--;
	try {
		await work();
	} finally {
		free++;
		waiting.shift()?.();
	}
}

for (const file of files) {
	const title = /^varnishtest "(.*)"$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? basename(file);
	scenario(`${basename(file, '.vtc')}: ${title}`, t =>
		withPlace(async () => {
			const said = await Promise.all(subjects.map(subject => play(file, subject)));
			for (const failure of said) t.is(failure, '');
		}),
	);
}

test('There are scenarios, and each says what it proves', t => {
	t.true(files.length >= 12);
	const silent = files.filter(file => !/^# Proves: \w/m.test(readFileSync(file, 'utf8')));
	t.deepEqual(
		silent.map(file => basename(file)),
		[],
	);
});
