/**
 * The rows of the statistics page: cells, classes and anchors, as programs and style sheets know them from HAProxy.
 *
 * Pure. Decides one row of HTML from one row of the statistics. Leaves tables and the rest of the page to `page.ts`.
 */
import {cell, type Row, RowType} from './fields.ts';

/** Text that is safe between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
	return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}

export interface RowOptions {
	/** Servers can be chosen for an order. */
	readonly hasCheckboxes: boolean;
	/** More is told under the pointer. */
	readonly showLegends: boolean;
}

export function formatRow(row: Row, options: RowOptions): string {
	const cells = [
		checkbox(row, options),
		nameCell(row, options),
		...queueCells(row),
		number(row, 'rate'),
		number(row, 'rate_max'),
		row.type === RowType.frontend ? limit(row, 'rate_lim') : td(''),
		number(row, 'scur'),
		number(row, 'smax'),
		limit(row, 'slim'),
		td(value(row, 'stot'), legendOfSessions(row, options)),
		number(row, 'lbtot'),
		isOfClients(row) ? td('') : td(lastSession(row)),
		...['bin', 'bout', 'dreq', 'dresp', 'ereq', 'econ', 'eresp', 'wretr', 'wredis'].map(field => number(row, field)),
		...serverCells(row),
	];
	return `<tr class="${rowClass(row)}">${cells.join('')}</tr>\n`;
}

/** HAProxy 2.6's names; each has its colour. */
export function rowClass(row: Row): string {
	if (row.type === RowType.frontend) return 'frontend';
	if (row.type === RowType.socket) return 'socket';
	if (row.type === RowType.backend) return 'backend';
	const status = value(row, 'status');
	const side = value(row, 'bck') === '1' ? 'backup' : 'active';
	if (status.startsWith('MAINT')) return 'maintain';
	if (status === 'no check') return `${side}_no_check`;
	if (status.startsWith('DRAIN')) return `${side}_draining`;
	if (status.startsWith('NOLB')) return `${side}_nolb`;
	if (status === 'UP') return `${side}_up`;
	if (status === 'DOWN') return `${side}_down`;
	return status.startsWith('UP') ? `${side}_going_down` : `${side}_going_up`;
}

/** A frontend or one of its sockets. */
function isOfClients({type}: Row): boolean {
	return type === RowType.frontend || type === RowType.socket;
}

function checkbox(row: Row, {hasCheckboxes}: RowOptions): string {
	if (!hasCheckboxes || row.type !== RowType.server) return '<td></td>';
	return `<td><input type="checkbox" name="s" value="${escapeHtml(row.name)}"></td>`;
}

const ROW_NAMES: Readonly<Record<string, string>> = {FRONTEND: 'Frontend', BACKEND: 'Backend'};

function nameCell(row: Row, {showLegends}: RowOptions): string {
	const isOwnName = row.type === RowType.server || row.type === RowType.socket;
	const name = isOwnName ? row.name : (ROW_NAMES[row.name] ?? row.name);
	const anchor = escapeHtml(`${row.proxy}/${row.type === RowType.socket ? '+' : ''}${name}`);
	const legends = [
		['address', 'addr'],
		['cookie', 'cookie'],
		['balance', 'algo'],
	].flatMap(([title, field]) => (value(row, field!) === '' ? [] : [`${title}: ${value(row, field!)}`]));
	const title = showLegends && legends.length > 0 ? ` title="${escapeHtml(legends.join(', '))}"` : '';
	return `<td class=ac${title}><a name="${anchor}"></a><a class=lfsb href="#${anchor}">${escapeHtml(name)}</a></td>`;
}

function queueCells(row: Row): readonly string[] {
	if (isOfClients(row)) return ['<td colspan=3></td>'];
	const last = row.type === RowType.server ? limit(row, 'qlimit') : td('');
	return [number(row, 'qcur'), number(row, 'qmax'), last];
}

function legendOfSessions(row: Row, {showLegends}: RowOptions): string {
	if (!showLegends || value(row, 'hrsp_2xx') === '') return '';
	const classes = ['1xx', '2xx', '3xx', '4xx', '5xx', 'other'];
	return classes.map(name => `${name}: ${value(row, `hrsp_${name}`)}`).join(', ');
}

function lastSession(row: Row): string {
	const seconds = Number(value(row, 'lastsess'));
	return seconds < 0 ? '?' : formatAge(seconds);
}

function serverCells(row: Row): readonly string[] {
	const status = value(row, 'status');
	if (isOfClients(row)) return [centred(status), '<td class=ac colspan=8></td>'];
	const age = formatAge(Number(value(row, 'lastchg')));
	const isServer = row.type === RowType.server;
	const isChecked = value(row, 'chkfail') !== '';
	return [
		status === 'no check' ? '<td class=ac><i>no check</i></td>' : centred(`${age} ${status}`),
		centred(lastCheck(row)),
		centred(`${value(row, 'weight')}/${value(row, 'uweight')}`),
		centred(isServer ? yesOrNo(value(row, 'act')) : value(row, 'act')),
		centred(isServer ? yesOrNo(value(row, 'bck')) : value(row, 'bck')),
		...(isServer && !isChecked
			? ['<td colspan=3></td>']
			: [
					isServer ? number(row, 'chkfail') : td(''),
					number(row, 'chkdown'),
					td(value(row, 'downtime') === '' ? '' : formatAge(Number(value(row, 'downtime')))),
				]),
		centred(isServer ? value(row, 'throttle') || '-' : ''),
	];
}

/** `L7OK/200 in 1ms` */
function lastCheck(row: Row): string {
	const status = value(row, 'check_status');
	if (status === '') return '';
	const code = value(row, 'check_code') === '' ? '' : `/${value(row, 'check_code')}`;
	const duration = value(row, 'check_duration') === '' ? '' : ` in ${value(row, 'check_duration')}ms`;
	return status + code + duration;
}

/** The two largest units: `12s`, `3m4s`, `2h5m`, `1d2h`. */
export function formatAge(seconds: number): string {
	if (seconds < 60) return `${seconds}s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes}m${seconds % 60}s`;
	const hours = Math.floor(minutes / 60);
	return hours < 24 ? `${hours}h${minutes % 60}m` : `${Math.floor(hours / 24)}d${hours % 24}h`;
}

function value(row: Row, field: string): string {
	return cell(row, field);
}

function yesOrNo(text: string): string {
	return text === '1' ? 'Y' : '-';
}

function limit(row: Row, field: string): string {
	const text = value(row, field);
	return td(text === '' || text === '0' ? '-' : text);
}

function number(row: Row, field: string): string {
	return td(value(row, field));
}

function td(text: string, title = ''): string {
	return `<td${title === '' ? '' : ` title="${escapeHtml(title)}"`}>${escapeHtml(text)}</td>`;
}

function centred(text: string): string {
	return `<td class=ac>${escapeHtml(text)}</td>`;
}
