/** The statistics page: where it is, who may see and change it, and what it shows. */
import {ask, headerOf} from './client.ts';
import type {Case, Group, Run} from './harness.ts';
import {given, status, web} from './web-case.ts';

const page =
	(path = '/haproxy?stats') =>
	async ({port}: Run) =>
		ask(port, {path});
const isPage = /Statistics Report/;
const isNone = /^HTTP\/1\.1 200 Status/;
const EN = 'stats enable';
const stats: Case[] = [
	web('proxy|stats enable', EN, page(), isPage, isNone),
	web('proxy|stats uri', 'stats uri /st', page('/st'), isPage, isNone, EN),
	web('proxy|stats auth', 'stats auth ann:secret', status({path: '/haproxy?stats'}), '401', '200', EN),
	web(
		'proxy|stats realm',
		'stats auth ann:secret\n stats realm My\\ Own',
		given('www-authenticate', {path: '/haproxy?stats'}),
		'Basic realm="My Own"',
		'Basic realm="HAProxy Statistics"',
		'stats auth ann:secret',
	),
	web(
		'proxy|stats hide-version',
		'stats hide-version',
		async run => /<h1>.*?<\/h1>/s.exec(await page()(run))?.[0] ?? 'none',
		/^(?!.*version)/,
		/version/,
		EN,
	),
	web(
		'proxy|stats refresh',
		'stats refresh 7',
		async run => /refresh[^>]*content="?\d+/i.exec(await page()(run))?.[0] ?? headerOf(await page()(run), 'refresh'),
		/7/,
		'-',
		EN,
	),
	web('proxy|stats show-node', 'stats show-node here-it-is', page(), /here-it-is/, isPage, EN),
	web(
		'proxy|stats admin',
		'stats admin if TRUE',
		async ({port, name, cell}) => {
			await ask(port, {
				path: '/haproxy?stats',
				method: 'POST',
				body: `s=s1&action=disable&b=${name}`,
				headers: ['Content-Type: application/x-www-form-urlencoded'],
			});
			return cell(name, 's1', 'status');
		},
		'MAINT',
		'no check',
		EN,
	),
];

export const statsGroup: Group = {name: 'stats', cases: stats};
