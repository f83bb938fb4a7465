/**
 * What bash, zsh and fish complete: commands, options and their values. Pure but for reading the command line.
 *
 * Decides by the placeholder what a value is: `<path>` and `[file]` are files, `<interface>` one of this machine; choices are words.
 */
import {type CommandFacts, describeProgram, type OptionFacts} from './command-line.ts';

export interface Completions {
	readonly bash: string;
	readonly zsh: string;
	readonly fish: string;
}

export function writeCompletions(): Completions {
	const commands = describeProgram().commands.map(asOneWord);
	return {bash: writeBash(commands), zsh: writeZsh(commands), fish: writeFish(commands)};
}

/** `hooks test` is completed as the command `hooks` with the argument `test`: shells look at the first word. */
function asOneWord(command: CommandFacts): CommandFacts {
	const [name = '', second] = command.name.split(' ');
	if (second === undefined) return command;
	const argument = {usage: `<${second}>`, name: 'command', choices: [second], description: command.description};
	return {...command, name, arguments: [argument, ...command.arguments]};
}

type ValueKind = 'file' | 'interface' | 'word' | 'other';

function kindOf({value, choices}: Pick<OptionFacts, 'value' | 'choices'>): ValueKind {
	if (choices.length > 0) return 'word';
	if (value === 'path' || value === 'file' || value === 'directory') return 'file';
	return value === 'interface' ? 'interface' : 'other';
}

const note = 'Completion of hapair. Generated from the command line itself.';

function writeBash(commands: readonly CommandFacts[]): string {
	const names = (option: OptionFacts): string[] => [option.short, option.long].filter(name => name !== undefined);
	const values = commands.flatMap(command =>
		command.options.flatMap(option => {
			const patterns = names(option).map(name => `${command.name}:${name}`);
			const kind = kindOf(option);
			if (option.value === undefined) return [];
			const reply = {
				file: 'compopt -o filenames; COMPREPLY=($(compgen -f -- "$current"))',
				interface: 'COMPREPLY=($(compgen -W "$(ls /sys/class/net 2>/dev/null)" -- "$current"))',
				word: `COMPREPLY=($(compgen -W "${option.choices.join(' ')}" -- "$current"))`,
				other: ':',
			}[kind];
			return [`\t\t${patterns.join('|')}) ${reply}; return;;`];
		}),
	);
	const words = commands.map(command => {
		const choices = command.arguments.flatMap(argument => argument.choices);
		const list = [...command.options.flatMap(names), ...choices].join(' ');
		const takesFile = command.arguments.some(({name}) => name === 'file' || name === 'flags');
		const files = takesFile ? ' compopt -o filenames; COMPREPLY+=($(compgen -f -- "$current"));' : '';
		return `\t\t${command.name}) COMPREPLY=($(compgen -W "${list}" -- "$current"));${files.replace(/;$/, '')};`.replace(
			/;*$/,
			';;',
		);
	});
	return `# ${note}
_hapair() {
	local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]-}
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W "${commands.map(({name}) => name).join(' ')} help --help --version" -- "$current"))
		return
	fi
	case "$command:$previous" in
${values.join('\n')}
	esac
	case "$command" in
${words.join('\n')}
	esac
}
complete -F _hapair hapair
`;
}

function writeZsh(commands: readonly CommandFacts[]): string {
	const action = (option: Pick<OptionFacts, 'value' | 'choices'>): string =>
		({
			file: '_files',
			interface: '_net_interfaces',
			word: `(${option.choices.join(' ')})`,
			other: ' ',
		})[kindOf(option)];
	const text = (sentence: string): string => sentence.replace(/[[\]:'\\]/g, ' ').replace(/\s+/g, ' ');
	const describe = (command: CommandFacts): string => {
		const options = command.options.map(option => {
			const names = [option.short, option.long].filter(name => name !== undefined);
			const value = option.value === undefined ? '' : `:${text(option.value)}:${action(option)}`;
			const body = `[${text(option.description)}]${value}`;
			return names.length === 2 ? `'*'{${names.join(',')}}'${body}'` : `'*${names[0]}${body}'`;
		});
		const words = command.arguments.map(
			argument =>
				`'*:${text(argument.name)}:${action({value: argument.name === 'flags' ? 'file' : argument.name, choices: argument.choices})}'`,
		);
		return `\t\t(${command.name}) _arguments -s ${[...options, ...words].join(' ')};;`;
	};
	return `#compdef hapair
# ${note}
_hapair() {
	if (( CURRENT == 2 )); then
		local -a commands=(
${commands.map(({name, description}) => `\t\t\t'${name}:${text(description)}'`).join('\n')}
		)
		_describe command commands
		return
	fi
	local command=$words[2]
	words=("\${(@)words[2,-1]}")
	(( CURRENT-- ))
	case $command in
${commands.map(describe).join('\n')}
	esac
}
_hapair "$@"
`;
}

function writeFish(commands: readonly CommandFacts[]): string {
	const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
	const lines = commands.flatMap(({name, description, options, arguments: words}) => {
		const inside = `-n '__fish_seen_subcommand_from ${name}'`;
		return [
			`complete -c hapair -n __fish_use_subcommand -f -a ${name} -d ${quote(description)}`,
			...options.map(option => {
				const short = option.short === undefined ? '' : ` -s ${option.short.slice(1)}`;
				const long = option.long === undefined ? '' : ` -l ${option.long.slice(2)}`;
				const value = {
					file: ' -r -F',
					interface: " -x -a '(ls /sys/class/net)'",
					word: ` -x -a ${quote(option.choices.join(' '))}`,
					other: option.value === undefined ? '' : ' -x',
				}[kindOf(option)];
				return `complete -c hapair ${inside}${short}${long}${value} -d ${quote(option.description)}`;
			}),
			...words.map(({name: word, choices}) => {
				if (choices.length > 0) return `complete -c hapair ${inside} -f -a ${quote(choices.join(' '))}`;
				return `complete -c hapair ${inside} ${word === 'file' || word === 'flags' ? '-F' : '-f'}`;
			}),
		];
	});
	return `# ${note}\ncomplete -c hapair -f\n${lines.join('\n')}\n`;
}
