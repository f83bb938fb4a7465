/** The statistics page without HTTP: requests for it, accounts, forms, the HTML that programs read. */
import type {StatsPage} from '@hapair/config';
import test from 'ava';
import {ACTIONS, carryOutOrder} from '../../src/stats/order-actions.ts';
import {formatPage, type PageView} from '../../src/stats/page.ts';
import {formatAge, rowClass} from '../../src/stats/page-cells.ts';
import {isAllowed, isOwnForm, readOrder, readPageRequest} from '../../src/stats/page-request.ts';
import {CONFIGURATION, createRuntime} from '../helpers/runtime.ts';

const stats: StatsPage = {
	uri: '/hs',
	auth: [],
	realm: 'HAProxy Statistics',
	hideVersion: false,
	scope: [],
	showLegends: false,
	rules: [],
	admin: [],
};

test('any target that begins with the URI is the page’s, with what follows it', t => {
	t.is(readPageRequest('/hs', '/other'), undefined);
	const plain = {format: 'html', refreshes: true, hidesDown: false, outcome: '', scope: ''};
	t.deepEqual(readPageRequest('/hs', '/hs'), {...plain, format: 'html'});
	t.like(readPageRequest('/hs', '/hs;csv')!, {format: 'csv', refreshes: true});
	t.like(readPageRequest('/hs', '/hs/;csv;norefresh')!, {format: 'csv', refreshes: false});
	t.like(readPageRequest('/hs', '/hs;up;st=DONE')!, {hidesDown: true, outcome: 'DONE'});
	t.like(readPageRequest('/haproxy?stats', '/haproxy?stats;csv')!, {format: 'csv'});
	t.like(readPageRequest('/hs', '/hs?scope=a%2Fb+c')!, {scope: 'a/b c'});
});

test('accounts are asked for when there are any', t => {
	const header = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
	const page = {
		...stats,
		auth: [
			{user: 'a', password: 'b'},
			{user: 'c', password: 'd:e'},
		],
	};
	t.true(isAllowed(stats, undefined));
	t.true(isAllowed(page, header('a:b')));
	t.true(isAllowed(page, header('c:d:e').replace('Basic', 'basic')));
	for (const wrong of [undefined, '', 'Basic', header('a:c'), header('a'), header('b:b'), 'Bearer YTpi', 'Basic ?'])
		t.false(isAllowed(page, wrong), wrong);
});

test('a form of another site gives no orders', t => {
	t.true(isOwnForm(undefined, 'lb:80'));
	t.true(isOwnForm('http://LB:80', 'lb:80'));
	t.false(isOwnForm('https://elsewhere', 'lb:80'));
	t.false(isOwnForm('null', 'lb:80'));
});

test('a form names servers, an action and a backend by name or number', t => {
	const {configuration} = createRuntime();
	t.deepEqual(readOrder(configuration, 's=s1&s=s+2&action=maint&b=%233'), {
		backend: 0,
		servers: ['s1', 's 2'],
		action: 'maint',
	});
	t.is(readOrder(configuration, 's=s1&action=x&b=raw').backend, 1);
	t.is(readOrder(configuration, 's=s1&action=x&b=%2399').backend, -1);
	t.deepEqual(readOrder(configuration, '%zz&&='), {backend: -1, servers: [], action: ''});
});

test('every action of the page acts, those of 1.4 too', t => {
	const {runtime, states, table, told} = createRuntime();
	const order = (action: string, ...servers: string[]) => carryOutOrder(runtime, {backend: 0, servers, action});
	const status = () => states.statusOf(states.byIndex(0)!);
	const after: Record<string, string> = {
		maint: 'MAINT',
		drain: 'DRAIN 1/3',
		ready: 'UP 1/3',
		hnolb: 'NOLB',
		hdown: 'DOWN',
		hrunn: 'UP',
	};
	for (const [action, word] of Object.entries(after)) {
		t.is(order(action, 's1'), 'DONE', action);
		t.is(status(), word, action);
	}
	t.is(order('shutdown', 's1'), 'DONE');
	t.is(told.at(-1), 'endSessions lasting=false');
	t.is(order('dhlth', 's1'), 'DONE');
	t.is(told.at(-1), 'pause 0');
	t.is(order('ehlth', 's1'), 'DONE');
	t.is(told.at(-1), 'resume 0');
	for (const action of ACTIONS.keys()) t.not(order(action, 's1'), 'ERRP', action);
	t.is(order('stop', 's1'), 'DONE');
	t.is(table.serverWeight(0), 0);
	t.is(order('start', 's1'), 'DONE');
	t.is(table.serverWeight(0), 10);
	t.is(order('disable', 's1'), 'DONE');
	t.is(order('enable', 's1'), 'DONE');
});

test('what became of an order has HAProxy’s name', t => {
	const {runtime} = createRuntime();
	const order = (backend: number, action: string, ...servers: string[]) =>
		carryOutOrder(runtime, {backend, servers, action});
	t.is(order(0, 'ready'), 'NONE');
	t.is(order(0, '', 's1'), 'NONE');
	t.is(order(0, 'explode', 's1'), 'ERRP');
	t.is(order(-1, 'ready', 's1'), 'ERRP');
	t.is(order(0, 'ready', 'nope'), 'ERRP');
	t.is(order(0, 'ready', 's1', 'nope'), 'PART');
	t.is(order(0, 'hdown', 's3'), 'ERRP');
});

function render(view: Partial<PageView> = {}, text = CONFIGURATION) {
	const runtime = createRuntime(text);
	const request = readPageRequest('/hs', '/hs')!;
	const html = () =>
		formatPage(runtime.runtime.source(true), runtime.runtime.processFacts, {
			page: stats,
			request,
			owner: 'raw',
			isAdmin: false,
			...view,
		});
	return {...runtime, html};
}

test('the two lines that programs look for stand alone', t => {
	const lines = render().html().split('\n');
	t.true(lines.some(line => /HAProxy version 9\.9, released 2026\/01\/02/.test(line)));
	t.true(lines.some(line => /uptime = .*1d 1h01m01s/.test(line)));
	t.notRegex(render({page: {...stats, hideVersion: true}}).html(), /HAProxy version/);
});

test('each server has a row of its state’s class, with an anchor', t => {
	const {html, states} = render();
	states.record(0, {outcome: 'passed', status: 'L7OK', code: 200, durationMs: 1});
	const passed = html();
	t.regex(passed, /<tr class="frontend">.*<a name="in\/Frontend"><\/a>/);
	t.regex(
		passed,
		/<tr class="active_up">.*<a name="out\/s1"><\/a>.*<td class=ac>0s UP<\/td><td class=ac>L7OK\/200 in 1ms<\/td>/,
	);
	t.regex(passed, /<tr class="backup_going_down">.*out\/s2/);
	t.regex(passed, /<tr class="active_no_check">.*<i>no check<\/i>/);
	t.regex(passed, /<tr class="backend">.*<a name="out\/Backend"><\/a>/);
	states.setAdmin(states.byIndex(0)!, 'maint');
	t.regex(html(), /<tr class="maintain">.*out\/s1/);
});

test('classes follow the status', t => {
	const classes = (status: string, bck = 0) =>
		rowClass({type: 2, iid: 1, sid: 1, proxy: 'p', name: 's', values: {status, bck}});
	t.is(classes('DOWN 1/2'), 'active_going_up');
	t.is(classes('UP 1/3'), 'active_going_down');
	t.is(classes('DOWN', 1), 'backup_down');
	t.is(classes('NOLB 1/3', 1), 'backup_nolb');
	t.is(classes('DRAIN'), 'active_draining');
	t.is(classes('no check', 1), 'backup_no_check');
});

test('rows have as many cells as there are columns', t => {
	const rows =
		render()
			.html()
			.match(/<tr class="(?:frontend|backend|active|backup|maintain)[^"]*">.*<\/tr>/g) ?? [];
	const widths = rows.map(row =>
		[...row.matchAll(/<td([^>]*)>/g)].reduce((sum, [, text]) => sum + Number(/colspan=(\d+)/.exec(text!)?.[1] ?? 1), 0),
	);
	t.is(widths.length, 8);
	t.deepEqual([...new Set(widths)], [32]);
});

test('only who may give orders sees boxes and actions', t => {
	t.notRegex(render().html(), /<form|checkbox/);
	const html = render({isAdmin: true}).html();
	t.regex(html, /<input type="checkbox" name="s" value="s1">/);
	t.regex(html, /<select name=action>.*<option value="maint">/);
	t.regex(html, /name="b" value="#3"/);
});

test('scope, hidden servers and the word of the last order', t => {
	const names = (html: string) => [...html.matchAll(/<a class=px href="#(\w+)"/g)].map(([, name]) => name);
	t.deepEqual(names(render().html()), ['in', 'out', 'raw']);
	t.deepEqual(names(render({page: {...stats, scope: ['.', 'in']}}).html()), ['in', 'raw']);
	t.deepEqual(names(render({request: readPageRequest('/hs', '/hs?scope=ou')!}).html()), ['out']);
	const {html, states} = render({request: readPageRequest('/hs', '/hs;up;st=PART')!});
	states.setAdmin(states.byIndex(0)!, 'maint');
	t.notRegex(html(), /out\/s1/);
	t.regex(html(), /class="outcome_bad">Done for some/);
	t.notRegex(render({request: readPageRequest('/hs', '/hs;st=<b>')!}).html(), /outcome_[a-z]+">|<b>"/);
});

test('what the configuration says cannot become HTML', t => {
	const {html} = render({
		page: {...stats, description: '<script>"x"&\'', node: ''},
		request: readPageRequest('/hs', '/hs')!,
	});
	t.notRegex(html(), /<script>/);
	t.true(html().includes('on lb1: &#60;script&#62;&#34;x&#34;&#38;&#39;'));
});

test('ages name the two largest units', t => {
	t.deepEqual([0, 59, 61, 3700, 90_000].map(formatAge), ['0s', '59s', '1m1s', '1h1m', '1d1h']);
});
