import test from 'ava';
import {exitCodes} from '../src/exit-codes.ts';
import {buildProgram, runCommandLine} from '../src/program.ts';
import {recordIo} from './helpers/record-io.ts';
import {runHapair} from './helpers/run-hapair.ts';

const commands = [
	'run',
	'reload',
	'upgrade',
	'check',
	'doctor',
	'status',
	'failover',
	'maintenance',
	'watch',
	'server',
	'drill',
	'why',
	'history',
	'hooks test',
	'init',
	'join',
	'keygen',
	'import',
	'sync',
	'witness',
	'proxy',
];

async function type(...argv: string[]) {
	const {io, out, err} = recordIo();
	const code = await runCommandLine(argv, io);
	return {code, out: out(), err: err()};
}

test('these are the commands', t => {
	const {io} = recordIo();
	t.deepEqual(
		buildProgram(io, async () => {}).commands.flatMap(command => {
			const own = command.commands.map(inner => `${command.name()} ${inner.name()}`);
			return own.length > 0 ? own : [command.name()];
		}),
		commands,
	);
});

for (const command of commands) {
	test(`${command} --help shows an example, the exit codes and how to get JSON`, async t => {
		const {code, out, err} = await type(...command.split(' '), '--help');
		t.is(code, exitCodes.ok);
		t.regex(out, new RegExp(`^Examples?:\\n  hapair ${command}`, 'm'));
		t.regex(out, /^Exit codes.*:\n {2}0 {2}\S/m);
		t.regex(out, /--json/);
		t.is(err, '');
	});
}

test('the exit codes in the help are those of the program', async t => {
	const {out} = await type('status', '--help');
	const told = [...out.matchAll(/^ {2}(\d+) {2}/gm)].map(match => Number(match[1]));
	t.deepEqual(told, Object.values(exitCodes));
});

interface Mistake {
	readonly argv: readonly string[];
	readonly message: string;
	readonly suggestion?: string;
	readonly help: string;
}

const mistakes: readonly Mistake[] = [
	{argv: ['statsu'], message: "unknown command 'statsu'", suggestion: '(Did you mean status?)', help: 'hapair --help'},
	{
		argv: ['status', '--jsno'],
		message: "unknown option '--jsno'",
		suggestion: '(Did you mean --json?)',
		help: 'hapair status --help',
	},
	{argv: ['status', 'extra'], message: "status takes no 'extra'", help: 'hapair status --help'},
	{argv: ['status', '--socket'], message: '--socket <path>: the value is missing', help: 'hapair status --help'},
	{
		argv: ['run'],
		message: 'no configuration: name the file with -f PATH (the service reads /etc/hapair/hapair.cfg)',
		help: 'hapair run --help',
	},
	{argv: ['check', '-f'], message: '-f, --file <path>: the value is missing', help: 'hapair check --help'},
	{argv: ['maintenance'], message: 'missing: on|off', help: 'hapair maintenance --help'},
	{argv: ['maintenance', 'maybe'], message: "'maybe' is not on|off", help: 'hapair maintenance --help'},
	{
		argv: ['failover', '--drain', 'x'],
		message: "'x' is not valid for --drain <time>. A time is a number with ms, s or m, at most one hour: 500ms, 2s.",
		help: 'hapair failover --help',
	},
	{
		argv: ['run', '-f', 'x', '--log-level', 'loud'],
		message: "'loud' is not valid for --log-level <level>. Allowed choices are debug, info, warn, error.",
		help: 'hapair run --help',
	},
];
for (const {argv, message, suggestion, help} of mistakes) {
	test(`hapair ${argv.join(' ')}: one sentence and where to look`, async t => {
		const {code, out, err} = await type(...argv);
		t.is(code, exitCodes.usage);
		t.is(out, '');
		const lines = [`hapair: ${message}`, ...(suggestion === undefined ? [] : [suggestion]), `  try: ${help}`];
		t.is(err.trimEnd(), lines.join('\n'));
	});
}

test('with --json a mistake on the command line is an object on stdout too', async t => {
	const {code, out} = await type('status', '--jsno', '--json');
	t.is(code, exitCodes.usage);
	t.deepEqual(JSON.parse(out), {ok: false, code: 2, message: "unknown option '--jsno' (Did you mean --json?)"});
});

test('nothing at all shows what there is', async t => {
	const {code, err} = await type();
	t.is(code, exitCodes.usage);
	for (const command of commands) t.true(err.includes(`  ${command.split(' ')[0]} `), command);
});

test('the version is told', async t => {
	t.deepEqual(await runHapair(t, ['--version']), {code: 0, out: 'hapair 0.1.0\n', err: ''});
});

test('no daemon: the exit code says so, the message says what to do', async t => {
	const {code, err} = await runHapair(t, ['status']);
	t.is(code, exitCodes.notRunning);
	t.is(
		err,
		'hapair: the daemon is not running: nobody answers on /nonexistent/hapair.sock\n' +
			'  start it with "systemctl start hapair" (where there is no pair yet, with "hapair init") or "hapair run -f FILE", or name its socket with --socket or HAPAIR_SOCKET\n',
	);
});
