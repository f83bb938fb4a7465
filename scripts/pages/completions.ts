/**
 * What bash, zsh and fish complete: commands, options and their values. Pure but for reading the command line.
 *
 * Decides by the placeholder what a value is: `<path>` and `[file]` are files, `<interface>` one of this machine; choices are words.
 */
import {type ArgumentFacts, type CommandFacts, describeProgram, type OptionFacts} from './command-line.ts';

export interface Completions {
	readonly bash: string;
	readonly zsh: string;
	readonly fish: string;
}

export function writeCompletions(): Completions {
	const {commands} = describeProgram();
	const all = [...commands.map(asOneWord), help(commands)];
	return {bash: writeBash(all), zsh: writeZsh(all), fish: writeFish(all)};
}

/** `help` is commander's own and stands in no list; it takes a command. */
function help(commands: readonly CommandFacts[]): CommandFacts {
	const choices = [...new Set(commands.map(({name}) => name.split(' ')[0]!))];
	const argument = {usage: '[command]', name: 'command', choices, description: ''};
	return {
		name: 'help',
		description: 'Show help for a command.',
		options: [],
		arguments: [argument],
		help: '',
		after: '',
	};
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

/** Of a word behind the command: a file, one of some words, or something that no shell knows. */
function kindOfArgument({name, choices}: ArgumentFacts): ValueKind {
	return kindOf({value: name === 'flags' ? 'file' : name, choices});
}

const note = 'Completion of hapair. Generated from the command line itself.';

function writeBash(commands: readonly CommandFacts[]): string {
	const names = (option: OptionFacts): string[] => [option.short, option.long].filter(name => name !== undefined);
	const replies = (kind: ValueKind, choices: readonly string[]): string =>
		({
			file: 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current")',
			interface: 'COMPREPLY=($(compgen -W "$(ls /sys/class/net 2>/dev/null)" -- "$current"))',
			word: `COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$current"))`,
			other: ':',
		})[kind];
	const values = commands.flatMap(command =>
		command.options.flatMap(option => {
			if (option.value === undefined) return [];
			const patterns = names(option).map(name => `${command.name}:${name}`);
			return [`\t\t${patterns.join('|')}) ${replies(kindOf(option), option.choices)};;`];
		}),
	);
	const options = commands.map(command => {
		const list = command.options.flatMap(names).join(' ');
		return `\t\t${command.name}) COMPREPLY=($(compgen -W "${list}" -- "$current"));;`;
	});
	const words = commands.flatMap(command =>
		command.arguments.map((argument, place) => {
			const pattern = `${command.name}:${argument.usage.includes('...') ? '*' : place}`;
			return `\t\t${pattern}) ${replies(kindOfArgument(argument), argument.choices)}; return;;`;
		}),
	);
	return `# ${note}
_hapair_value() {
	case "$command:$1" in
${values.join('\n')}
		*) return 1;;
	esac
}
_hapair() {
	local current=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]-} place=0 at
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W "${commands.map(({name}) => name).join(' ')} --help --version" -- "$current"))
		return
	fi
	for ((at = 2; at < COMP_CWORD; at++)); do
		if _hapair_value "\${COMP_WORDS[at]}"; then
			[ $((++at)) -lt "$COMP_CWORD" ] || return
		elif [[ \${COMP_WORDS[at]} != -* ]]; then
			place=$((place + 1))
		fi
	done
	COMPREPLY=()
	[[ $current == -* ]] || case "$command:$place" in
${words.join('\n')}
	esac
	case "$command" in
${options.join('\n')}
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
		const words = command.arguments.map((argument, at) => {
			const place = argument.usage.includes('...') ? '*' : `${at + 1}`;
			const value = {value: argument.name === 'flags' ? 'file' : argument.name, choices: argument.choices};
			return `'${place}:${text(argument.name)}:${action(value)}'`;
		});
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
			...words.map((argument, at) => {
				const kind = kindOfArgument(argument);
				// The first word behind the command is there at once, a later one when those before it are.
				const place = at === 0 ? '' : `; and test (count (commandline -opc)) -ge ${at + 2}`;
				const here = `-n '__fish_seen_subcommand_from ${name}${place}'`;
				if (kind === 'word') return `complete -c hapair ${here} -f -a ${quote(argument.choices.join(' '))}`;
				return `complete -c hapair ${here} ${kind === 'file' ? '-F' : '-f'}`;
			}),
		];
	});
	const own = ['help', 'version'].map(name => `complete -c hapair -n __fish_use_subcommand -l ${name}`);
	return `# ${note}\ncomplete -c hapair -f\n${[...own, ...lines].join('\n')}\n`;
}
