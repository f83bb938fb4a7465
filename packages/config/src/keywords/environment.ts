/**
 * `setenv` and its kin, and variables of the process: what later lines and the running proxy find.
 *
 * Decides the order: each line holds for the lines behind it. HAProxy manual, `setenv`, `set-var`.
 */
import type {GlobalDraft} from '../drafts.ts';
import {GLOBAL, type GlobalKeyword, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import {readText} from '../readers.ts';
import {parseExpression} from '../samples/expression.ts';
import {readFormatText} from './headers.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,255}$/;

function readName(cursor: LineCursor): string | undefined {
	const word = cursor.require('the name of the environment variable', 'such as setenv NAME value');
	if (word === undefined || NAME.test(word.text)) return word?.text;
	cursor.error(word, `'${word.text}' is not the name of an environment variable`, 'letters, digits and _');
	return undefined;
}

function set(draft: GlobalDraft, name: string, value: string | undefined): void {
	draft.environment[name] = value ?? null;
	if (value === undefined) delete draft.surroundings[name];
	else draft.surroundings[name] = value;
}

/** `overwrites`: what is there already counts for nothing. */
function setting(name: string, summary: string, overwrites: boolean): GlobalKeyword {
	return {
		scope: 'global',
		name,
		sections: GLOBAL,
		syntax: `${name} NAME VALUE`,
		summary,
		read({draft, cursor}) {
			const variable = readName(cursor);
			const value = variable === undefined ? undefined : readText(cursor, 'the value');
			if (variable === undefined || value === undefined) return;
			if (overwrites || draft.surroundings[variable] === undefined) set(draft, variable, value);
			cursor.finish();
		},
	};
}

function removing(
	name: string,
	summary: string,
	removes: (variable: string, named: readonly string[]) => boolean,
): GlobalKeyword {
	return {
		scope: 'global',
		name,
		sections: GLOBAL,
		syntax: `${name} [NAME…]`,
		summary,
		read({draft, cursor}) {
			const named: string[] = [];
			while (cursor.peek() !== undefined) {
				const variable = readName(cursor);
				if (variable === undefined) return;
				named.push(variable);
			}
			for (const variable of Object.keys(draft.surroundings)) {
				if (removes(variable, named)) set(draft, variable, undefined);
			}
		},
	};
}

/** The name must be `proc.…`: no request is there yet. */
function readVariable(cursor: LineCursor): string | undefined {
	const word = cursor.require('the name of the variable', 'such as set-var proc.level int(1)');
	if (word === undefined) return undefined;
	const probe = parseExpression(`var(${word.text})`);
	if (!('problem' in probe) && word.text.startsWith('proc.')) return word.text;
	cursor.error(word, `'${word.text}' is not a variable of the process`, 'its name begins with proc.');
	return undefined;
}

function readSetVar({draft, cursor}: Statement<GlobalDraft>): void {
	const name = readVariable(cursor);
	const word = name === undefined ? undefined : cursor.require('the expression', 'such as int(1) or str(text)');
	if (name === undefined || word === undefined) return;
	const sample = parseExpression(word.text);
	if ('problem' in sample) cursor.error(word, sample.problem, sample.hint);
	else draft.variables.push({kind: 'set-var', name, sample});
	cursor.finish();
}

function readSetVarFormat({draft, cursor, syntax}: Statement<GlobalDraft>): void {
	const name = readVariable(cursor);
	const value = name === undefined ? undefined : readFormatText(cursor, 'the value', syntax);
	if (name === undefined || value === undefined) return;
	draft.variables.push({kind: 'set-var-fmt', name, value});
	cursor.finish();
}

export const environmentKeywords: readonly GlobalKeyword[] = [
	setting('setenv', 'Sets an environment variable for the lines below and the running proxy.', true),
	setting('presetenv', 'The same, unless it is set already.', false),
	removing('unsetenv', 'Removes environment variables.', (variable, named) => named.includes(variable)),
	removing('resetenv', 'Removes all environment variables but these.', (variable, named) => !named.includes(variable)),
	{
		scope: 'global',
		name: 'set-var',
		sections: GLOBAL,
		syntax: 'set-var proc.NAME EXPRESSION',
		summary: 'Gives a variable of the process its first value.',
		read: readSetVar,
	},
	{
		scope: 'global',
		name: 'set-var-fmt',
		sections: GLOBAL,
		syntax: 'set-var-fmt proc.NAME FORMAT',
		summary: 'The same with a text that has variables.',
		read: readSetVarFormat,
	},
];
