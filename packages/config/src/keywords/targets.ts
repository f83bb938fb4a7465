/**
 * Backends that go where the client wanted to: `option http_proxy` and `option transparent`.
 *
 * Decides what the lines say. Each counts as a server of that name, which balancing leads to. HAProxy manual, `option http_proxy`,
 * `option transparent`.
 */
import type {ProxyDraft, ServerDraft} from '../drafts.ts';
import {DFLB, DLB, type ProxyKeyword, type SectionKind, type Statement} from '../keyword.ts';
import type {ServerTarget} from '../model.ts';

const NAMES = {uri: 'http_proxy', original: 'transparent'} as const;

function row(target: ServerTarget, name: string, sections: readonly SectionKind[], summary: string): ProxyKeyword {
	return {
		scope: 'proxy',
		name,
		sections,
		syntax: name.startsWith('option ') ? `[no] ${name}` : name,
		summary,
		invertible: name.startsWith('option '),
		read({draft, cursor, prefix}: Statement<ProxyDraft>) {
			const {target: said} = draft.settings;
			if (prefix === undefined) draft.settings.target = {kind: target, place: cursor.startPlace()};
			else if (said?.kind === target) delete draft.settings.target;
			cursor.finish();
		},
	};
}

/** The server that stands for the option. */
export function serverOfTarget({settings}: ProxyDraft): ServerDraft | undefined {
	const {target} = settings;
	if (target === undefined) return undefined;
	const address = {kind: 'ip', host: '0.0.0.0', port: 0} as const;
	return {name: NAMES[target.kind], place: target.place, address, portOffset: 0, target: target.kind, options: {}};
}

export const targetKeywords: readonly ProxyKeyword[] = [
	{
		...row(
			'uri',
			'option http_proxy',
			DFLB,
			'Forwards to the numeric address in an absolute URI; no name is resolved.',
		),
		only14: true,
	},
	row(
		'original',
		'option transparent',
		DLB,
		'Forwards to the address that the client connected to; a cookie goes before it.',
	),
	{...row('original', 'transparent', DLB, 'Spelling of `option transparent` in 1.4.'), invertible: false},
];
