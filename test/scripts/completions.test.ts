/** The completions as shells run them. Where a shell is not installed its test counts as skipped. */
import {execFileSync, spawnSync} from 'node:child_process';
import test from 'ava';
import {describeProgram} from '../../scripts/pages/command-line.ts';
import {writeCompletions} from '../../scripts/pages/completions.ts';

const {bash, zsh, fish} = writeCompletions();
const has = (shell: string): boolean => spawnSync(shell, ['--version']).error === undefined;
const commands = [...new Set(describeProgram().commands.map(({name}) => name.split(' ')[0]!))];

/** What is typed, the last word perhaps half, and what is offered for it. */
const rows: readonly (readonly [typed: string, offered: readonly string[]])[] = [
	['hapair fai', ['failover']],
	['hapair run --log-level ', ['debug', 'info', 'warn', 'error']],
	['hapair maintenance ', ['on', 'off']],
	['hapair maintenance --for 2h o', ['on', 'off']],
	['hapair hooks ', ['test']],
	['hapair server ', []],
	['hapair server app/web1 ', ['ready', 'drain', 'maint']],
	['hapair server app/web1 dr', ['drain']],
	['hapair help maint', ['maintenance']],
	[`hapair import ${import.meta.filename.slice(0, -8)}`, [import.meta.filename]],
	['hapair sync --pu', ['--push', '--pull']],
];

test('bash offers what may follow', t => {
	const tries = rows.map(([typed]) => {
		const words = typed.split(' ').map(word => `'${word}'`);
		return `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _hapair 2>/dev/null; echo "\${COMPREPLY[*]}"`;
	});
	const script = `${bash}\ncompopt() { :; }\n${tries.join('\n')}\n`;
	const lines = execFileSync('bash', ['-c', script], {encoding: 'utf8'}).split('\n');
	for (const [at, [typed, offered]] of rows.entries()) t.deepEqual(words(lines[at]!), [...offered].sort(), typed);
});

(has('fish') ? test : test.skip)('fish offers what may follow', t => {
	const tries = rows.map(([typed]) => `echo (complete -C '${typed}' | string split -f 1 \\t)`);
	const lines = execFileSync('fish', ['-N', '-c', `${fish}\n${tries.join('\n')}\n`], {encoding: 'utf8'}).split('\n');
	for (const [at, [typed, offered]] of rows.entries()) t.deepEqual(words(lines[at]!), [...offered].sort(), typed);
});

test('zsh is told each place of a word once', t => {
	const lines = zsh.split('\n').filter(line => line.startsWith('\t\t('));
	t.deepEqual(
		lines.map(line => /\((.*?)\)/.exec(line)![1]),
		[...commands, 'help'],
	);
	for (const line of lines) {
		const places = [...line.matchAll(/'(\d|\*):/g)].map(([, place]) => place);
		t.deepEqual(places, [...new Set(places)], line.slice(0, 40));
	}
});

(has('zsh') ? test : test.skip)('zsh can read it', t => {
	t.is(execFileSync('zsh', ['-f', '-n'], {input: zsh, encoding: 'utf8'}), '');
});

function words(line: string): string[] {
	return line.split(' ').filter(Boolean).sort();
}
