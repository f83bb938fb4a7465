/**
 * The man pages: hapair(8), one page for each command, and hapair.cfg(5). Pure but for reading the command line and the keywords.
 *
 * Decides the layout in man(7)'s macros. The words are those of `--help` and of the table of keywords.
 */
import {KEYWORDS, type Keyword, type SectionKind} from '@hapair/config';
import {type CommandFacts, describeProgram, type OptionFacts, type ProgramFacts} from './command-line.ts';

export interface ManPage {
	/** `hapair-run.8` */
	readonly file: string;
	readonly text: string;
}

/** @param date of the source, `YYYY-MM-DD`: the same source gives the same page. */
export function writeManPages(version: string, date: string): ManPage[] {
	const program = describeProgram();
	const head = (title: string, section: number): string =>
		`.TH ${title.toUpperCase()} ${section} ${date} "hapair ${version}" "hapair"\n.ad l\n.nh\n`;
	return [
		{file: 'hapair.8', text: head('hapair', 8) + writeProgram(program)},
		...program.commands.map(command => ({
			file: `hapair-${dashed(command.name)}.8`,
			text: head(`hapair-${dashed(command.name)}`, 8) + writeCommand(command),
		})),
		{file: 'hapair.cfg.5', text: head('hapair.cfg', 5) + writeConfiguration(KEYWORDS)},
	];
}

function writeProgram({description, options, commands}: ProgramFacts): string {
	return [
		'.SH NAME',
		`hapair \\- ${toRoff(summarize(description))}`,
		'.SH SYNOPSIS',
		'.B hapair',
		'.I COMMAND',
		'[\\fIOPTION\\fR...]',
		'.SH DESCRIPTION',
		toRoff(description),
		'.SH COMMANDS',
		...commands.flatMap(command => [
			'.TP',
			`\\fBhapair\\-${toRoff(dashed(command.name))}\\fR(8)`,
			toRoff(command.description),
		]),
		'.SH OPTIONS',
		...options.flatMap(writeOption),
		'.SH FILES',
		...files.flatMap(([path, meaning]) => ['.TP', `.I ${toRoff(path)}`, toRoff(meaning)]),
		'.SH SEE ALSO',
		`.BR hapair.cfg (5),\n.BR ip (8),\n.BR nft (8),\n.BR systemd.service (5)`,
		'',
	].join('\n');
}

const files = [
	['/etc/hapair/hapair.cfg', 'the configuration, the same on both nodes'],
	['/etc/hapair/pair.key', 'the key that signs the heartbeat, mode 0600'],
	['/etc/default/hapair', 'more options for the service'],
	['/run/hapair/hapair.sock', 'the control socket, for root and the group hapair'],
	['/run/hapair-proxy', 'for unix sockets of bind and stats socket lines, which the proxy makes'],
	['/var/lib/hapair', 'history and terms'],
] as const;

function writeCommand(command: CommandFacts): string {
	const words = command.arguments.map(({usage}) => ` \\fI${toRoff(usage)}\\fR`).join('');
	const described = command.arguments.filter(({description}) => description !== '');
	return [
		'.SH NAME',
		`hapair\\-${toRoff(dashed(command.name))} \\- ${toRoff(summarize(command.description))}`,
		'.SH SYNOPSIS',
		`\\fBhapair ${toRoff(command.name)}\\fR [\\fIOPTION\\fR...]${words}`,
		'.SH DESCRIPTION',
		toRoff(command.description),
		...(described.length === 0 ? [] : ['.SH ARGUMENTS']),
		...described.flatMap(({usage, description}) => ['.TP', `.I ${toRoff(usage)}`, toRoff(description)]),
		'.SH OPTIONS',
		...command.options.flatMap(writeOption),
		...writeAfter(command.after),
		'.SH SEE ALSO',
		'.BR hapair (8),\n.BR hapair.cfg (5)',
		'',
	].join('\n');
}

function writeOption({short, long, value, choices, description, fallback}: OptionFacts): string[] {
	const names = [short, long].filter(name => name !== undefined).map(name => `\\fB${toRoff(name)}\\fR`);
	const placeholder = value === undefined ? '' : ` \\fI${toRoff(value)}\\fR`;
	const more = [
		...(choices.length === 0 ? [] : [`one of ${choices.join(', ')}`]),
		...(fallback === undefined || fallback === '' ? [] : [`default: ${fallback}`]),
	];
	return [
		'.TP',
		`${names.join(', ')}${placeholder}`,
		toRoff(`${[description, ...more].join('; ')}.`.replace(/\.\.$/, '.')),
	];
}

/** Examples and exit codes as they are, each under a heading of its own. */
function writeAfter(after: string): string[] {
	const output: string[] = [];
	let open = false;
	for (const line of after.split('\n')) {
		const heading = /^([A-Z][^\s:]*(?: codes)?)[^:]*:$/.exec(line)?.[1];
		if (heading !== undefined) {
			if (open) output.push('.EE');
			output.push(`.SH ${heading.toUpperCase()}`, '.EX');
			open = true;
		} else if (line !== '') output.push(toRoff(line.replace(/^ {2}/, '')));
	}
	return open ? [...output, '.EE'] : output;
}

const sections: readonly (readonly [Keyword['scope'], string])[] = [
	['pair', 'PAIR'],
	['global', 'GLOBAL'],
	['proxy', 'DEFAULTS, FRONTEND, LISTEN, BACKEND'],
	['userlist', 'USERLIST'],
	['http-errors', 'HTTP\\-ERRORS'],
];

function writeConfiguration(keywords: readonly Keyword[]): string {
	return [
		'.SH NAME',
		'hapair.cfg \\- configuration of hapair, in the language of haproxy.cfg',
		'.SH DESCRIPTION',
		'A section begins with its word, each further line is one keyword with its arguments, and # begins a comment.',
		'Both nodes have the same file: each knows itself by its address.',
		'.B hapair check \\-f',
		'.I FILE',
		'names every mistake at once.',
		'Letters behind a keyword tell in which of the sections defaults, frontend, listen and backend it stands.',
		...sections.flatMap(([scope, title]) => [
			`.SH "${title}"`,
			...keywords.filter(keyword => keyword.scope === scope).flatMap(writeKeyword),
		]),
		'.SH SEE ALSO',
		'.BR hapair (8),\n.BR hapair\\-check (8)',
		'',
	].join('\n');
}

function writeKeyword({scope, syntax, summary, sections: places}: Keyword): string[] {
	const letters = (['defaults', 'frontend', 'listen', 'backend'] satisfies SectionKind[])
		.filter(section => places.includes(section))
		.map(section => section.charAt(0).toUpperCase())
		.join(' ');
	return ['.TP', `\\fB${toRoff(syntax)}\\fR${scope === 'proxy' ? ` (${letters})` : ''}`, toRoff(summary)];
}

/** The line of NAME: no full stop, one line. */
function summarize(description: string): string {
	return description
		.replace(/\s+/g, ' ')
		.replace(/\.$/, '')
		.replace(/^[A-Z](?=[a-z ])/, letter => letter.toLowerCase());
}

/** What man(7) would take for a request or an escape. */
function toRoff(text: string): string {
	return (
		text
			.replaceAll('\\', '\\e')
			.replaceAll('-', '\\-')
			.replaceAll("'", '\\(aq')
			.replace(/^\./gm, '\\&.')
			// A line may break behind these.
			.replace(/(?<=\S)\|(?=\S)/g, '|\\:')
	);
}

/** `hooks test` has the page hapair-hooks-test(8). */
function dashed(name: string): string {
	return name.replaceAll(' ', '-');
}
