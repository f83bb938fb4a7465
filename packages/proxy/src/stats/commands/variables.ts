/**
 * Commands about variables of the process, its environment, and the modes that dangerous commands ask for.
 *
 * Decides arguments and answers (HAProxy manual, `get var`, `expert-mode`).
 */
import {parseExpression, parseFormat} from '@hapair/config';
import {processSource} from '../../patterns/preset-variables.ts';
import {compileExpression} from '../../rules/expression.ts';
import type {Sample} from '../../rules/sample.ts';
import {compileTemplate} from '../../rules/value-template.ts';
import {type Command, type CommandContext, CommandError, type ConversationState} from '../command.ts';

/** Anything that cannot be a variable is one that is not there. */
function getVariable({runtime}: CommandContext, [name]: readonly string[]): string {
	if (name === undefined) throw new CommandError('Missing process-wide variable identifier.');
	const value = name.startsWith('proc.') ? runtime.lookups.variable(name) : undefined;
	if (value === undefined) throw new CommandError('Variable not found.');
	return `${name}: type=${typeOf(value)} value=<${textOf(value)}>\n`;
}

function typeOf(value: Sample): string {
	if (typeof value === 'object') return value.family === 4 ? 'ipv4' : 'ipv6';
	return {string: 'str', number: 'sint', boolean: 'bool'}[typeof value as 'string'];
}

function textOf(value: Sample): string {
	return typeof value === 'object' ? value.text : String(typeof value === 'boolean' ? Number(value) : value);
}

/** `set var proc.x int(1)`, `set var proc.x fmt TEXT`. */
function setVariable({runtime, conversation}: CommandContext, [name, ...words]: readonly string[]): string {
	if (!conversation.isExperimental) throw new CommandError('This command is restricted to experimental mode only.');
	const text = words.join(' ');
	if (name === undefined || text === '') throw new CommandError('Missing process-wide variable identifier.');
	if (!/^proc\.[A-Za-z0-9_.]{1,64}$/.test(name)) {
		throw new CommandError(`'set var': cannot set variable '${name}', only scope 'proc' is permitted here.`);
	}
	const source = processSource(runtime.proxyFacts);
	const value = words[0] === 'fmt' ? evaluateFormat(words.slice(1).join(' '), source) : evaluate(words, source);
	if (value !== undefined) runtime.lookups.setVariable(name, value);
	return '';
}

type Source = ReturnType<typeof processSource>;

function evaluate(words: readonly string[], source: Source): Sample | undefined {
	const expression = parseExpression((words[0] === 'expr' ? words.slice(1) : words).join(' '));
	if ('problem' in expression) throw new CommandError(expression.problem);
	return compileExpression(expression).value(source);
}

function evaluateFormat(text: string, source: Source): string {
	const parts = parseFormat(text);
	if ('problem' in parts) throw new CommandError(parts.problem);
	return compileTemplate(text)(source);
}

function showEnvironment({runtime}: CommandContext, [name]: readonly string[]): string {
	const {environment} = runtime.proxyFacts;
	if (name === undefined) {
		return Object.entries(environment)
			.map(([key, value]) => `${key}=${value}\n`)
			.join('');
	}
	const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
	if (value === undefined) throw new CommandError('Variable not found');
	return `${name}=${value}\n`;
}

/** `expert-mode [on|off]`. Says how it is when nothing is to be changed. */
function mode(name: string, field: 'isExpert' | 'isExperimental', help: string): Command {
	return {
		name,
		usage: '[on|off]',
		help,
		level: 'admin',
		run({conversation}: {readonly conversation: ConversationState}, [to]) {
			if (to === undefined) return `${name} is ${conversation[field] ? 'ON' : 'OFF'}\n`;
			conversation[field] = to === 'on';
			return '';
		},
	};
}

export const variableCommands: readonly Command[] = [
	{
		name: 'get var',
		usage: '<name>',
		help: 'a variable of the process',
		level: 'admin',
		run: getVariable,
	},
	{
		name: 'set var',
		usage: '<name> <expression>|fmt <text>',
		help: 'changes a variable of the process; in experimental mode',
		level: 'admin',
		run: setVariable,
	},
	{
		name: 'show env',
		usage: '[<name>]',
		help: 'the environment of the process',
		level: 'operator',
		run: showEnvironment,
	},
	mode('expert-mode', 'isExpert', 'allows commands that are for experts'),
	mode('experimental-mode', 'isExperimental', 'allows commands that may change'),
];
