/**
 * The statistics page as HTML (HAProxy manual, `stats enable` and its kin).
 *
 * Pure. Decides the whole text. Two lines are read by programs and stay as they are: the one with `HAProxy version X, released` and the
 * one with `uptime = `. Leaves rows to `page-cells.ts` and HTTP to `engine/stats-handler.ts`.
 */
import type {StatsPage} from '@hapair/config';
import {ProcessColumn} from '../status-board.ts';
import {RowType} from './fields.ts';
import {formatUptime, type ProcessFacts, uptimeSeconds} from './info.ts';
import {ACTIONS} from './order-actions.ts';
import {escapeHtml, formatRow} from './page-cells.ts';
import type {PageRequest} from './page-request.ts';
import {rowsOf} from './rows.ts';
import {listProxies, type ShownProxy, type StatsSource} from './source.ts';

export interface PageView {
	readonly page: StatsPage;
	readonly request: PageRequest;
	/** The proxy whose page it is: `.` of `stats scope`. */
	readonly owner: string;
	/** Who asks may change servers. */
	readonly isAdmin: boolean;
}

/** The proxies that the page shows. */
export function shownProxies(source: StatsSource, {page, request, owner}: PageView): readonly ShownProxy[] {
	return listProxies(source.configuration).filter(
		({name}) =>
			(page.scope.length === 0 || page.scope.some(scope => name === (scope === '.' ? owner : scope))) &&
			name.includes(request.scope),
	);
}

export function formatPage(source: StatsSource, facts: ProcessFacts, view: PageView): string {
	const {page} = view;
	const node = page.node === undefined ? '' : ` on ${page.node || facts.node}`;
	const description = page.description === undefined ? '' : page.description || source.configuration.global.description;
	const title = `Statistics Report for pid ${facts.pid}${node}${description ? `: ${description}` : ''}`;
	return (
		`<!DOCTYPE html>\n<html><head><meta charset="iso-8859-1"><title>${escapeHtml(title)}</title>\n` +
		`<link rel="icon" href="data:,">\n<style>${STYLE}</style></head>\n<body>` +
		(page.hideVersion ? '' : `<h1>HAProxy version ${facts.version}, released ${facts.releaseDate}</h1>\n`) +
		`<h2>${escapeHtml(title)}</h2>\n<hr>\n` +
		formatGeneral(source, facts, view) +
		formatOutcome(view.request.outcome) +
		shownProxies(source, view)
			.map(proxy => formatProxy(source, proxy, view))
			.join('') +
		'</body></html>\n'
	);
}

function formatGeneral(source: StatsSource, facts: ProcessFacts, {page, request}: PageView): string {
	const {table, nowMs} = source;
	const {board, rates} = table;
	const uri = escapeHtml(page.uri);
	const link = (suffix: string, text: string) => `<li><a href="${uri}${suffix}">${text}</a>\n`;
	return (
		'<h3>&gt; General process information</h3>\n<table border=0><tr><td class=general>\n' +
		`<p><b>pid = </b> ${facts.pid} (process #1, nbproc = 1, nbthread = ${table.workerCount})<br>\n` +
		`<b>uptime = </b> ${formatUptime(uptimeSeconds(source))}<br>\n` +
		`<b>system limits:</b> memmax = unlimited; ulimit-n = ${facts.descriptorLimit}<br>\n` +
		`<b>maxsock = </b> ${facts.descriptorLimit}; <b>maxconn = </b> ${board.get(0, ProcessColumn.maxconn)}; <b>maxpipes = </b> 0<br>\n` +
		`current conns = ${table.connections}; conn rate = ${rates.read(rates.meter('process'), nowMs)}/sec<br>\n` +
		`</td><td>${LEGEND}</td><td class=general><b>Display option:</b><ul>\n` +
		(request.hidesDown ? link('', 'Show all servers') : link(';up', "Hide 'DOWN' servers")) +
		(page.refreshS === undefined
			? ''
			: request.refreshes
				? link(';norefresh', 'Disable refresh')
				: link('', 'Enable refresh')) +
		link('', 'Refresh now') +
		link(';csv', 'CSV export') +
		'</ul></td></tr></table>\n'
	);
}

const OUTCOMES: Readonly<Record<string, readonly [string, string]>> = {
	DONE: ['good', 'Done.'],
	NONE: ['none', 'Nothing was changed.'],
	PART: ['bad', 'Done for some of the servers; the others are not there any more.'],
	ERRP: ['bad', 'Nothing was changed: there is no such action, backend or server.'],
	EXCD: ['bad', 'Nothing was changed: too many servers at once.'],
	DENY: ['bad', 'Nothing was changed: you may not.'],
	UNKN: ['bad', 'It is not known what became of it.'],
};

/** Only words that we send ourselves are shown. */
function formatOutcome(outcome: string): string {
	const [style, text] = OUTCOMES[outcome] ?? [];
	return text === undefined ? '' : `<p class="outcome_${style}">${text}</p>\n`;
}

function formatProxy(source: StatsSource, proxy: ShownProxy, view: PageView): string {
	const hasServers = proxy.backendIndex >= 0 && source.configuration.backends[proxy.backendIndex]!.servers.length > 0;
	const isForm = view.isAdmin && hasServers;
	const name = escapeHtml(proxy.name);
	const rows = rowsOf(source, proxy, {
		iid: -1,
		types: -1,
		sid: -1,
		...(view.request.hidesDown ? {without: 'down'} : {}),
	});
	const mode = rows.find(({type}) => type !== RowType.server)?.values.mode ?? '';
	const title = view.page.showLegends ? ` title="mode: ${mode}, id: ${proxy.iid}"` : '';
	return (
		(isForm ? `<form method="post" action="${escapeHtml(view.page.uri)}">` : '') +
		`<table class="tbl" width="100%">\n<tr class="titre"><th class="pxname" width="10%"${title}><a name="${name}"></a>` +
		`<a class=px href="#${name}">${name}</a></th><th class="empty" width="90%"></th></tr>\n</table>\n` +
		`<table class="tbl" width="100%">\n${HEADINGS}` +
		rows.map(row => formatRow(row, {hasCheckboxes: isForm, showLegends: view.page.showLegends})).join('') +
		'</table>' +
		(isForm ? formatActions(proxy.iid) : '') +
		'<p>\n'
	);
}

function formatActions(iid: number): string {
	const options = [...ACTIONS].map(([name, {text}]) => `<option value="${name}">${text}</option>`).join('');
	return (
		'Choose the action to perform on the checked servers: ' +
		`<select name=action><option value=""></option>${options}</select>` +
		`<input type="hidden" name="b" value="#${iid}">&nbsp;<input type="submit" value="Apply"></form>`
	);
}

const HEADINGS = (() => {
	const groups: readonly (readonly [string, string])[] = [
		['Queue', 'Cur Max Limit'],
		['Session rate', 'Cur Max Limit'],
		['Sessions', 'Cur Max Limit Total LbTot Last'],
		['Bytes', 'In Out'],
		['Denied', 'Req Resp'],
		['Errors', 'Req Conn Resp'],
		['Warnings', 'Retr Redis'],
		['Server', 'Status LastChk Wght Act Bck Chk Dwn Dwntme Thrtle'],
	];
	const first = groups.map(([name, columns]) => `<th colspan=${columns.split(' ').length}>${name}</th>`).join('');
	const second = groups.flatMap(([, columns]) => columns.split(' ').map(column => `<th>${column}</th>`)).join('');
	return `<tr class="titre"><th rowspan=2></th><th rowspan=2></th>${first}</tr>\n<tr class="titre">${second}</tr>\n`;
})();

const COLOURS: readonly (readonly [string, string, string])[] = [
	['active_up', '#c0ffc0', 'active UP'],
	['active_going_down', '#ffffa0', 'active UP, going down'],
	['active_going_up', '#ffd020', 'active DOWN, going up'],
	['active_down', '#ff9090', 'active DOWN'],
	['active_nolb', '#20a0ff', 'active NOLB'],
	['active_draining', '#20a0ff', 'active DRAIN'],
	['active_no_check', '#e0e0e0', 'active, not checked'],
	['backup_up', '#b0d0ff', 'backup UP'],
	['backup_going_down', '#c060ff', 'backup UP, going down'],
	['backup_going_up', '#ff80ff', 'backup DOWN, going up'],
	['backup_down', '#ff9090', 'backup DOWN'],
	['backup_nolb', '#90b0e0', 'backup NOLB'],
	['backup_draining', '#cc9900', 'backup DRAIN'],
	['backup_no_check', '#e0e0e0', 'backup, not checked'],
	['maintain', '#c07820', 'in maintenance (MAINT)'],
];

const LEGEND = `<table class="lgd">${COLOURS.map(
	([name, , text]) => `<tr><td class="${name}">&nbsp;</td><td class="noborder">${text}</td></tr>`,
).join('')}</table>`;

const STYLE = `
body { font: 12px sans-serif; color: #000; background: #fff }
table { border-collapse: collapse } th, td { font-size: 11px }
.general { vertical-align: top; white-space: nowrap; padding-right: 2em }
.tbl td { text-align: right; border: 1px solid gray; padding: 0 3px; white-space: nowrap }
.tbl td.ac { text-align: center } .titre { background: #20d0d0 } .pxname { background: #b00040 }
.pxname a { color: #ff0 } .empty { visibility: hidden } .frontend, .socket { background: #e8e8d0 } .backend { background: #e8e8d0 }
.lgd td { border: 1px solid gray; padding: 0 1em } .lgd td.noborder { border: 0; padding: 0 4px }
.outcome_good { background: #c0ffc0 } .outcome_bad { background: #ff9090 }
${COLOURS.map(([name, colour]) => `.${name} { background: ${colour} }`).join('\n')}
`;
