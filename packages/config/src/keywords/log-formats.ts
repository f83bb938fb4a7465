/**
 * Log lines and request names of one's own: `log-format`, `unique-id-format` and what belongs to them.
 *
 * Decides their spelling. Leaves variables and samples to `samples/format-text.ts`. HAProxy manual, "Custom log format".
 */
import type {ProxyDraft} from '../drafts.ts';
import {DFL, DFLB, type ProxyKeyword, type Statement} from '../keyword.ts';
import {isHeaderName, readFormatText} from './headers.ts';

/** Behind the keyword. */
const FORMAT = 'FORMAT, with %VARIABLE, %{+Q,+X,+E}VARIABLE and %[SAMPLE]';

function readFormat(keep: (draft: ProxyDraft, text: string) => void): (statement: Statement<ProxyDraft>) => void {
	return ({draft, cursor}) => {
		// These keywords are younger than 1.4: their text is read as today's whatever the rest of the file is.
		const text = readFormatText(cursor, 'the format', 'modern');
		if (text === undefined) return;
		keep(draft, text);
		cursor.finish(FORMAT);
	};
}

export const logFormatKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'log-format',
		sections: DFL,
		ignoredIn: ['backend'],
		syntax: `log-format ${FORMAT}`,
		summary: "A log line of one's own, with the variables of HAProxy 2.6; runs of spaces become one.",
		read: readFormat(({settings}, text) => {
			settings.logFormat = 'custom';
			settings.logText = text;
		}),
	},
	{
		scope: 'proxy',
		name: 'log-format-sd',
		sections: DFL,
		ignoredIn: ['backend'],
		syntax: `log-format-sd ${FORMAT}`,
		summary: 'Structured data of messages that go to a target with `format rfc5424`.',
		read: readFormat(({settings}, text) => {
			settings.structuredData = text;
		}),
	},
	{
		scope: 'proxy',
		name: 'log-tag',
		sections: DFLB,
		syntax: 'log-tag NAME',
		summary: "Program name in this proxy's syslog messages.",
		read({draft, cursor}) {
			const word = cursor.require('a word for the syslog header');
			if (word === undefined) return;
			if (!/^[\x21-\x7e]{1,128}$/.test(word.text)) {
				cursor.error(word, `'${word.text}' is not a word for the syslog header`, 'printable characters without blanks');
				return;
			}
			draft.settings.logTag = word.text;
			cursor.finish('NAME');
		},
	},
	{
		scope: 'proxy',
		name: 'unique-id-format',
		sections: DFL,
		ignoredIn: ['backend'],
		syntax: `unique-id-format ${FORMAT}`,
		summary: 'How the name of a request is made, for `%ID`, the sample `unique-id` and `unique-id-header`.',
		read: readFormat(({settings}, text) => {
			settings.uniqueIdFormat = text;
		}),
	},
	{
		scope: 'proxy',
		name: 'unique-id-header',
		sections: DFL,
		ignoredIn: ['backend'],
		syntax: 'unique-id-header NAME',
		summary: 'The header that tells the server the name of a request.',
		read({draft, cursor}) {
			const word = cursor.require('the name of the header');
			if (word === undefined) return;
			if (!isHeaderName(word.text)) {
				cursor.error(word, `'${word.text}' is not a header name`, 'letters, digits and -, without the colon');
				return;
			}
			draft.settings.uniqueIdHeader = word.text;
			cursor.finish('NAME');
		},
	},
];
